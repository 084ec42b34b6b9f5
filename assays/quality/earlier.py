"""What earlier runs of a laboratory say to the QC of a run: blanks' long-run levels, pairs of duplicates; a query each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Any, Final
from uuid import UUID

from django.db.models import OuterRef

from assays.certificates.models import Determination
from assays.quality.duplicates import Pair
from assays.runs.models import Run, RunItem
from assays.runs.rules import ItemKind, RunState

Key = tuple[str, str, str]
#: earlier runs that are looked into, at most
RUNS: Final = 30
#: readings that make a long run, at least (D)
LONG_RUN: Final = 10
#: median absolute deviation → standard deviation, for a normal distribution
_TO_SD: Final = Decimal("1.4826")


def _before(run: Run) -> Any:
    """Return the approved runs of the laboratory that were there before this one, the newest first."""
    rows = Run.objects.filter(
        laboratory=run.laboratory_id,
        kept_by=run.kept_by_id,
        state=RunState.APPROVED,
        created_at__lt=run.created_at,
    )
    return rows.order_by("-created_at", "-id")


def long_run(readings: Sequence[Decimal]) -> tuple[Decimal, Decimal] | None:
    """Return level and spread of a blank over ten readings at least; None with fewer.

    Median and median absolute deviation, so that a blank that was contaminated once does not raise what the next is
    measured by. What lay below a limit comes in as 0.

    >>> long_run([Decimal(x) for x in (1, 1, 1, 2, 2, 2, 2, 3, 3, 90)])
    (Decimal('2'), Decimal('1.4826'))
    """
    if len(readings) < LONG_RUN:
        return None
    level = median(readings)
    return level, _TO_SD * median(abs(one - level) for one in readings)


def long_run_levels(run: Run, materials: Iterable[UUID]) -> dict[tuple[UUID, Key], tuple[Decimal, Decimal]]:
    """Return the long-run level of blank materials by (material, (method, analyte, oxide)), from earlier approved runs."""
    wanted = list(materials)
    if not wanted:
        return {}
    items = RunItem.objects.filter(kind=ItemKind.BLANK, material__in=wanted)
    runs = _before(run).filter(pk__in=items.values("run")).values("pk")[:RUNS]
    rows = Determination.objects.filter(
        item__in=items.filter(run__in=runs), certificate__successor=None, qualifier__in=["", "<"]
    ).exclude(form="")
    found: dict[tuple[UUID, Key], dict[tuple[Any, Any], Decimal]] = defaultdict(dict)
    names = ("item__material", "method_code", "analyte", "oxide", "item", "ppm", "limit_ppm")
    for material, code, analyte, oxide, item, ppm, limit in rows.values_list(*names):
        # Read again in the laboratory's own certificate of QC it is still one reading.
        found[material, (code.casefold(), analyte, oxide)][item, ppm or limit] = ppm or Decimal(0)
    levels = {key: long_run(list(readings.values())) for key, readings in found.items()}
    return {key: level for key, level in levels.items() if level is not None}


def earlier_pairs(run: Run) -> Mapping[Key, Sequence[tuple[Pair, str]]]:
    """Return the pairs of duplicates in earlier approved runs by (method, analyte, oxide), the newest run first.

    A pair is a duplicate with the sample it was split from, both as numbers, with its stage (empty: not known).
    """
    twins = RunItem.objects.filter(kind=ItemKind.DUPLICATE)
    runs = _before(run).filter(pk__in=twins.values("run")).values("pk")[:RUNS]
    rows = Determination.objects.filter(
        item__run__in=runs,
        sample__in=twins.filter(run=OuterRef("item__run")).values("sample"),
        certificate__successor=None,
        ppm__isnull=False,
        qualifier="",
    ).exclude(form="")
    names = (
        "item__run",
        "sample",
        "item__kind",
        "item__stage",
        "method_code",
        "analyte",
        "oxide",
        "ppm",
    )
    in_order = rows.order_by("-item__run__created_at", "-item__run", "row", "column")
    return pairs_of(in_order.values_list(*names))


def pairs_of(rows: Iterable[Sequence[Any]]) -> Mapping[Key, Sequence[tuple[Pair, str]]]:
    """Return pairs from rows of (run, sample, kind, stage, method, analyte, oxide, ppm), in their order.

    >>> rows = [(1, "S", "SAMPLE", "", "M", "Dy", "", Decimal(9)), (1, "S", "DUPLICATE", "pulp", "M", "Dy", "", Decimal(11))]
    >>> pairs_of(rows)[("m", "Dy", "")]
    [((Decimal('9'), Decimal('11')), 'pulp')]
    """
    parents: dict[tuple[Any, ...], Decimal] = {}
    twins: list[tuple[tuple[Any, ...], Decimal, str]] = []
    for run, sample, kind, stage, code, analyte, oxide, ppm in rows:
        at = (run, sample, code.casefold(), analyte, oxide)
        if kind == ItemKind.DUPLICATE:
            twins.append((at, ppm, stage.lower()))
        else:
            parents.setdefault(at, ppm)
    found: dict[Key, list[tuple[Pair, str]]] = defaultdict(list)
    for at, ppm, stage in twins:
        if at in parents:
            found[at[2:]].append(((parents[at], ppm), stage))
    return found
