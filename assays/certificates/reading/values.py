"""Rows and columns to determinations, with a finding for everything that is not plainly a value."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal
from typing import Final

from assays.certificates.reading.model import Column, Determination, Finding, Profile, Row
from assays.chemistry.cells import BELOW, OVER, Cell, read_cell
from assays.chemistry.units import ppm_factor
from lims.errors import DomainError, Problem

Detections = Mapping[int, Decimal]
#: a change of unit keeps every digit; the usual context would round at 28
_EXACT: Final = Context(prec=400)
#: characters of a label, a method's code and a unit that the record keeps
LONGEST_LABEL, LONGEST_METHOD, LONGEST_UNIT = 100, 40, 24
#: all of a sample, in ppm
WHOLE: Final = Decimal(1_000_000)


def too_long(column: Column, row: int) -> Finding | None:
    """Return an error when a column's method or unit is longer than any: it is left, since its head is misread."""
    for what, text, most in (
        ("method", column.method, LONGEST_METHOD),
        ("unit", column.unit, LONGEST_UNIT),
    ):
        if len(text) > most:
            message = f"The {what} of {column.heading[:40]} has {len(text)} characters: the column is left."
            return Finding("error", f"{what}-too-long", row, column.number, message, "Correct the file.")
    return None


def factors_of(columns: Sequence[Column]) -> tuple[dict[int, Decimal | None], list[Finding]]:
    """Return ppm per unit of each column (None where it is no mass fraction), and what is wrong with units."""
    factors: dict[int, Decimal | None] = {}
    findings = []
    for column in columns:
        factors[column.number] = None
        if not column.unit:
            message = f"{column.heading or column.analyte} names no unit."
            findings.append(
                Finding("error", "unit-missing", None, column.number, message, "Add it to the heading.")
            )
            continue
        try:
            factors[column.number] = ppm_factor(column.unit)
        except DomainError as error:
            findings.append(_of(error.problems[0], None, column.number))
    return factors, findings


def determinations_of(
    rows: Sequence[Row], columns: Sequence[Column], profile: Profile, detections: Detections
) -> tuple[list[Determination], list[Finding]]:
    """Return every cell that is understood, and a finding for every other one: nothing is lost silently.

    A cell that is not there (its row is cut off: see `odd_rows`) is not a blank one, and brings no determination.
    """
    factors, findings = factors_of(columns)
    reader = _Cells(profile)
    made: list[Determination] = []
    for row in rows:
        for column in columns:
            if column.number > len(row.cells):
                break
            raw = row.cells[column.number - 1].strip()
            cell = reader.read(raw, detections.get(column.number))
            if isinstance(cell, Problem):
                findings.append(_of(cell, row.number, column.number))
                continue
            one = _made(row, column, raw, cell, factors[column.number])
            made.append(one)
            if cell.qualifier or cell.note or (one.ppm is not None and one.ppm > WHOLE):
                findings += _odd(cell, one)
    return made, findings


def limit_ppm(one: Determination) -> Decimal | None:
    """Return a determination's limit in ppm of its own form, exact; None without one, and for no known mass fraction.

    >>> one = Determination("A", "Dy", "element", None, "", "<5", "<", None, Decimal(5), "ppb", None, 2, 2)
    >>> limit_ppm(one)
    Decimal('0.005')
    """
    if one.limit is None or one.form is None or not one.unit:
        return None
    try:
        factor = ppm_factor(one.unit)
    except DomainError:
        # Whoever reads the file was told of the unit; the value is kept as it stands.
        return None
    return None if factor is None else _EXACT.multiply(one.limit, factor)


class _Cells:
    """Cells by their text: a certificate says the same thing often."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.known: dict[tuple[str, Decimal | None], Cell | Problem] = {}

    def read(self, raw: str, detection: Decimal | None) -> Cell | Problem:
        key = (raw, detection)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = self._read(raw, detection)
        return found

    def _read(self, raw: str, detection: Decimal | None) -> Cell | Problem:
        try:
            cell = read_cell(raw, self.profile, detection=detection)
            if cell.unit:
                ppm_factor(cell.unit)
        except DomainError as error:
            return error.problems[0]
        return cell


def _of(problem: Problem, row: int | None, column: int) -> Finding:
    return Finding("error", problem.code, row, column, problem.message, problem.remedy)


def _made(row: Row, column: Column, raw: str, cell: Cell, factor: Decimal | None) -> Determination:
    """Return a determination; a unit inside the cell takes the place of the column's."""
    if cell.unit:
        factor = ppm_factor(cell.unit)
    ppm = None
    if cell.value is not None and factor is not None and column.form is not None:
        ppm = _EXACT.multiply(cell.value, factor)
    return Determination(
        sample=row.sample,
        analyte=column.analyte,
        form=column.form,
        oxide=column.oxide,
        method=column.method,
        raw=raw,
        qualifier=cell.qualifier,
        value=cell.value,
        limit=cell.limit,
        unit=cell.unit or column.unit,
        ppm=ppm,
        row=row.number,
        column=column.number,
    )


def _odd(cell: Cell, one: Determination) -> Iterator[Finding]:
    """Yield what a person should look at in a cell that is understood."""
    words = {
        "unit-in-cell": f"“{one.raw}” names its own unit, {cell.unit}.",
        "thousands-separator": f"“{one.raw}” was read with commas between thousands.",
    }
    if cell.note:
        remedy = "Look whether that is meant."
        yield Finding("warning", cell.note, one.row, one.column, words[cell.note], remedy)
    if cell.qualifier in {BELOW, OVER} and cell.limit is None:
        message = f"“{one.raw}” is below detection, but nothing says below which limit."
        remedy = "Ask for the limit: without it a decision cannot use the value."
        yield Finding("warning", "limit-missing", one.row, one.column, message, remedy)
    if one.ppm is not None and one.ppm > WHOLE:
        message = f"{one.oxide or one.analyte} is {one.raw} {one.unit}: more than the whole sample."
        remedy = "Is the unit right? Correct the file."
        yield Finding("error", "more-than-whole", one.row, one.column, message, remedy)


def odd_rows(rows: Sequence[Row], width: int) -> Iterator[Finding]:
    """Yield an error for each row that has more or fewer cells than there are headings, or a cell over several lines."""
    for row in rows:
        cells = row.cells
        message = f"There are {len(cells)} cells, and {width} headings."
        if len(cells) < width:
            remedy = "Is the row cut off? Its last value may be too."
            yield Finding("error", "cells-too-few", row.number, len(cells), message, remedy)
        elif len(cells) > width and any(cell.strip() for cell in cells[width:]):
            yield Finding(
                "error", "cells-too-many", row.number, width + 1, message, "Is a delimiter misplaced?"
            )
        for column, cell in enumerate(cells, 1):
            if "\n" in cell.strip():
                message = f"The cell runs over {cell.strip().count(chr(10)) + 1} lines."
                remedy = "Is a quotation mark left open? Rows may have been swallowed."
                yield Finding("error", "cell-over-lines", row.number, column, message, remedy)


def duplicate_columns(columns: Sequence[Column]) -> list[Finding]:
    """Return a note for each analyte that several columns report: by another method, or as an oxide. All are kept.

    The same form by the same method twice is a warning: one of the two is probably headed wrongly.
    """
    same: dict[str, list[Column]] = defaultdict(list)
    for column in columns:
        same[column.analyte].append(column)
    findings = []
    for analyte, found in same.items():
        if len(found) < 2:
            continue
        listed = ", ".join(f"{one.heading} by {one.method or 'no named method'}" for one in found)
        message = f"{analyte} is reported {len(found)} times: {listed}. All are kept."
        distinct = {(one.form, one.oxide, one.method) for one in found}
        twice = len(distinct) < len(found)
        findings.append(
            Finding(
                "warning" if twice else "note",
                "duplicate-column",
                None,
                found[1].number,
                message,
                "Ask which of the same form and method counts." if twice else "",
            )
        )
    return findings


def duplicate_ids(rows: Sequence[Row], column: int = 1) -> list[Finding]:
    """Return an error for each row whose label an earlier row has, and for each without one."""
    first: dict[str, int] = {}
    findings = []
    for row in rows:
        key = row.sample.casefold()
        if len(key) > LONGEST_LABEL:
            message = f"The sample's id has {len(key)} characters, and at most {LONGEST_LABEL} are kept."
            remedy = "Is a quotation mark or a delimiter misplaced?"
            findings.append(Finding("error", "sample-id-too-long", row.number, column, message, remedy))
        elif not key:
            message = "The row names no sample."
            findings.append(Finding("error", "sample-id-missing", row.number, column, message, "Add its id."))
        elif key in first:
            message = f"“{row.sample}” stands in row {first[key]} already."
            remedy = "Is it a duplicate of it?"
            findings.append(Finding("error", "duplicate-id", row.number, column, message, remedy))
        else:
            first[key] = row.number
    return findings
