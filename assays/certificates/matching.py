"""What the labels of a certificate mean: samples by tag or external number, reference materials by name."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models.functions import Upper

from assays.catalogue.models import ReferenceMaterial
from assays.catalogue.queries import materials_by_key
from assays.catalogue.rules import LotState, MaterialKind, label_key, lot_state
from assays.certificates.models import LabelMapping, Upload
from assays.certificates.rules import Match
from assays.runs.models import Run, RunItem
from assays.runs.rules import RunState
from lims.errors import Place, Problem
from samples.registry.models import Batch, Sample
from samples.registry.rules import SampleState, read_tag
from samples.registry.sample_queries import samples_by_label

#: suggestions for one label, at most
MOST_SUGGESTIONS = 3
#: labels to compare a wrong one with, at most
MOST_COMPARED = 5000


@dataclass(slots=True)
class Found:
    """What one label was found to be, and what to say about it."""

    match: Match
    sample: Sample | None = None
    material: ReferenceMaterial | None = None
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def built_run_of(upload: Upload, labels: Sequence[str]) -> Run | None:
    """Return the run, built by the laboratory and begun, that a file reports; None when there is none.

    It is the one with the file's number, or the only one whose codes stand among the file's labels.
    """
    issued = upload.laboratory_id or upload.kept_by_id
    built = Run.objects.filter(laboratory=issued, kept_by=upload.kept_by_id, built_by__isnull=False)
    begun = built.exclude(state=RunState.PLANNED)
    if upload.number:
        named = begun.filter(number__iexact=upload.number).first()
        if named is not None:
            return named
    codes = {label.upper() for label in labels}
    items = RunItem.objects.annotate(code=Upper("label")).filter(run__in=begun.values("pk"), code__in=codes)
    found = sorted(set(items.values_list("run", flat=True)))
    return begun.get(pk=found[0]) if len(found) == 1 else None


def _items_of(run: Run | None) -> dict[str, RunItem]:
    """Return a built run's items by their codes in lower case; what a certificate added to it is matched anew."""
    if run is None:
        return {}
    items = RunItem.objects.filter(run=run, position__isnull=False).select_related(
        "sample__tag", "sample__batch", "material"
    )
    return {item.label.casefold(): item for item in items}


class Matcher:
    """Matches all labels of an upload with a constant number of queries."""

    def __init__(self, upload: Upload, labels: Sequence[str], on: date) -> None:
        self.on = on
        self.codes = _items_of(built_run_of(upload, labels))
        tested = Batch.objects.filter(
            parties__organisation=upload.kept_by_id, parties__part="TESTER"
        ).distinct()
        self.samples = samples_by_label(tested, labels)
        self.materials = materials_by_key(on)
        told = LabelMapping.objects.filter(kept_by=upload.kept_by_id)
        told = told.select_related("material", "sample__tag", "sample__batch")
        self.told = {row.label.casefold(): row for row in told}
        self.seen: set[str] = set()
        self.near = _Neighbours(tested, self.materials)

    def find(self, label: str, row: int) -> Found:
        """Return what the label in this row is; a second row of the same label is a question."""
        found = self._find(label, row)
        key = label.casefold()
        if (found.match == Match.SAMPLE or key in self.codes) and key in self.seen:
            message = f"“{label}” stands in this file more than once."
            remedy = "Say whether this row is a duplicate of it, or leave it out."
            found.problems.append(Problem("duplicate-id", message, remedy, Place(row=row)))
        self.seen.add(key)
        return found

    def _find(self, label: str, row: int) -> Found:
        item = self.codes.get(label.casefold())
        if item is not None:
            return _item(item, label, row)
        samples = self.samples.get(label, [])
        if len(samples) == 1:
            return _sample(samples[0], label, row)
        if samples:
            return self._several(samples, label, row)
        said = self.told.get(label.casefold())
        material = self.materials.get(label_key(label)) or self._material(said)
        if material is not None:
            return Found(Match(material.kind), material=material, warnings=_lot(material, self.on, row))
        problem = Problem(
            "id-unmatched",
            f"No sample that this laboratory tests is called “{label}”.",
            "Say what it is, or leave it out.",
            Place(row=row),
        )
        # A laboratory's own numbers begin anew with every job: what was said of a sample is offered, not taken.
        before = [_suggest(said.sample, "as it was said before")] if said and said.sample else []
        near = [one for one in self.near.to(label) if one["id"] not in {told["id"] for told in before}]
        return Found(Match.UNMATCHED, problems=[problem], suggestions=[*before, *near][:MOST_SUGGESTIONS])

    def _material(self, said: LabelMapping | None) -> ReferenceMaterial | None:
        """Return the lot in use on the file's day of a material that a label was said to be."""
        if said is None or said.material is None:
            return None
        return self.materials.get(label_key(said.material.code), said.material)

    def _several(self, samples: Sequence[Sample], label: str, row: int) -> Found:
        batches = ", ".join(sorted({sample.batch.code for sample in samples}))
        problem = Problem(
            "id-ambiguous",
            f"“{label}” names samples of several batches: {batches}.",
            "Say which one it is.",
            Place(row=row),
        )
        choices = [_suggest(sample, f"batch {sample.batch.code}") for sample in samples[:MOST_SUGGESTIONS]]
        return Found(Match.UNMATCHED, problems=[problem], suggestions=choices)


def _item(item: RunItem, label: str, row: int) -> Found:
    """Return what stands at a code in the rack."""
    if item.sample is None:
        return Found(Match(item.kind), material=item.material)
    return _sample(item.sample, label, row, match=Match(item.kind))


def _sample(sample: Sample, label: str, row: int, *, match: Match = Match.SAMPLE) -> Found:
    found = Found(match, sample=sample)
    if sample.state == SampleState.WITHDRAWN:
        message = f"“{label}” was withdrawn: its results count for nothing."
        found.warnings.append(Problem("sample-withdrawn", message, "Ask the owner.", Place(row=row)))
    return found


def _lot(material: ReferenceMaterial, on: date, row: int) -> list[Problem]:
    """Return what there is to say of a lot that could not be used any more on the day of analysis."""
    state = lot_state(material, on)
    if state not in {LotState.EXPIRED, LotState.RETIRED}:
        return []
    since = material.retired_on if state == LotState.RETIRED else material.expires_on
    word = "was retired on" if state == LotState.RETIRED else "was valid until"
    lot = f", lot {material.lot}," if material.lot else ""
    return [
        Problem(
            f"material-{state.lower()}",
            f"{material.code}{lot} {word} {since}; the file is of {on}.",
            "Check which lot was used, and add it to the library if it is another.",
            Place(row=row),
        )
    ]


def _suggest(sample: Sample, why: str) -> dict[str, Any]:
    return {"kind": "SAMPLE", "id": str(sample.pk), "label": str(sample), "why": why}


class _Neighbours:
    """What a label that nobody knows may have meant: near tags, external numbers and materials."""

    def __init__(self, batches: Any, materials: Mapping[str, ReferenceMaterial]) -> None:
        self.batches, self.materials = batches, materials
        self.known: dict[str, Sample] | None = None

    def _load(self) -> dict[str, Sample]:
        if self.known is None:
            rows = Sample.objects.filter(batch__in=self.batches, state=SampleState.REGISTERED)
            rows = rows.select_related("tag", "batch").prefetch_related("external_numbers")
            self.known = {}
            for sample in rows.order_by("-id")[:MOST_COMPARED]:
                self.known[sample.tag.code.casefold()] = sample
                for number in sample.external_numbers.all():
                    self.known[number.number.casefold()] = sample
        return self.known

    def to(self, label: str) -> list[dict[str, Any]]:
        """Return up to three suggestions, the nearest first."""
        known = self._load()
        text = label.casefold()
        near = difflib.get_close_matches(text, known, n=MOST_SUGGESTIONS, cutoff=0.8)
        found = [_suggest(known[name], _why(label, name)) for name in near]
        names = difflib.get_close_matches(label_key(label), self.materials, n=1, cutoff=0.7)
        for name in names:
            material = self.materials[name]
            kind = "a blank" if material.kind == MaterialKind.BLANK else "a reference material"
            found.append({"kind": material.kind, "id": str(material.pk), "label": material.code, "why": kind})
        return found[:MOST_SUGGESTIONS]


def _why(label: str, name: str) -> str:
    try:
        read_tag(label)
    except Exception:  # noqa: BLE001  # any refusal means the same here: it is no whole tag
        return f"written “{name.upper()}” there"
    return "a tag like it"
