"""Umpire assays: one laboratory's results beside another's on the same samples; a constant number of queries."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from assays.catalogue.models import Method
from assays.certificates.models import Determination
from assays.quality.duplicates import Pair
from assays.quality.evidence import in_form
from assays.quality.umpire import Comparison, compare
from assays.runs.models import Run, RunItem
from assays.runs.rules import ItemKind, RunState
from lims.accounts.models import User

#: umpire runs that are looked into: the newest (D)
RUNS: Final = 50


@dataclass(frozen=True, slots=True)
class UmpireLine:
    """One method's content compared with another laboratory's on the same samples."""

    number: str
    umpire: str
    first: str
    content: str
    basis: str
    comparison: Comparison


def umpire_lines(user: User) -> list[UmpireLine]:
    """Return every comparison of an umpire run with the results that stood before; four queries.

    A pair is a sample's content in ppm of the element, by methods of one basis, in two laboratories' approved runs.
    """
    runs = list(
        Run.objects.visible_to(user)
        .filter(umpire=True, state=RunState.APPROVED)
        .select_related("laboratory")
        .order_by("-created_at", "-id")[:RUNS]
    )
    samples = RunItem.objects.filter(run__in=[run.pk for run in runs], sample__isnull=False).values("sample")
    rows = Determination.objects.filter(
        sample__in=samples,
        item__kind=ItemKind.SAMPLE,
        certificate__successor=None,
        certificate__run__state=RunState.APPROVED,
        certificate__run__in=Run.objects.visible_to(user).values("pk"),
        qualifier="",
        ppm__gt=0,
    ).exclude(form="")
    names = ("sample", "analyte", "oxide", "ppm", "method_code")
    of_run = ("certificate__run", "certificate__run__laboratory", "certificate__run__laboratory__name")
    bases = {
        (lab, code.casefold()): basis
        for lab, code, basis in Method.objects.values_list("laboratory", "code", "basis")
    }
    read: dict[tuple[UUID, str, str], dict[UUID, tuple[UUID, str, Decimal]]] = defaultdict(dict)
    for sample, analyte, oxide, ppm, code, run, lab, name in rows.order_by(
        "certificate__committed_at", "row", "column"
    ).values_list(*names, *of_run):
        basis = bases.get((lab, code.casefold()), "")
        if basis:
            read[sample, analyte, basis].setdefault(run, (lab, name, in_form(ppm, oxide, "")))
    return [line for run in runs for line in _compared(run, read)]


def _compared(
    run: Run, read: Mapping[tuple[UUID, str, str], Mapping[UUID, tuple[UUID, str, Decimal]]]
) -> list[UmpireLine]:
    pairs: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    for (_, analyte, basis), by_run in read.items():
        mine = by_run.get(run.pk)
        others = [one for other, one in by_run.items() if other != run.pk and one[0] != run.laboratory_id]
        if mine is not None and others:
            pairs[others[0][1], analyte, basis].append((others[0][2], mine[2]))
    return [
        UmpireLine(run.number, run.laboratory.name, first, analyte, basis, compare(found))
        for (first, analyte, basis), found in sorted(pairs.items())
    ]
