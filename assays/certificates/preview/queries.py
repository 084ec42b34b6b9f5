"""Reads of the preview: everything wrong with a file as a table, and one line beside how it was understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from assays.certificates.grid import GridRow, row_of
from assays.certificates.models import Upload, UploadRow
from assays.certificates.preview.layouts import conventions_of
from assays.certificates.preview.pattern import Element, elements
from assays.certificates.preview.rules import explained, sure
from assays.certificates.reading import Column, Row
from assays.certificates.reading.sanity import contents
from assays.certificates.reading.sheet import read_sheet
from assays.certificates.reading.values import determinations_of
from assays.certificates.rules import Match
from lims import files
from lims.errors import NotFound, Place, Problem

#: questions about labels: they stand with the row, the reader's findings with the upload
OF_LABELS: Final = frozenset({"id-unmatched", "id-ambiguous", "duplicate-id"})
HEADINGS: Final = ("Row", "Column", "Cell", "Severity", "Code", "What", "What to do")
#: lines of the file above and below the one in focus
AROUND: Final = 3


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """Something wrong with a file: where it stands in it (from 1; None: all of it), the cell's text, what, what to do."""

    row: int | None
    column: int | None
    cell: str
    severity: str
    code: str
    message: str
    remedy: str

    def texts(self) -> list[str]:
        """Return it as the cells of a table."""
        place = [str(self.row or ""), str(self.column or "")]
        return [*place, self.cell, self.severity, self.code, self.message, self.remedy]


def place_of(finding: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return where a kept finding stands in the file: row and column from 1.

    >>> place_of({"row": 2, "column": 3, "at": [7, 5]}), place_of({"row": 2, "column": 3})
    ((7, 5), (2, 3))
    """
    row, column = finding.get("at") or (finding["row"], finding["column"])
    return row, column


def problem_lines(upload: Upload) -> list[ProblemLine]:
    """Return everything that was found in a file, then every row that nobody knows; two queries."""
    numbers = {one["row"] for one in upload.findings if one["row"] is not None}
    cells = dict(upload.rows.filter(number__in=numbers).values_list("number", "cells"))
    lines = [
        ProblemLine(
            *place_of(one),
            _text(cells.get(one["row"], ()), one["column"]),
            one["severity"],
            one["code"],
            one["message"],
            one["remedy"],
        )
        for one in upload.findings
    ]
    rows = upload.rows.exclude(problems=[]).order_by("number")
    return lines + [
        ProblemLine(row.number, None, row.label, "error", one["code"], one["message"], one["remedy"])
        for row in rows
        for one in row.problems
        if one["code"] in OF_LABELS
    ]


def _text(cells: Sequence[str], column: int | None) -> str:
    return cells[column - 1].strip() if column and column <= len(cells) else ""


def sure_rows(upload: Upload) -> list[tuple[UploadRow, Mapping[str, Any]]]:
    """Return the rows that nobody has settled and whose suggestion is sure, each thing for one row only; one query."""
    rows = upload.rows.filter(match=Match.UNMATCHED).order_by("number")
    found = [(row, one) for row in rows if (one := sure(row.label, row.suggestions)) is not None]
    meant = [one["id"] for _, one in found]
    known = set(upload.rows.filter(sample__isnull=False).values_list("sample_id", flat=True))
    taken = {str(pk) for pk in known}
    # Two rows that mean one sample are a question (which is the duplicate?), not an answer.
    return [
        (row, one)
        for row, one in found
        if one["kind"] != Match.SAMPLE or (meant.count(one["id"]) == 1 and one["id"] not in taken)
    ]


@dataclass(frozen=True, slots=True)
class Understood:
    """One cell: its column in words, its text, how it was read, and what it is in ppm (None: no content)."""

    column: Mapping[str, Any]
    text: str
    style: str
    title: str
    ppm: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file beside how it was understood."""

    row: GridRow
    around: Sequence[tuple[int, Sequence[str]]]
    cells: Sequence[Understood]
    pattern: Sequence[Element]
    explained: Sequence[str]
    previous: int | None
    next: int | None


def line_of(upload: Upload, number: int) -> Line:
    """Return a row with the file's own lines around it. Raises `NotFound` ("row-unknown")."""
    row = row_of(upload, number)
    if row is None:
        problem = Problem("row-unknown", f"There is no row {number}.", "Look again.", Place(field="row"))
        raise NotFound(problem)
    sheet = read_sheet(files.get(upload.sha256), name=upload.file_name)
    first = max(1, number - AROUND)
    around = [(first + at, cells) for at, cells in enumerate(sheet.rows[first - 1 : number + AROUND])]
    ppm, texts = _contents(upload, row.row)
    cells = [
        Understood(column, cell.text, cell.style, cell.title, texts.get(column["number"], ""))
        for column, cell in zip(upload.understood.get("columns", []), row.cells, strict=True)
    ]
    median = upload.understood.get("median", {})
    wrong = upload.rows.exclude(problems=[], warnings=[])
    before = wrong.filter(number__lt=number).order_by("-number").values_list("number", flat=True).first()
    after = wrong.filter(number__gt=number).order_by("number").values_list("number", flat=True).first()
    return Line(row, around, cells, elements(ppm, median), explained(ppm, median), before, after)


def _contents(upload: Upload, row: UploadRow) -> tuple[dict[str, float], dict[int, str]]:
    """Return a row's contents in ppm of the element, and by column in ppm as it is reported."""
    known = upload.understood.get("columns", [])
    names = ("number", "heading", "analyte", "form", "oxide", "method", "unit")
    columns = [Column(**{name: one[name] for name in names}) for one in known]
    one = Row(row.number, row.label, tuple(row.cells))
    values, _ = determinations_of([one], columns, conventions_of(upload.profile), {})
    found = {name: float(ppm[0]) for name, ppm in contents(values).items() if ppm[0] > 0}
    return found, {value.column: f"{value.ppm.normalize():f}" for value in values if value.ppm is not None}
