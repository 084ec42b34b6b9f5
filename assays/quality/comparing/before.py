"""What earlier samples of the same mine held, beside what a run found: for a reviewer's eye, no rule. Constant queries.

A laboratory must not learn the mine: for its people the earlier samples are those of the same owner that they may see.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from assays.catalogue.models import Method
from assays.certificates.models import Certificate, Determination
from assays.certificates.queries import determinations_of
from assays.certificates.rules import Purpose
from assays.quality.evidence import in_form
from assays.runs.models import Run
from assays.runs.queries import items_for
from assays.runs.rules import ItemKind, RunState
from lims.accounts.models import User
from samples.registry.models import Batch, Mine, Sample

#: earlier values that are looked at, the newest; more say nothing more of a range
MOST: Final = 5000
_FIELDS: Final = ("sample_id", "analyte", "oxide", "ppm", "certificate__run__laboratory_id", "method_code")


@dataclass(frozen=True, slots=True)
class Range:
    """Values above the detection limit: how many, and the smallest, the median and the largest, in ppm of one form."""

    count: int
    low_ppm: Decimal
    middle_ppm: Decimal
    high_ppm: Decimal


@dataclass(frozen=True, slots=True)
class Compared:
    """One content of a run beside earlier samples, on the same basis; `outside`: samples beyond the earlier range."""

    analyte: str
    oxide: str
    basis: str
    here: Range
    before: Range
    outside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """What a run is compared with: rows, and whether "earlier" is of the same mine or of the same owner."""

    rows: Sequence[Compared]
    of_mine: bool


def ranged(values: Iterable[Decimal]) -> Range | None:
    """Return the range of values in ppm; None of none.

    >>> ranged([Decimal(3), Decimal(1), Decimal(2)]).middle_ppm
    Decimal('2')
    """
    found = sorted(values)
    return Range(len(found), found[0], median(found), found[-1]) if found else None


def compared(user: User, run: Run, analytes: Iterable[str]) -> Before:
    """Return what a run's samples hold of some elements beside earlier samples that the person may see.

    Earlier: samples of approved runs other than this, of the mines of the run's samples where the person may see all
    these mines, else of their owners. Values are compared in the form reported here, and never across bases.
    """
    wanted = sorted(set(analytes))
    items = items_for(user, run).filter(kind=ItemKind.SAMPLE, sample__isnull=False)
    labels = dict(items.values_list("sample_id", "label"))
    here = _rows(determinations_of(run).filter(item__in=items.values("pk"), analyte__in=wanted))
    of_mine, reach = _reach(user, labels)
    earlier = Determination.objects.filter(
        sample__in=reach,
        item__kind=ItemKind.SAMPLE,
        analyte__in=wanted,
        certificate__in=_approved(user, run),
    ).exclude(sample__in=list(labels))
    before = _rows(earlier.order_by("-certificate", "-row"), most=MOST)
    bases = _bases({row[4] for row in (*here, *before)})
    rows = _compare(_grouped(here, bases), _by_basis(before, bases), labels)
    return Before(rows, of_mine)


def _approved(user: User, run: Run) -> QuerySet[Certificate, Any]:
    """Return the keys of the results that count, of all other runs that the person may see."""
    rows = Certificate.objects.standing().filter(purpose=Purpose.RESULTS, run__state=RunState.APPROVED)
    others = Run.objects.visible_to(user).exclude(pk=run.pk)
    return rows.filter(run__in=others.values("pk")).values("pk")


def _reach(user: User, samples: Mapping[UUID, str]) -> tuple[bool, QuerySet[Sample, Any]]:
    """Return whether earlier samples are of the same mine, and the keys of them that the person may see."""
    batches = Batch.objects.filter(samples__in=list(samples)).distinct()
    mines = set(batches.values_list("mine", flat=True))
    of_mine = bool(mines) and Mine.objects.visible_to(user).filter(pk__in=mines).count() == len(mines)
    same = {"batch__mine__in": mines} if of_mine else {"batch__owner__in": batches.values("owner")}
    return of_mine, Sample.objects.visible_to(user).filter(**same).values("pk")


def _rows(found: QuerySet[Determination], *, most: int | None = None) -> list[tuple[Any, ...]]:
    rows = found.filter(qualifier="", ppm__gt=0).exclude(form="").select_related(None)
    return list(rows.values_list(*_FIELDS)[:most])


def _bases(laboratories: set[UUID]) -> dict[tuple[UUID, str], str]:
    rows = Method.objects.filter(laboratory__in=laboratories).values_list("laboratory", "code", "basis")
    return {(laboratory, code.casefold()): basis for laboratory, code, basis in rows}


def _grouped(
    rows: Iterable[tuple[Any, ...]], bases: Mapping[tuple[UUID, str], str]
) -> dict[tuple[str, str, str], list[tuple[UUID, Decimal]]]:
    """Return (sample, ppm) by analyte, oxide and basis; a method that the catalogue does not know has no basis."""
    found: dict[tuple[str, str, str], list[tuple[UUID, Decimal]]] = defaultdict(list)
    for sample, analyte, oxide, ppm, laboratory, code in rows:
        basis = bases.get((laboratory, code.casefold()))
        if basis:
            found[analyte, oxide, basis].append((sample, ppm))
    return found


def _by_basis(
    rows: Iterable[tuple[Any, ...]], bases: Mapping[tuple[UUID, str], str]
) -> dict[tuple[str, str], list[Decimal]]:
    """Return ppm of the element by analyte and basis."""
    found: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for (analyte, oxide, basis), values in _grouped(rows, bases).items():
        found[analyte, basis] += [in_form(ppm, oxide, "") for _, ppm in values]
    return found


def _compare(
    here: Mapping[tuple[str, str, str], Sequence[tuple[UUID, Decimal]]],
    before: Mapping[tuple[str, str], Sequence[Decimal]],
    labels: Mapping[UUID, str],
) -> list[Compared]:
    rows = []
    for (analyte, oxide, basis), values in sorted(here.items()):
        now = ranged(ppm for _, ppm in values)
        then = ranged(in_form(ppm, "", oxide) for ppm in before.get((analyte, basis), ()))
        if now is None or then is None:
            continue
        beyond = [labels[sample] for sample, ppm in values if not then.low_ppm <= ppm <= then.high_ppm]
        rows.append(Compared(analyte, oxide, basis, now, then, tuple(dict.fromkeys(beyond))))
    return rows
