"""The plain wide layout: one row of headings such as `Dy_ppm` or `Tb (ppm) ME-MS81`, then a row for each sample."""

from collections.abc import Sequence
from typing import Final

from assays.certificates.reading.model import Column, Finding, Profile, Reading, Row
from assays.certificates.reading.sanity import sane
from assays.certificates.reading.sheet import Sheet
from assays.certificates.reading.values import (
    determinations_of,
    duplicate_columns,
    duplicate_ids,
    odd_rows,
    too_long,
)
from assays.chemistry.headings import Heading, names_a_value, read_heading

NAME: Final = "plain-wide"
#: what the column of labels may be headed by, without case, spaces and signs: the likeliest first
IDS: Final = (
    "sampleid", "sample", "sampleno", "samplenumber", "samplenum", "samplename", "samplelabel", "sampletag", "tag", "label",
    "specimen", "specimenid", "labid", "labno", "fieldno", "fieldid", "ourref", "gsno", "siteid", "id",
)  # fmt: skip
#: bare symbols that are directions where their other half stands beside them
COORDINATES: Final = {
    "y": {"x", "east", "easting", "z"},
    "n": {"e", "east", "easting"},
    "s": {"n", "e", "w"},
    "w": {"n", "s"},
}
#: rows above the headings, at most
PREAMBLE: Final = 30


def _key(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _label(heads: Sequence[str]) -> int | None:
    """Return the index of the column of labels; None when no heading names it."""
    keys = [_key(cell) for cell in heads]
    return next((keys.index(name) for name in IDS if name in keys), None)


def _head(sheet: Sheet) -> int | None:
    """Return the index of the row of headings: at least one names an analyte with its unit, and one the samples."""
    for index, row in enumerate(sheet.rows[:PREAMBLE]):
        read = [read_heading(cell) for cell in row]
        with_unit = sum(one is not None and bool(one.unit) for one in read)
        unread = any(one is None for one in read)
        if with_unit and (_label(row) is not None or (with_unit > 1 and unread)):
            return index
    return None


def recognise(sheet: Sheet) -> str | None:
    """Return why this is a plain wide table; None when it is not."""
    head = _head(sheet)
    if head is None:
        return None
    first = next(cell.strip() for cell in sheet.rows[head] if (one := read_heading(cell)) and one.unit)
    return f"Row {head + 1} has headings with units, such as “{first}”, and each row below is a sample."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the table says. `recognise` must have said that it is of this layout."""
    head = _head(sheet)
    assert head is not None
    heads = sheet.rows[head]
    findings: list[Finding] = []
    label = _label_or_first(heads, head, findings)
    columns = _columns(heads, label, head, findings)
    rows = [
        Row(number, cells[label].strip() if label < len(cells) else "", tuple(cells))
        for number, cells in enumerate(sheet.rows[head + 1 :], head + 2)
        if any(cell.strip() for cell in cells)
    ]
    reading = Reading(
        NAME,
        recognise(sheet) or "",
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        columns=columns,
        rows=rows,
    )
    reading.determinations, unread = determinations_of(rows, columns, profile, {})
    reading.findings = [
        *findings,
        *odd_rows(rows, len(heads)),
        *duplicate_ids(rows, label + 1),
        *duplicate_columns(columns),
        *unread,
        *sane(reading.determinations),
    ]
    return reading


def _label_or_first(heads: Sequence[str], head: int, findings: list[Finding]) -> int:
    label = _label(heads)
    if label is not None:
        return label
    label = next(index for index, cell in enumerate(heads) if read_heading(cell) is None)
    message = f"No heading names the samples: “{heads[label].strip()[:60]}” was taken."
    remedy = "Head the column of their ids “Sample”."
    findings.append(Finding("warning", "sample-column-guessed", head + 1, label + 1, message, remedy))
    return label


def _is_coordinate(cell: str, found: Heading, keys: frozenset[str]) -> bool:
    return not found.unit and not found.method and bool(COORDINATES.get(_key(cell), set()) & keys)


def _columns(heads: Sequence[str], label: int, head: int, findings: list[Finding]) -> list[Column]:
    columns = []
    keys = frozenset(_key(cell) for cell in heads)
    for index, cell in enumerate(heads):
        found = read_heading(cell)
        if index == label or not cell.strip():
            continue
        if found is None or _is_coordinate(cell, found, keys):
            findings.append(_left(cell, head + 1, index + 1))
            continue
        counted = found.analyte
        unit = found.unit or ("%" if counted.analyte in {"LOI", "Total"} else "")
        column = Column(
            index + 1, cell.strip(), counted.analyte, counted.form, counted.oxide, found.method, unit
        )
        wrong = too_long(column, head + 1)
        if wrong is None:
            columns.append(column)
        else:
            findings.append(wrong)
    return columns


def _left(cell: str, row: int, column: int) -> Finding:
    """Return what is said of a column that is not read: a warning where it seems to hold values."""
    if names_a_value(cell):
        message = (
            f"“{cell.strip()[:60]}” seems to count something, and is not understood: the column is left."
        )
        remedy = "Head it by symbol, unit and method, as in “Dy ppm ME-MS81”."
        return Finding("warning", "heading-unclear", row, column, message, remedy)
    return Finding(
        "note",
        "column-unknown",
        row,
        column,
        f"“{cell.strip()[:60]}” is no analyte: the column is left.",
    )
