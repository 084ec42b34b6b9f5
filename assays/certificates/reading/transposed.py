"""The transposed layout: a row for each element, with its unit and method beside it, and a column for each sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from assays.certificates.reading.blocks import KINDS, TYPES
from assays.certificates.reading.long import HEADS
from assays.certificates.reading.model import Column, Finding, Profile, Reading, Row
from assays.certificates.reading.pivot import Place, Table, fill, repeated
from assays.certificates.reading.plain_wide import IDS
from assays.certificates.reading.preamble import key_of
from assays.certificates.reading.sheet import Sheet
from assays.certificates.reading.values import odd_rows, too_long
from assays.chemistry.cells import read_cell
from assays.chemistry.headings import Heading, names_a_value, read_heading
from lims.errors import DomainError

NAME: Final = "transposed"
#: rows above the headings, columns before the samples, and rows by which it is told, at most
PREAMBLE, MOST_BEFORE, LOOKED_AT = 200, 10, 200
#: what may head the column of elements; the corner is also left empty, or names the samples beside it
CORNERS: Final = frozenset({"element", "elements", "analyte", "analytes", "symbol", "oxide", "component", "parameter", "", *IDS})  # fmt: skip
#: what a column beside the elements says → its headings
BESIDE: Final[Mapping[str, frozenset[str]]] = {
    "unit": frozenset({"unit", "units", "uom", "unitofmeasure"}),
    "method": frozenset({"method", "methodcode", "methods", "labmethod", "analysismethod", "technique"}),
    "lower": frozenset({"detectionlimit", "detlim", "detlimit", "lod", "mdl", "lowerlimit", "ld", "dl", "lld", "mindetection"}),
    "upper": frozenset({"upperlimit", "upperdetectionlimit", "upperlim", "uld", "maxdetection"}),
    "left": frozenset({"no", "description", "name", "elementname", "comment", "comments", "note", "notes", "remarks", "casno", "form", "scheme"}),
}  # fmt: skip
#: headings that stand beside each other where each row is one value
_VALUES: Final = frozenset(HEADS["value"])
_SAMPLES: Final = frozenset(HEADS["sample"])


@dataclass(slots=True)
class _Heads:
    """Where the headings stand (indexes): their row, the column of elements, those beside it, those of samples."""

    row: int
    corner: int
    beside: dict[str, int] = field(default_factory=dict)
    left: list[int] = field(default_factory=list)
    samples: list[int] = field(default_factory=list)


def _cell(cells: Sequence[str], index: int | None) -> str:
    return cells[index].strip() if index is not None and index < len(cells) else ""


def _heads(sheet: Sheet) -> _Heads | None:
    for index, row in enumerate(sheet.rows[:PREAMBLE]):
        if any((one := read_heading(cell)) is not None and one.unit for cell in row):
            return None  # analytes with units beside each other: no samples
        keys = {key_of(cell) for cell in row}
        if keys & _VALUES and keys & _SAMPLES:
            return None  # one value a row
        for corner, cell in enumerate(row[:MOST_BEFORE]):
            key = key_of(cell)
            named = (key in CORNERS if key else not cell.strip()) and any(
                _cell(row, place) for place in range(corner + 1, len(row))
            )
            if named and _elements_below(sheet, index, corner):
                heads = _across(row, index, corner, sheet)
                if heads.samples and _has_units(sheet, heads):
                    return heads
    return None


def _elements_below(sheet: Sheet, index: int, corner: int) -> bool:
    """Return whether most cells below are elements or oxides, and one of the first three; below no heading the first."""
    below = [_cell(row, corner) for row in sheet.rows[index + 1 : index + 1 + LOOKED_AT]]
    filled = [cell for cell in below if cell]
    first = filled[: 3 if _cell(sheet.rows[index], corner) else 1]
    if not any(read_heading(cell) for cell in first):
        return False
    return sum(read_heading(cell) is not None for cell in filled) * 2 > len(filled)


def _has_units(sheet: Sheet, heads: _Heads) -> bool:
    if "unit" in heads.beside:
        return True
    below = (_cell(row, heads.corner) for row in sheet.rows[heads.row + 1 :][:LOOKED_AT])
    return any(one is not None and one.unit for one in map(read_heading, below))


def _across(row: Sequence[str], index: int, corner: int, sheet: Sheet) -> _Heads:
    """Tell what each column of the headings is: whatever says nothing of an element is a sample."""
    heads = _Heads(index, corner)
    width = max(len(cells) for cells in sheet.rows[index : index + 1 + LOOKED_AT])
    for place in range(width):
        key = key_of(_cell(row, place))
        what = next((name for name, keys in BESIDE.items() if key in keys), None)
        if place == corner:
            continue
        if what is None:
            filled = bool(_cell(row, place)) or any(_cell(cells, place) for cells in sheet.rows[index + 1 :])
            (heads.samples if place > corner and filled else heads.left).append(place)
        elif what == "left" or what in heads.beside:
            heads.left.append(place)
        else:
            heads.beside[what] = place
    return heads


def recognise(sheet: Sheet) -> str | None:
    """Return why elements stand below each other here; None when they do not."""
    heads = _heads(sheet)
    if heads is None:
        return None
    below = (_cell(row, heads.corner) for row in sheet.rows[heads.row + 1 :])
    first = next(cell for cell in below if read_heading(cell))
    return f"Elements stand below each other, such as “{first}”, and row {heads.row + 1} names the samples."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the file says. `recognise` must have said that it is of this layout."""
    heads = _heads(sheet)
    assert heads is not None
    reading = Reading(NAME, recognise(sheet) or "", encoding=sheet.encoding, delimiter=sheet.delimiter)
    table = Table()
    lines = [(n, cells) for n, cells in enumerate(sheet.rows[heads.row + 1 :], heads.row + 2) if any(c.strip() for c in cells)]  # fmt: skip
    kinds: dict[int, str] = {}
    elements: list[tuple[int, Sequence[str]]] = []
    for number, cells in lines:
        if key_of(_cell(cells, heads.corner)) in TYPES:
            kinds = {place: KINDS.get(key_of(_cell(cells, place)), "") for place in heads.samples}
        elif (column := _column(heads, profile, number, cells, table)) is not None:
            table.columns.append(column)
            elements.append((number, cells))
    _turn(sheet.rows[heads.row], heads, elements, kinds, table)
    rows: dict[int, Place] = {place + 1: (heads.row + 1, place + 1) for place in heads.samples}
    columns: dict[int, Place] = {at: (number, None) for at, (number, _) in enumerate(elements, 1)}
    own = [*_left(sheet.rows[heads.row], heads), *_odd(lines, len(sheet.rows[heads.row]))]
    said = fill(reading, table, profile, rows, columns)
    reading.findings = [*own, *repeated(table.rows, rows, "column"), *said]
    return reading


def _turn(
    labels: Sequence[str],
    heads: _Heads,
    elements: Sequence[tuple[int, Sequence[str]]],
    kinds: Mapping[int, str],
    table: Table,
) -> None:
    """Fill the rows: each sample's column becomes one. A cell that its row is too short for is not there."""
    for place in heads.samples:
        texts = tuple(_cell(cells, place) for _, cells in elements)
        table.rows.append(Row(place + 1, _cell(labels, place), texts, kinds.get(place, "")))
        for at, (number, cells) in enumerate(elements, 1):
            if place < len(cells):
                table.sources[place + 1, at] = (number, place + 1)


def _column(
    heads: _Heads, profile: Profile, number: int, cells: Sequence[str], table: Table
) -> Column | None:
    """Return what a row counts; None, and a finding, where it counts nothing known."""
    symbol = _cell(cells, heads.corner)
    found = read_heading(symbol)
    if found is None:
        severity = "warning" if names_a_value(symbol) or 0 < len(symbol) <= 4 else "note"
        message = f"“{symbol[:60]}” is no element or oxide known here: the row is left."
        source = (number, heads.corner + 1)
        table.findings.append(Finding(severity, "column-unknown", None, None, message, "", source))
        return None
    limits = [_limit(heads, profile, number, cells, table, what) for what in ("lower", "upper")]
    of = found.analyte
    unit, method = _unit(heads, cells, found), _cell(cells, heads.beside.get("method")) or found.method
    column = Column(
        len(table.columns) + 1, symbol, of.analyte, of.form, of.oxide, method, unit, limits[0], limits[1]
    )
    wrong = too_long(column, number)
    if wrong is None:
        return column
    message = wrong.message.replace("the column is left", "the row is left")
    table.findings.append(replace(wrong, row=None, column=None, message=message, source=(number, None)))
    return None


def _unit(heads: _Heads, cells: Sequence[str], found: Heading) -> str:
    stated = _cell(cells, heads.beside.get("unit"))
    return stated or found.unit or ("%" if found.analyte.analyte in {"LOI", "Total"} else "")


def _limit(
    heads: _Heads, profile: Profile, number: int, cells: Sequence[str], table: Table, what: str
) -> Decimal | None:
    text = _cell(cells, heads.beside.get(what))
    if not text:
        return None
    try:
        cell = read_cell(text, replace(profile, leading_minus_below=False))
    except DomainError:
        message = f"“{text[:40]}” is no limit of detection that can be read."
        source = (number, heads.beside[what] + 1)
        remedy = "Values below it have no limit."
        table.findings.append(Finding("warning", "limit-unreadable", None, None, message, remedy, source))
        return None
    return cell.value if cell.value is not None else cell.limit


def _left(labels: Sequence[str], heads: _Heads) -> list[Finding]:
    return [
        Finding(
            "note", "column-unknown", None, None, f"“{_cell(labels, place)[:60]}” is no sample: the column is left.",
            source=(heads.row + 1, place + 1),
        )
        for place in heads.left
        if _cell(labels, place)
    ]  # fmt: skip


def _odd(lines: Sequence[tuple[int, Sequence[str]]], width: int) -> list[Finding]:
    rows = [Row(number, "", tuple(cells)) for number, cells in lines]
    return [
        replace(one, row=None, column=None, source=(one.row, one.column)) for one in odd_rows(rows, width)
    ]
