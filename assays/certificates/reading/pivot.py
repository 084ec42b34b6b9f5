"""Values that do not stand as a table, turned into one: a row for each sample, a column for each analyte, method and unit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from assays.certificates.reading.blocks import beyond_limits
from assays.certificates.reading.model import Column, Finding, Profile, Reading, Row
from assays.certificates.reading.sanity import sane
from assays.certificates.reading.values import (
    LONGEST_LABEL,
    determinations_of,
    duplicate_columns,
    too_long,
)
from assays.chemistry.headings import Analyte

#: places of a table that is made; a file whose samples share no analyte would make many more than it has values
MOST_PLACES: Final = 4_000_000
#: where something stands in the file: row, column
Place = tuple[int | None, int | None]


class TooSparse(Exception):
    """The samples share so little that a table of them would be mostly empty."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A value as the file has it: whose it is, what it counts, its text, its place, and the limits that stand beside it."""

    sample: str
    kind: str
    repeat: str
    heading: str
    counted: Analyte
    method: str
    unit: str
    text: str
    place: tuple[int, int]
    lower: Decimal | None = None
    upper: Decimal | None = None


@dataclass(slots=True)
class Table:
    """The table that was made, with where each of its places stands in the file."""

    rows: list[Row] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    sources: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def pivoted(kept: Sequence[Kept], label: int) -> Table:
    """Return the table of values that stand below each other; `label` is the column of labels, from 1.

    A sample that has the same analyte by the same method twice becomes a second row of the same name: no value is lost.
    Raises `TooSparse` where the table would be mostly empty.
    """
    table = Table()
    columns = _columns(kept, table)
    cells: dict[tuple[str, str, str, int], dict[int, Kept]] = {}
    seen: dict[tuple[str, str, str, int], int] = {}
    for one in kept:
        number = columns.get(_series(one))
        if number is None:
            continue
        whose = (one.sample.casefold(), one.kind or "sample", one.repeat.casefold())
        occurrence = seen[(*whose, number)] = seen.get((*whose, number), 0) + 1
        cells.setdefault((*whose, occurrence), {})[number] = one
    if len(cells) * len(table.columns) > MOST_PLACES:
        message = f"{len(cells)} samples and {len(table.columns)} columns make too large a table."
        raise TooSparse(message)
    for found in cells.values():
        first = next(iter(found.values()))
        number = first.place[0]
        texts = tuple(found[c.number].text if c.number in found else "" for c in table.columns)
        table.rows.append(Row(number, first.sample, texts, first.kind))
        table.sources.update(((number, column), one.place) for column, one in found.items())
    table.rows.sort(key=lambda row: row.number)
    table.findings += repeated(table.rows, {row.number: (row.number, label) for row in table.rows}, "row")
    return table


def _series(one: Kept) -> tuple[Analyte, str, str]:
    return one.counted, one.method.casefold(), one.unit


def _columns(kept: Iterable[Kept], table: Table) -> dict[tuple[Analyte, str, str], int]:
    """Fill the columns of a table, and return their numbers; a limit belongs to a column when all its values have it."""
    firsts: dict[tuple[Analyte, str, str], Kept] = {}
    limits: dict[tuple[Analyte, str, str], set[tuple[Decimal | None, Decimal | None]]] = {}
    for one in kept:
        firsts.setdefault(_series(one), one)
        limits.setdefault(_series(one), set()).add((one.lower, one.upper))
    numbers: dict[tuple[Analyte, str, str], int] = {}
    for series, one in firsts.items():
        lower, upper = next(iter(limits[series])) if len(limits[series]) == 1 else (None, None)
        of = one.counted
        place = len(table.columns) + 1
        column = Column(place, one.heading, of.analyte, of.form, of.oxide, one.method, one.unit, lower, upper)
        wrong = too_long(column, one.place[0])
        if wrong is None:
            table.columns.append(column)
            numbers[series] = place
        else:
            table.findings.append(replace(wrong, row=None, column=None, source=one.place))
    return numbers


def repeated(rows: Iterable[Row], places: Mapping[int, Place], what: str) -> list[Finding]:
    """Return an error for each row whose label is missing, too long, or an earlier row's; `what` a row is in the file."""
    first: dict[str, int] = {}
    findings = []
    for row in rows:
        key = row.sample.casefold()
        if not key:
            code, message, remedy = "sample-id-missing", f"The {what} names no sample.", "Add its id."
        elif len(key) > LONGEST_LABEL:
            code = "sample-id-too-long"
            message = f"The sample's id has {len(key)} characters, and at most {LONGEST_LABEL} are kept."
            remedy = "Is a quotation mark or a delimiter misplaced?"
        elif key in first and row.kind in {"", "sample"}:
            code = "duplicate-id"
            message = f"“{row.sample}” has values from {what} {first[key]} on already."
            remedy = "Is it a duplicate of it?"
        else:
            first.setdefault(key, row.number)
            continue
        findings.append(Finding("error", code, row.number, None, message, remedy, source=places[row.number]))
    return findings


def placed(
    findings: Iterable[Finding], rows: Mapping[int, Place], columns: Mapping[int, Place]
) -> list[Finding]:
    """Return findings on rows and columns of a table that was made, each with its place in the file."""
    found = []
    for one in findings:
        place = None
        if one.source is None and one.row is not None:
            place = rows.get(one.row)
        elif one.source is None and one.column is not None:
            place = columns.get(one.column)
        found.append(one if place is None else replace(one, source=place))
    return found


def fill(
    reading: Reading, table: Table, profile: Profile, rows: Mapping[int, Place], columns: Mapping[int, Place]
) -> list[Finding]:
    """Give a reading the table, and return everything that is found in its values, each with its place in the file."""
    reading.rows, reading.columns = table.rows, table.columns
    reading.determinations, unread = determinations_of(table.rows, table.columns, profile, {}, table.sources)
    odd = [*beyond_limits(reading.determinations), *sane(reading.determinations)]
    said = [*duplicate_columns(table.columns), *unread, *odd]
    return [*table.findings, *placed(said, rows, columns)]
