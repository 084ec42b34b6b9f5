"""Tables under several rows of headings, each named in its first cell: METHOD, SAMPLE, DESCRIPTION, LD and the like.

Rows are found by those names and never by their number: what stands above may be of any length.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from assays.certificates.reading.disagreement import methods_disagree
from assays.certificates.reading.model import Column, Finding, Profile, Reading, Row, Values
from assays.certificates.reading.preamble import Preamble, contradictions, key_of
from assays.certificates.reading.sanity import sane
from assays.certificates.reading.sheet import Sheet
from assays.certificates.reading.values import (
    determinations_of,
    duplicate_columns,
    duplicate_ids,
    odd_rows,
    too_long,
)
from assays.chemistry.cells import read_cell
from assays.chemistry.headings import analyte_of, names_a_value, read_heading
from lims.errors import DomainError

#: rows above the headings, at most
PREAMBLE: Final = 200
#: what a heading row may say: analytes, units, methods, limits of detection, or only that samples follow
SYMBOLS, UNITS, METHODS, LABELS = "symbols", "units", "methods", "samples"
LOWER, UPPER = "detection limits", "upper limits"
#: the file's own column of types: heading, and what its words mean
TYPES: Final = frozenset({"type", "sampletype", "qctype"})
KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("smp", "sample", "sam", "unk", "unknown", "routine", "original", "orig"), "sample"),
    **dict.fromkeys(("std", "standard", "crm", "srm", "qc", "reference", "ref"), "standard"),
    **dict.fromkeys(("dup", "duplicate", "rep", "repeat", "replicate", "chk", "check"), "duplicate"),
    **dict.fromkeys(("blank", "blk", "bnk", "rblk", "rb"), "blank"),
}

#: first cell of a row of headings, as `key_of` has it → what the row says
Anchors = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """Where the rows of headings stand (indexes of rows): the first and the last of them, and each by what it says."""

    first: int
    last: int
    at: Mapping[str, int]

    def cell(self, sheet: Sheet, what: str, index: int) -> str:
        """Return the cell of a heading row in a column; "" where there is none."""
        if what not in self.at:
            return ""
        row = sheet.rows[self.at[what]]
        return row[index].strip() if index < len(row) else ""

    def names(self, sheet: Sheet) -> str:
        """Return the names of the heading rows, as they stand, in a sentence."""
        ways = {index: what for what, index in self.at.items()}
        names = [sheet.rows[index][0].strip() or f"of {ways[index]}" for index in sorted(ways)]
        return f"{', '.join(names[:-1])} and {names[-1]}"


def find_block(sheet: Sheet, anchors: Anchors, needed: frozenset[str]) -> Block | None:
    """Return the first run of heading rows that has all that is needed; None without one.

    They stand one below the other, with empty rows between them at most; a single row is no run.
    """
    at: dict[str, int] = {}
    for index, row in enumerate(sheet.rows[: PREAMBLE + len(anchors)]):
        what = anchors.get(key_of(row[0]) if row else "")
        if what is not None and what not in at:
            at[what] = index
        elif what is not None or any(cell.strip() for cell in row):
            if needed <= at.keys() and len(at) > 1:
                break
            at = {what: index} if what is not None else {}
    whole = needed <= at.keys() and len(at) > 1
    return Block(min(at.values()), max(at.values()), at) if whole else None


def read_block(
    sheet: Sheet,
    profile: Profile,
    block: Block,
    reading: Reading,
    preamble: Preamble,
    findings: list[Finding],
) -> Reading:
    """Fill a reading, which knows what the preamble says, with the table under the headings."""
    types: list[int] = []
    reading.columns = _columns(sheet, profile, block, findings, types)
    reading.rows = _rows(sheet, block, types[0] if types else None, findings)
    reading.encoding, reading.delimiter = sheet.encoding, sheet.delimiter
    reading.determinations, unread = determinations_of(reading.rows, reading.columns, profile, {})
    reading.findings = [
        *contradictions(reading, preamble.comments()),
        *findings,
        *odd_rows(reading.rows, len(sheet.rows[block.at[SYMBOLS]])),
        *duplicate_ids([row for row in reading.rows if row.kind in {"", "sample"}]),
        *duplicate_columns(reading.columns),
        *unread,
        *beyond_limits(reading.determinations),
        *methods_disagree(reading.determinations),
        *sane(reading.determinations),
    ]
    return reading


def _rows(sheet: Sheet, block: Block, types: int | None, findings: list[Finding]) -> list[Row]:
    rows = []
    for number, cells in enumerate(sheet.rows[block.last + 1 :], block.last + 2):
        if not any(cell.strip() for cell in cells):
            continue
        said = cells[types].strip() if types is not None and types < len(cells) else ""
        rows.append(Row(number, cells[0].strip(), tuple(cells), KINDS.get(key_of(said), "")))
        if said and not rows[-1].kind and types is not None:
            message = f"“{said[:40]}” is no type of row known here: it is read as a sample."
            remedy = "Known are SMP, STD, DUP and BLANK."
            findings.append(Finding("warning", "kind-unknown", number, types + 1, message, remedy))
    return rows


def _columns(
    sheet: Sheet, profile: Profile, block: Block, findings: list[Finding], types: list[int]
) -> list[Column]:
    symbols = block.at[SYMBOLS]
    columns = []
    for index, symbol in enumerate(sheet.rows[symbols]):
        heading = symbol.strip()
        if index and any(key_of(block.cell(sheet, what, index)) in TYPES for what in block.at):
            types.append(index)
            continue
        if index == 0 or not heading:
            continue
        column = _column(sheet, block, index, heading)
        if column is None:
            findings.append(_unknown(heading, symbols + 1, index + 1))
            continue
        wrong = too_long(column, symbols + 1)
        if wrong is not None:
            findings.append(wrong)
            continue
        lower, upper = (_limit(sheet, profile, block, what, column, findings) for what in (LOWER, UPPER))
        columns.append(replace(column, lower=lower, upper=upper))
    return columns


def _column(sheet: Sheet, block: Block, index: int, heading: str) -> Column | None:
    """Return a column by its symbol; one that names its unit itself (Dy_ppm) says it where the row of units does not."""
    method, unit = (block.cell(sheet, what, index) for what in (METHODS, UNITS))
    counted = analyte_of(heading)
    if counted is None:
        whole = read_heading(heading)
        if whole is None:
            return None
        counted, unit, method = whole.analyte, unit or whole.unit, method or whole.method
    return Column(index + 1, heading, counted.analyte, counted.form, counted.oxide, method, unit)


def _unknown(heading: str, row: int, column: int) -> Finding:
    severity = "warning" if names_a_value(heading) or len(heading) <= 4 else "note"
    message = f"“{heading[:60]}” is no element or oxide known here: the column is left."
    return Finding(severity, "column-unknown", row, column, message)


def _limit(
    sheet: Sheet, profile: Profile, block: Block, what: str, column: Column, findings: list[Finding]
) -> Decimal | None:
    text = block.cell(sheet, what, column.number - 1)
    if not text:
        return None
    try:
        # A limit is a plain number: -0.05 is none, whatever a minus means among values.
        cell = read_cell(text, replace(profile, leading_minus_below=False, zero_below=False))
    except DomainError:
        cell = None
    limit = None if cell is None else cell.limit if cell.value is None else cell.value
    if limit is not None and limit <= 0 and column.form is None:
        return limit  # LOI may be a gain
    if cell is None or (limit is not None and limit <= 0) or cell.unit not in {"", column.unit}:
        message = f"“{text[:40]}” is no limit of detection that can be read."
        remedy = "Values below it have no limit: correct the file."
        place = (block.at[what] + 1, column.number)
        findings.append(Finding("warning", "limit-unreadable", *place, message, remedy))
        return None
    return limit


def beyond_limits(values: Values) -> Iterator[Finding]:
    """Yield a warning for each plain value outside the limits that the file states for its column."""
    for at, column in enumerate(values.columns):
        if column.lower is None and column.upper is None:
            continue
        said = {
            key: words
            for key, one in values.distinct[at].items()
            if one is not None and one.unit == column.unit and (words := _beyond(column, one.value))
        }
        for place, one in enumerate(values.meanings[at] if said else ()):
            if id(one) in said:
                words = said[id(one)]
                remedy = "Is the unit right? Ask the laboratory."
                yield values.at(Finding("warning", "beyond-limits", None, None, words, remedy), place, at)


def _beyond(column: Column, value: Decimal | None) -> str:
    name = column.oxide or column.analyte
    if value is None or column.form is None:
        return ""
    if column.upper is not None and value > column.upper:
        return f"{name} is {value} {column.unit}: above the upper limit of {column.upper}, without “>”."
    if column.lower is not None and value < column.lower:
        return (
            f"{name} is {value} {column.unit}: below the limit of detection of {column.lower}, without “<”."
        )
    return ""
