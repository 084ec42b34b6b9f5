"""The owner's blind items as QC: read by the gate for the owner's own samples, and by nobody in the laboratory.

What an evaluation tells a laboratory treats a blind item as the plain sample that it looks like. Beside it stands, for
each owner with blind items in the run, what all items together say; only decisions about that owner's samples read it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from assays.catalogue.queries import materials_by_key
from assays.catalogue.rules import label_key
from assays.certificates.digests import plain
from assays.certificates.models import Determination
from assays.quality.evaluation import Thresholds, evaluate
from assays.quality.evidence import Evidence, Key
from assays.quality.rules import QcVerdict
from assays.runs.models import Run, RunItem
from samples.registry.models import BlindItem

#: sample → what it is in truth: kind, and material of the library (None where the library does not know it)
Truth = Mapping[UUID, tuple[str, UUID | None]]


def blind_in(run: Run) -> dict[UUID, Truth]:
    """Return for each owner the blind items in a run, by sample; two queries at most.

    One that was called so only after its results had come stays a sample: QC chosen by its results is none.
    """
    came = Determination.objects.filter(sample=OuterRef("sample")).order_by("certificate__committed_at")
    items = BlindItem.objects.filter(
        sample__in=RunItem.objects.filter(run=run, sample__isnull=False).values("sample")
    ).annotate(known_at=Subquery(came.values("certificate__committed_at")[:1]))
    before = items.filter(Q(known_at=None) | Q(known_at__gt=F("registered_at"))).order_by("pk")
    rows = list(before.values_list("sample__batch__owner", "sample", "kind", "material"))
    if not rows:
        return {}
    library = materials_by_key(timezone.localdate(run.submitted_at or run.created_at))
    found: dict[UUID, dict[UUID, tuple[str, UUID | None]]] = defaultdict(dict)
    for owner, sample, kind, name in rows:
        material = library.get(label_key(name))
        found[owner][sample] = (kind, material.pk if material is not None else None)
    return dict(found)


def unveiled(evidence: Evidence, truth: Truth) -> Evidence:
    """Return the evidence with blind items as what they are."""
    shown = {}
    for key, lines in evidence.lines.items():
        kept = []
        for line in lines:
            what = truth.get(line.what.sample) if line.what.sample is not None else None
            if what is not None:
                item = line.what._replace(kind=what[0], material=what[1], sample=None, stage="", blind=True)
                kept.append(line._replace(what=item))
            else:
                kept.append(line)
        shown[key] = kept
    return replace(evidence, lines=shown)


def owner_view(shown: Evidence, key: Key, thresholds: Thresholds) -> dict[str, Any]:
    """Return what all items together say of one method and analyte, as plain data; the marks are the blind items'."""
    blind = {str(line.what.item) for line in shown.lines[key] if line.what.blind}
    if not blind:
        return {}
    found = evaluate(shown, key, thresholds)
    marks = [mark for mark in found["marks"] if mark["item"] in blind]
    return {
        "verdict": found["verdict"],
        "reason": found["reason"],
        "withheld": found["withheld"],
        "blank_excess_ppm": plain(found["blank_excess_ppm"]),
        "marks": marks,
        # Who overrides in a laboratory does not know of these: an override never covers them.
        "blind_failed": any(mark["verdict"] == QcVerdict.FAIL for mark in marks),
    }


class Views:
    """What each owner's blind items add to the evaluations of a run."""

    def __init__(self, run: Run, evidence: Evidence) -> None:
        """Read who has blind items in the run."""
        self._shown = {owner: unveiled(evidence, truth) for owner, truth in blind_in(run).items()}

    def of(self, key: Key, thresholds: Thresholds) -> dict[str, Any]:
        """Return owner → what all items together say of one method and analyte; empty without blind items."""
        found = {
            str(owner): owner_view(shown, key, thresholds)
            for owner, shown in self._shown.items()
            if any(line.what.kind in {"SAMPLE", "DUPLICATE"} for line in shown.lines[key])
        }
        return {owner: view for owner, view in found.items() if view}
