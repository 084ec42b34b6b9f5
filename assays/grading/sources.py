"""Where everything in a case comes from: ids and versions, by tag. Kept with the decision."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from assays.catalogue.standing.marks import Measured, standing_marks
from assays.grading.models import Exclusion
from assays.grading.rules import When
from assays.quality.queries import Preferred
from samples.registry.models import Sample

Values = Mapping[UUID, Mapping[str, Preferred]]


def stands(exclusion: Exclusion) -> bool:
    """Return whether an exclusion counts: one made after results were visible needs a second person."""
    return exclusion.when == When.BEFORE or exclusion.second_by_id is not None


def sources_of(
    samples: Sequence[Sample],
    values: Values,
    left_out: Mapping[UUID, Exclusion],
    incidents: Mapping[UUID, Sequence[Any]],
    dry: Mapping[UUID, tuple[UUID, Decimal]],
    used: Sequence[Preferred],
    reported: list[str],
) -> dict[str, Any]:
    """Return where everything in the case comes from, by tag: ids and versions."""
    tags = {sample.pk: sample.tag.code for sample in samples}
    return {
        "reported": reported,
        "determinations": {
            tags[pk]: {name: _determination(one) for name, one in sorted(found.items())}
            for pk, found in values.items()
            if found
        },
        "certificates": _certificates(used),
        "qc": _evaluations(used),
        "exclusions": [
            {
                "sample": tags[pk],
                "when": one.when,
                "reason": one.reason,
                "counts": stands(one),
            }
            for pk, one in sorted(left_out.items(), key=lambda pair: tags[pair[0]])
        ],
        "incidents": {
            tags[pk]: [str(one.pk) for one in found] for pk, found in incidents.items() if pk in tags
        },
        "moisture": {tags[pk]: str(found) for pk, (found, _) in sorted(dry.items())},
    }


def _determination(one: Preferred) -> list[Any]:
    ids = [one.determination.pk, *(twin.pk for twin in one.duplicates)]
    return [ids, one.determination.method_code, one.basis, one.reason]


def _certificates(used: Sequence[Preferred]) -> list[dict[str, Any]]:
    found = {one.certificate.pk: one for one in used}
    marks = _marks(used)
    rows = []
    for pk, used_one in found.items():
        one, run = used_one.certificate, used_one.run
        row: dict[str, Any] = {
            "id": str(pk),
            "number": one.number,
            "version": one.version,
            "sha256": one.sha256,
            "laboratory": run.laboratory.name,
            "preliminary": one.preliminary,
        }
        # Said only where there is something to say: a decision made before stays what it is.
        if run.laboratory_id != run.kept_by_id:
            row["subcontracted_by"] = run.kept_by.name
        if marks[pk]:
            row["standing"] = marks[pk]
        rows.append(row)
    return sorted(rows, key=lambda row: (row["number"], row["version"]))


def _marks(used: Sequence[Preferred]) -> dict[UUID, list[str]]:
    """Return for each certificate what its methods were not accredited for; one query."""
    measured: dict[UUID, list[Measured]] = {one.certificate.pk: [] for one in used}
    for one in used:
        if one.method is not None:
            value, kept = one.determination, one.certificate
            on = kept.finalized_on or timezone.localdate(kept.committed_at)
            measured[kept.pk].append(
                Measured(one.method.pk, one.method.code, value.analyte, (value.ppm,), on)
            )
    return standing_marks(measured)


def _evaluations(used: Sequence[Preferred]) -> list[dict[str, Any]]:
    """Return what QC said of what was used: one line for each run, method and analyte."""
    lines = {
        (one.run.number, one.determination.method_code, one.determination.analyte): {
            "run": one.run.number,
            "method": one.determination.method_code,
            "analyte": one.determination.analyte,
            "verdict": one.verdict,
            "overridden": one.overridden,
            "reason": one.qc_reason,
        }
        for one in used
    }
    return [lines[key] for key in sorted(lines)]
