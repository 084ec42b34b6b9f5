"""Rows and columns to determinations, with a finding for everything that is not plainly a value."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal
from itertools import zip_longest
from typing import Final

from assays.certificates.reading.model import Column, Finding, Meaning, Profile, Row, Sources, Values
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
    rows: Sequence[Row],
    columns: Sequence[Column],
    profile: Profile,
    detections: Detections,
    sources: Sources | None = None,
) -> tuple[Values, list[Finding]]:
    """Return every cell that is understood, and a finding for every other one: nothing is lost silently.

    A cell that is not there (its row is cut off: see `odd_rows`) is not a blank one, and brings no determination; so does
    one without a source where the table was made from a file that is none (`sources`: its places → those in the file).
    `detections` are limits by the column's number, beside those that columns know themselves.
    """
    factors, findings = factors_of(columns)
    texts = list(zip_longest(*(row.cells for row in rows)))
    meant: list[Sequence[Meaning | None]] = []
    odd: list[tuple[int, int, Finding]] = []
    alike: dict[tuple[str, bool, Decimal | None], _Texts] = {}
    for at, column in enumerate(columns):
        found = texts[column.number - 1] if column.number <= len(texts) else (None,) * len(rows)
        if sources is not None:
            there = ((row.number, column.number) in sources for row in rows)
            found = tuple(text if is_there else None for text, is_there in zip(found, there, strict=True))
        limit = detections.get(column.number, column.lower)
        kind = (column.unit, column.form is None, limit)
        if kind not in alike:
            alike[kind] = _Texts(column, factors[column.number], profile, limit)
        meanings, wrong = alike[kind].read(found, column)
        meant.append(meanings)
        odd += [(place, at, finding) for place, finding in wrong]
    values = Values(rows, columns, meant, sources)
    odd.sort(key=lambda one: one[:2])
    return values, findings + [values.at(finding, place, at) for place, at, finding in odd]


class _Texts:
    """What texts mean in columns of one unit and limit: each is read once."""

    def __init__(
        self, like: Column, factor: Decimal | None, profile: Profile, detection: Decimal | None
    ) -> None:
        self.unit, self.counts = like.unit, like.form is not None
        self.factor, self.profile, self.detection = factor, profile, detection
        self.known: dict[str | None, Meaning | None] = {None: None}
        self.odd: dict[str | None, Cell | Problem] = {}

    def read(
        self, texts: Sequence[str | None], column: Column
    ) -> tuple[Sequence[Meaning | None], list[tuple[int, Finding]]]:
        """Return what each text means (None: not there, or not understood), and findings by the text's place."""
        here = set(texts)
        for text in here - self.known.keys():
            assert text is not None
            self.known[text] = self._meaning(text)
        said = {text: list(self._said(text, column)) for text in here & self.odd.keys()}
        found = [
            (place, finding)
            for place, text in enumerate(texts if said else ())
            for finding in said.get(text, ())
        ]
        known = self.known
        return [known[text] for text in texts], found

    def _meaning(self, text: str) -> Meaning | None:
        raw = text.strip()
        try:
            cell = read_cell(raw, self.profile, detection=self.detection)
            factor = ppm_factor(cell.unit) if cell.unit else self.factor
        except DomainError as error:
            self.odd[text] = error.problems[0]
            return None
        ppm = limit = None
        if factor is not None and self.counts:
            ppm = None if cell.value is None else _EXACT.multiply(cell.value, factor)
            limit = None if cell.limit is None else _EXACT.multiply(cell.limit, factor)
        if cell.qualifier or cell.note or (ppm is not None and ppm > WHOLE):
            self.odd[text] = cell
        return Meaning(raw, cell.qualifier, cell.value, cell.limit, cell.unit or self.unit, ppm, limit)

    def _said(self, text: str | None, column: Column) -> Iterator[Finding]:
        cell, one = self.odd[text], self.known[text]
        if isinstance(cell, Problem):
            yield _of(cell, None, None)
        elif one is not None:
            yield from _odd(cell, one, column)


def _of(problem: Problem, row: int | None, column: int | None) -> Finding:
    return Finding("error", problem.code, row, column, problem.message, problem.remedy)


def _odd(cell: Cell, one: Meaning, column: Column) -> Iterator[Finding]:
    """Yield what a person should look at in a cell that is understood; its place is not known yet."""
    words = {
        "unit-in-cell": f"“{one.raw}” names its own unit, {cell.unit}.",
        "thousands-separator": f"“{one.raw}” was read with commas between thousands.",
    }
    if cell.note:
        remedy = "Look whether that is meant."
        yield Finding("warning", cell.note, None, None, words[cell.note], remedy)
    if cell.qualifier in {BELOW, OVER} and cell.limit is None:
        message = f"“{one.raw}” is below detection, but nothing says below which limit."
        remedy = "Ask for the limit: without it a decision cannot use the value."
        yield Finding("warning", "limit-missing", None, None, message, remedy)
    if one.ppm is not None and one.ppm > WHOLE:
        message = f"{column.oxide or column.analyte} is {one.raw} {one.unit}: more than the whole sample."
        remedy = "Is the unit right? Correct the file."
        yield Finding("error", "more-than-whole", None, None, message, remedy)


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
        # Few rows hold a line end at all.
        for column, cell in enumerate(cells if "\n" in "".join(cells) else (), 1):
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
