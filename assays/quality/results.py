"""The results of a run as a table: an item a row, a content by a method a column, nothing rounded, nothing hidden."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import F, Min, QuerySet

from assays.certificates.digests import plain
from assays.certificates.models import Determination
from assays.certificates.queries import determinations_of
from assays.quality.gate import Gate
from assays.runs.models import Run, RunItem
from assays.runs.queries import items_for
from lims.accounts.models import User

#: items on one page of the table
PAGE: Final = 100
#: what everybody here looks for, where no criterion says otherwise
WANTED: Final = frozenset({"Dy", "Tb"})
_AT_MOST: Final = 6
_PLAIN: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_LOW: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_WORDS: Final[Mapping[str, str]] = {
    "blank": "the cell is empty",
    "not-requested": "not requested",
    "insufficient-sample": "insufficient sample",
    "interference": "interference",
    "pending": "pending",
}


def formula(text: str) -> str:
    """Return a formula with its figures below the line.

    >>> formula("Dy2O3"), formula("Dy")
    ('Dy₂O₃', 'Dy')
    """
    return text.translate(_LOW)


@dataclass(frozen=True, slots=True)
class Column:
    """A content that the run reports: element or oxide, by a method, in a unit."""

    method: str
    analyte: str
    oxide: str
    unit: str

    @property
    def name(self) -> str:
        """Return the heading without its unit."""
        return formula(self.oxide or self.analyte)


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell: "value", "below", "above", "missing" (with why) or "none" (nothing reported), and all of it on hover."""

    look: str
    text: str = ""
    limit: Decimal | None = None
    words: str = ""
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An item of the run with its cells, in the order of the columns."""

    item: RunItem
    cells: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Table:
    """A page of a run's results."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    #: columns that there are, and items
    all_columns: int
    items: int
    start: int

    @property
    def end(self) -> int:
        """Return the number of the last row shown, counted from 1."""
        return self.start + len(self.rows)

    @property
    def before(self) -> int | None:
        """Return where the page before starts; None on the first."""
        return max(self.start - PAGE, 0) if self.start else None

    @property
    def after(self) -> int | None:
        """Return where the next page starts; None on the last."""
        return self.end if self.end < self.items else None


def items_in_order(user: User, run: Run) -> QuerySet[RunItem]:
    """Return the items that the person may see, in rack order; those without a place last."""
    rows = items_for(user, run).select_related("sample__tag", "sample__batch", "material")
    return rows.order_by(F("position").asc(nulls_last=True), "label", "occurrence")


def columns_of(run: Run) -> list[Column]:
    """Return what the standing certificates of a run report, in the order of their columns; one query."""
    rows = determinations_of(run).order_by().values("method_code", "analyte", "oxide", "unit")
    found = rows.annotate(first=Min("column")).order_by("first", "method_code", "analyte")
    return [Column(row["method_code"], row["analyte"], row["oxide"], row["unit"]) for row in found]


def chosen(columns: Sequence[Column], criteria: Iterable[str]) -> list[Column]:
    """Return the columns to look at first: those of the criteria, else of dysprosium and terbium, else the first few."""
    wanted = set(criteria) or WANTED
    return [column for column in columns if column.analyte in wanted] or list(columns[:_AT_MOST])


def table(
    run: Run,
    items: Sequence[RunItem],
    columns: Sequence[Column],
    all_columns: int,
    gate: Gate,
    *,
    start: int = 0,
) -> Table:
    """Return the rows of one page of the results; one query."""
    start = start if 0 <= start < len(items) else 0
    here = items[start : start + PAGE]
    names = {column.analyte for column in columns}
    found: dict[tuple[UUID, Column], list[Determination]] = defaultdict(list)
    for one in determinations_of(run).filter(item__in=[item.pk for item in here], analyte__in=names):
        found[one.item_id, Column(one.method_code, one.analyte, one.oxide, one.unit)].append(one)
    rows = [
        Row(item, [_cell(run, found.get((item.pk, column), []), column, gate) for column in columns])
        for item in here
    ]
    return Table(columns, rows, all_columns, len(items), start)


def _cell(run: Run, found: Sequence[Determination], column: Column, gate: Gate) -> Shown:
    if not found:
        return Shown("none")
    one = found[0]
    said = gate.said(run, one)
    held = one.sample_id is not None and said.withholds(one.item_id)
    read = "; ".join(f"“{other.raw}” in row {other.row} of {other.certificate}" for other in found)
    method = f" by {column.method}" if column.method else ""
    words = f"{column.name}{method}: {read}{f'. Withheld: {said.reason}' if held else ''}"
    if one.value is not None:
        return Shown("value", digits(one.raw, one.value), None, words, held)
    if one.qualifier in {"<", ">"}:
        limit = Decimal(plain(one.limit) or 0) if one.limit is not None else None
        return Shown("below" if one.qualifier == "<" else "above", plain(one.limit) or "", limit, words, held)
    return Shown("missing", "", None, f"{words}: {_WORDS.get(one.qualifier, one.qualifier)}")


def digits(raw: str, value: Decimal) -> str:
    """Return a value with the digits that were reported, or plainly where the cell was written in another way.

    >>> digits("36.50", Decimal("36.5")), digits("36,50", Decimal("36.500000"))
    ('36.50', '36.5')
    """
    return raw if _PLAIN.fullmatch(raw) else plain(value) or ""
