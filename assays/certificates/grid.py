"""The preview's grid: each row and cell of a file as a page shows it, with how it was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from assays.certificates.models import Upload, UploadRow
from assays.certificates.queries import left_out
from assays.certificates.rules import KEPT, MATCH_LABELS, Match

#: rows on a page, and cells: a wide file has fewer rows on it
ROWS: Final = 200
CELLS: Final = 12_000
#: mark → (class of the cell, how it was read)
MARKS: Final = {
    "<": ("is-below", "below detection"),
    ">": ("is-over", "over range"),
    "blank": ("is-blank", "blank"),
    "not-requested": ("is-word", "not requested"),
    "insufficient-sample": ("is-word", "insufficient sample"),
    "interference": ("is-word", "interference"),
    "pending": ("is-word", "pending"),
    "!": ("is-bad", "not understood"),
}


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell: its text, how it was read, and where it stands."""

    id: str
    text: str
    style: str
    title: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row: its label and match, its cells, and whether a commit takes it."""

    row: UploadRow
    cells: list[GridCell]
    match: str
    taken: bool
    left: bool

    @property
    def tone(self) -> str:
        """Return the tone of the row."""
        if self.row.problems:
            return "bad"
        if self.left or self.row.match == Match.REJECTED:
            return "neutral"
        return "warn" if self.row.warnings else "good"


@dataclass(frozen=True, slots=True)
class Grid:
    """A page of the grid: headings, rows, and the rows before and after."""

    columns: list[dict[str, Any]]
    rows: list[GridRow]
    previous: int | None
    next: int | None


def grid_of(upload: Upload, start: int, only: str) -> Grid:
    """Return the rows of an upload from row `start` on; `only` is "" or "bad". Three queries."""
    rows = UploadRow.objects.filter(upload=upload)
    if only == "bad":
        rows = rows.exclude(problems=[])
    return _page(upload, rows, start)


def _page(upload: Upload, rows: QuerySet[UploadRow], start: int) -> Grid:
    known = rows.select_related("sample__tag", "material")
    columns = upload.understood.get("columns", [])
    size = max(10, min(ROWS, CELLS // max(len(columns), 1)))
    here = list(known.filter(number__gte=start).order_by("number")[: size + 1])
    before = rows.filter(number__lt=start).order_by("-number").values_list("number", flat=True)[:size]
    earlier = list(before)
    left = set(left_out(upload))
    return Grid(
        columns,
        [_row(row, columns, left) for row in here[:size]],
        earlier[-1] if earlier else None,
        here[size].number if len(here) > size else None,
    )


def row_of(upload: Upload, number: int) -> GridRow | None:
    """Return one row as the grid shows it; None where the file has no such row. One query."""
    row = (
        UploadRow.objects.filter(upload=upload, number=number)
        .select_related("sample__tag", "material")
        .first()
    )
    columns = upload.understood.get("columns", [])
    return _row(row, columns, set(left_out(upload))) if row is not None else None


def _row(row: UploadRow, columns: Sequence[dict[str, Any]], left: set[int]) -> GridRow:
    name = str(row.sample or row.material or "")
    label = MATCH_LABELS[Match(row.match)]
    taken = row.match in KEPT and not row.problems and row.number not in left
    return GridRow(
        row,
        [_cell(row, column) for column in columns],
        f"{label} {name}".strip() if name else label,
        taken,
        row.number in left,
    )


def _cell(row: UploadRow, column: dict[str, Any]) -> GridCell:
    number = column["number"]
    text = row.cells[number - 1].strip() if number <= len(row.cells) else ""
    mark = row.marks[number - 1] if number <= len(row.marks) else "blank"
    style, words = MARKS.get(mark, ("", "a value"))
    what = column["oxide"] or column["analyte"]
    by = f" by {column['method']}" if column["method"] else ""
    value = f"{text} {column['unit']}".strip()
    return GridCell(f"r{row.number}c{number}", text or "–", style, f"{what}{by}: {value or 'empty'}, {words}")
