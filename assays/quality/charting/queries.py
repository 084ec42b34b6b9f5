"""Reads of quality control over time: what one may see, with a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Q

from assays.quality.charting.rules import ControlChart, Seen, SeriesKey, chart_of
from assays.quality.control import Point
from assays.quality.models import QcEvaluation, QcHistory, QcHistoryResult
from assays.runs.models import Run, RunItem
from assays.runs.rules import ItemKind
from lims.accounts.models import Organisation, User
from samples.registry.models import Sample

#: evaluated runs that are looked into: the newest (D)
RUNS: Final = 200
#: results of history behind one chart, at most
HISTORY: Final = 5000


def laboratories_with_qc(user: User) -> list[Organisation]:
    """Return the laboratories of which one may see QC, by name; one query."""
    runs = Run.objects.visible_to(user).filter(evaluations__isnull=False)
    history = QcHistory.objects.visible_to(user)
    rows = Organisation.objects.filter(
        Q(pk__in=runs.values("laboratory")) | Q(pk__in=history.values("laboratory"))
    )
    return list(rows.order_by("name", "id"))


def _newest(user: User, laboratory: UUID | None) -> Any:
    runs = Run.objects.visible_to(user).filter(evaluations__isnull=False)
    if laboratory is not None:
        runs = runs.filter(laboratory=laboratory)
    # A run with twenty analytes would come twenty times over the join.
    return Run.objects.filter(pk__in=runs.values("pk")).order_by("-created_at", "-id")[:RUNS]


def seen(
    user: User,
    kind: ItemKind,
    *,
    laboratory: UUID | None = None,
    method: str | None = None,
    analyte: str | None = None,
) -> list[Seen]:
    """Return the QC items of a kind in the newest evaluated runs that one may see, in time order; two queries.

    What a run's evaluation keeps of its QC items is what a laboratory may know: never the owner's blind items.
    """
    rows = QcEvaluation.objects.filter(
        run__in=_newest(user, laboratory).values("pk"), version=F("run__version")
    )
    if method is not None:
        rows = rows.filter(method_code__iexact=method)
    if analyte is not None:
        rows = rows.filter(analyte=analyte)
    names = ("run", "run__number", "run__laboratory", "method_code", "analyte", "oxide", "marks")
    when = ("run__submitted_at", "run__created_at")
    found: list[Seen] = []
    for run, number, lab, code, name, oxide, marks, submitted, created in rows.order_by(
        "run__created_at", "run", "method_code", "analyte", "oxide"
    ).values_list(*names, *when):
        on = (submitted or created).date()
        for mark in marks:
            if mark["kind"] == kind:
                material = mark["material"] if kind == ItemKind.CRM else ""
                found.append(Seen(SeriesKey(lab, code, name, oxide, material), on, run, number, mark))
    return _known(user, found) if kind == ItemKind.DUPLICATE else _with_lots(found)


def _known(user: User, found: Sequence[Seen]) -> list[Seen]:
    """Return the duplicates of samples that one may see: a run may hold samples of others, too; one query."""
    items = {one.mark["item"] for one in found}
    mine = RunItem.objects.filter(pk__in=items, sample__in=Sample.objects.visible_to(user).values("pk"))
    allowed = {str(pk) for pk in mine.values_list("pk", flat=True)}
    return [one for one in found if one.mark["item"] in allowed]


def _with_lots(found: Sequence[Seen]) -> list[Seen]:
    """Return the items with the lot of their material; one query."""
    items = {one.mark["item"] for one in found}
    rows = RunItem.objects.filter(pk__in=items).values_list("pk", "material__lot")
    lots = {str(pk): lot or "" for pk, lot in rows}
    return [
        Seen(one.key, one.on, one.run, one.number, one.mark, lots.get(one.mark["item"], "")) for one in found
    ]


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """One control chart in a list: how many results, the last one, and what was broken."""

    chart: ControlChart

    @property
    def last(self) -> Any:
        """Return the newest point."""
        return self.chart.points[-1]


def charts_for(
    user: User, *, laboratory: UUID | None = None, method: str | None = None, analyte: str | None = None
) -> list[SeriesLine]:
    """Return every control chart that one may see, by laboratory, material and analyte; four queries."""
    points: dict[SeriesKey, list[Point]] = defaultdict(list)
    for key, point in _past(user, laboratory, method, analyte):
        points[key].append(point)
    for one in seen(user, ItemKind.CRM, laboratory=laboratory, method=method, analyte=analyte):
        if one.point is not None:
            points[one.key].append(one.point)
    names = {one.pk: one.name for one in laboratories_with_qc(user)}
    ordered = sorted(points, key=lambda key: (names.get(key.laboratory, ""), key.material, key[1:4]))
    return [
        SeriesLine(chart_of(key, names.get(key.laboratory, ""), sorted(points[key], key=lambda p: p.on)))
        for key in ordered
    ]


def _past(
    user: User, laboratory: UUID | None, method: str | None, analyte: str | None
) -> Iterable[tuple[SeriesKey, Point]]:
    """Return the results of imported histories, in their order; one query."""
    rows = QcHistoryResult.objects.filter(history__in=QcHistory.objects.visible_to(user).values("pk"))
    if laboratory is not None:
        rows = rows.filter(history__laboratory=laboratory)
    if method is not None:
        rows = rows.filter(method_code__iexact=method)
    if analyte is not None:
        rows = rows.filter(analyte=analyte)
    names = ("history__laboratory", "method_code", "analyte", "oxide", "code")
    numbers = ("measured_on", "batch_name", "label", "value_ppm", "certified_ppm", "sd_ppm")
    newest = rows.order_by("-measured_on", "-history", "-position").values_list(*names, *numbers)[:HISTORY]
    for lab, code, name, oxide, material, *point in reversed(list(newest)):
        yield SeriesKey(lab, code, name, oxide, material), Point(*point)


def chart_for(user: User, key: SeriesKey) -> ControlChart | None:
    """Return one control chart; None where there is none that one may see."""
    found = charts_for(user, laboratory=key.laboratory, method=key.method, analyte=key.analyte)
    return next((one.chart for one in found if one.chart.key == key), None)


def method_contents(user: User, kind: ItemKind) -> list[tuple[SeriesKey, str, int]]:
    """Return what has items of a kind (blanks, duplicates), as (key, laboratory, how many); three queries."""
    counted: dict[SeriesKey, int] = defaultdict(int)
    for one in seen(user, kind):
        counted[one.key] += 1
    names = {one.pk: one.name for one in laboratories_with_qc(user)}
    ordered = sorted(counted, key=lambda key: (names.get(key.laboratory, ""), key[1:]))
    return [(key, names.get(key.laboratory, ""), counted[key]) for key in ordered]


def of_key(user: User, kind: ItemKind, key: SeriesKey) -> list[Seen]:
    """Return the items of a kind of one laboratory, method and content, in time order; two queries."""
    found = seen(user, kind, laboratory=key.laboratory, method=key.method, analyte=key.analyte)
    return [one for one in found if one.key.oxide == key.oxide]


def today_of(rows: Sequence[Seen]) -> date | None:
    """Return the day of the newest; None of nothing."""
    return max((one.on for one in rows), default=None)
