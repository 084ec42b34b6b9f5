"""A plain layout that a person taught once, told again by the digest of its headings wherever they stand."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from assays.certificates.reading.blocks import KINDS
from assays.certificates.reading.mapping import PREAMBLE, Mapping, Taught
from assays.certificates.reading.model import Column, Finding, Profile, Reading, Row
from assays.certificates.reading.preamble import key_of
from assays.certificates.reading.sanity import sane
from assays.certificates.reading.sheet import Sheet
from assays.certificates.reading.values import (
    determinations_of,
    duplicate_columns,
    duplicate_ids,
    odd_rows,
)
from assays.chemistry.headings import analyte_of
from lims.errors import invalid

NAME: Final = "taught"
__all__ = ["NAME", "Mapping", "Taught", "fitting", "headings_at", "headings_digest", "read_taught"]


def headings_digest(sheet: Sheet, row: int, rows: int = 1) -> str:
    """Return the SHA-256 over the headings from `row` (from 1) on, without case, blanks and empty cells at the end.

    >>> a, b = Sheet([["Tag", "Dy "]], "utf-8", ","), Sheet([[""], ["TAG", "dy", ""]], "utf-8", ";")
    >>> headings_digest(a, 1) == headings_digest(b, 2)
    True
    """
    lines = []
    for cells in sheet.rows[row - 1 : row - 1 + rows]:
        words = [" ".join(cell.split()).casefold() for cell in cells]
        while words and not words[-1]:
            words.pop()
        lines.append("\x1f".join(words))
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()


def headings_at(sheet: Sheet, mapping: Mapping) -> int | None:
    """Return the row (from 1) in which the headings begin on which it was taught; None where the file has others."""
    first = min(mapping.headings_row, len(sheet.rows))
    rest = [number for number in range(1, min(len(sheet.rows), PREAMBLE) + 1) if number != first]
    wanted, rows = mapping.headings_sha256, mapping.headings_rows
    return next((one for one in [first, *rest] if one and headings_digest(sheet, one, rows) == wanted), None)


def fitting(sheet: Sheet, mappings: Sequence[Mapping]) -> Mapping | None:
    """Return the first mapping that was taught on this file's headings; None where none was."""
    return next((one for one in mappings if headings_at(sheet, one) is not None), None)


def read_taught(sheet: Sheet, mapping: Mapping, profile: Profile) -> Reading:
    """Return what the file says by the mapping. Raises `Invalid` ("headings-differ") where it was taught on others."""
    head = headings_at(sheet, mapping)
    if head is None:
        raise invalid(
            "headings-differ",
            "The headings are not those on which the layout was taught.",
            "Teach it again, or choose another profile.",
        )
    heads, last = sheet.rows[head - 1], head - 1 + mapping.headings_rows
    if mapping.decimal_comma:
        profile = replace(profile, decimal_comma=True)
    columns = [_as_column(one, heads) for one in mapping.columns]
    rows = [
        Row(number, _cell(cells, mapping.sample_column), tuple(cells), _kind(cells, mapping.type_column))
        for number, cells in enumerate(sheet.rows[last:], last + 1)
        if any(cell.strip() for cell in cells)
    ]
    why = f"Its headings in row {head} are those on which the layout was taught."
    reading = Reading(
        NAME, why, encoding=sheet.encoding, delimiter=sheet.delimiter, columns=columns, rows=rows
    )
    reading.determinations, unread = determinations_of(rows, columns, profile, {})
    reading.findings = [
        *_left(heads, mapping, head),
        *odd_rows(rows, len(heads)),
        *duplicate_ids([row for row in rows if row.kind in {"", "sample"}], mapping.sample_column),
        *duplicate_columns(columns),
        *unread,
        *sane(reading.determinations),
    ]
    return reading


def _as_column(one: Taught, heads: Sequence[str]) -> Column:
    counted = analyte_of(one.symbol)
    assert counted is not None
    heading = _cell(heads, one.column) or one.symbol
    return Column(
        one.column,
        heading,
        counted.analyte,
        counted.form,
        counted.oxide,
        one.method.strip(),
        one.unit.strip(),
    )


def _cell(cells: Sequence[str], number: int) -> str:
    return cells[number - 1].strip() if number <= len(cells) else ""


def _kind(cells: Sequence[str], number: int | None) -> str:
    return "" if number is None else KINDS.get(key_of(_cell(cells, number)), "")


def _left(heads: Sequence[str], mapping: Mapping, row: int) -> list[Finding]:
    taken = {mapping.sample_column, mapping.type_column, *(one.column for one in mapping.columns)}
    return [
        Finding(
            "note",
            "column-unknown",
            row,
            number,
            f"“{cell.strip()[:60]}” was not taught: the column is left.",
        )
        for number, cell in enumerate(heads, 1)
        if cell.strip() and number not in taken
    ]
