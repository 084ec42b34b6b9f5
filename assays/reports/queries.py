"""Reads of reports: decisions that one may read, and what their certificates say beyond the criteria."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from assays.certificates.models import Determination
from assays.chemistry.normalisation import CI_CHONDRITE
from assays.chemistry.oxides import factor
from assays.grading.estimator.model import Reading
from assays.grading.models import Decision
from assays.reports.models import GradeReport
from assays.runs.rules import ItemKind
from lims.accounts.models import User
from lims.errors import NotFound, Problem
from lims.work.models import Claim, Request
from samples.registry.models import Sample


def readable(user: User) -> QuerySet[Decision]:
    """Return the decisions that the person may read, with what a page needs of them."""
    return Decision.objects.visible_to(user).select_related(
        "batch__owner", "batch__mine", "policy__owner", "report"
    )


def decision_for(user: User, pk: UUID | str) -> Decision:
    """Return a decision that the person may read. Raises `NotFound` ("decision-unknown")."""
    found = readable(user).filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem("decision-unknown", "There is no such decision.", "Look at the batch's decisions.")
        )
    return found


def report_by_code(user: User, code: str) -> GradeReport | None:
    """Return the printed report with this code, if the person may read its decision."""
    visible = Decision.objects.visible_to(user).values("pk")
    return (
        GradeReport.objects.filter(code=code, decision__in=visible).select_related("decision__batch").first()
    )


def report_of(decision: Decision) -> GradeReport | None:
    """Return the printed report of a decision; None before a worker has made it."""
    return GradeReport.objects.filter(decision=decision).first()


def before(decision: Decision) -> Decision | None:
    """Return the decision on the same batch before this one."""
    rows = Decision.objects.filter(batch=decision.batch_id, number__lt=decision.number)
    return rows.select_related("policy").order_by("-number").first()


def masses_g(decision: Decision) -> dict[str, Decimal]:
    """Return tag → registered mass (g) of the samples that a decision's case names."""
    tags = [sample["id"] for sample in decision.case["samples"]]
    rows = Sample.objects.filter(batch=decision.batch_id, tag__code__in=tags)
    return dict(rows.values_list("tag__code", "mass_g"))


def is_due(kind: str, key: object) -> bool:
    """Return whether work of this kind and key is asked for or being done."""
    wanted = {"kind": kind, "key": str(key)}
    return Request.objects.filter(**wanted).exists() or Claim.objects.filter(**wanted).exists()


def _reading(row: Determination) -> Reading | None:
    """Return a determination as ppm of the element; None for what is no mass fraction or no number."""
    number = row.ppm if row.value is not None else row.limit_ppm
    if number is None or row.qualifier not in {"", "<", ">"}:
        return None
    ppm = float(number) / (factor(row.oxide) if row.oxide else 1.0)
    if row.value is not None:
        return Reading(ppm, ppm)
    return Reading(0.0, ppm, below=True) if row.qualifier == "<" else Reading(ppm, ppm, over=True)


def rare_earths_of(decision: Decision) -> dict[str, Mapping[str, Reading]]:
    """Return tag → element → content of all rare earths, from the certificates that the decision names.

    Those certificates never change, so a report shows the same in ten years. Of several methods the one that decided
    is taken, else the first reported.
    """
    certificates = [one["id"] for one in decision.sources.get("certificates", []) if one.get("id")]
    used = {
        pk
        for found in decision.sources.get("determinations", {}).values()
        for entry in found.values()
        for pk in _ids(entry)
    }
    methods = {
        (tag, str(entry[1]))
        for tag, found in decision.sources.get("determinations", {}).items()
        for entry in found.values()
    }
    rows = Determination.objects.filter(
        certificate__in=certificates,
        item__kind=ItemKind.SAMPLE,
        sample__batch=decision.batch_id,
        analyte__in=list(CI_CHONDRITE),
    ).select_related("sample__tag")
    best: dict[str, dict[str, tuple[Any, Reading]]] = defaultdict(dict)
    for row in rows.order_by("id"):
        read = _reading(row)
        if read is None or row.sample is None:
            continue
        tag = row.sample.tag.code
        rank = (row.pk not in used, (tag, row.method_code) not in methods, row.pk)
        if row.analyte not in best[tag] or rank < best[tag][row.analyte][0]:
            best[tag][row.analyte] = (rank, read)
    named = [sample["id"] for sample in decision.case["samples"]]
    return {tag: {name: read for name, (_, read) in best[tag].items()} for tag in named if tag in best}


def _ids(entry: Any) -> list[Any]:
    """Return the ids of a determination and of its duplicates."""
    return list(entry[0]) if isinstance(entry[0], list) else [entry[0]]
