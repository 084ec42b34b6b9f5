"""The long layout: one row for each value, under headings that say sample, element, value, unit and method in any order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from assays.certificates.reading.blocks import KINDS, TYPES
from assays.certificates.reading.long_cells import signed
from assays.certificates.reading.model import Finding, Profile, Reading, Row
from assays.certificates.reading.pivot import Kept, Place, fill, pivoted
from assays.certificates.reading.plain_wide import IDS
from assays.certificates.reading.preamble import key_of
from assays.certificates.reading.sheet import Sheet
from assays.certificates.reading.values import odd_rows
from assays.chemistry.cells import read_cell
from assays.chemistry.headings import Analyte, analyte_of, names_a_value, read_heading
from assays.chemistry.units import ppm_factor
from lims.errors import DomainError

NAME: Final = "long"
#: rows above the headings, and rows below by which it is told, at most
PREAMBLE, LOOKED_AT = 30, 200
#: what a column holds → its headings without case, blanks and signs, the likeliest first
HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "sample": (*IDS, "sampleidentifier", "samplecode", "clientsampleid", "sampleref", "samplereference"),
    "analyte": ("element", "analyte", "chemcode", "elementcode", "analytecode", "analytename", "elementname", "symbol", "component", "constituent", "parameter", "determinand"),
    "value": ("value", "result", "resultvalue", "reportedvalue", "reportedresult", "valuetext", "resulttext", "concentration", "conc", "content", "assayvalue", "assay", "measuredvalue", "reading"),
    "unit": ("unit", "units", "uom", "unitofmeasure", "resultunit", "resultunits", "valueunit", "unitcode"),
    "method": ("methodcode", "method", "chemmethodcode", "analysismethod", "analyticalmethod", "labmethod", "methodname", "testmethod", "procedure", "technique"),
    "flag": ("bdl", "belowdetection", "belowdetectionlimit", "isbdl", "belowlod", "nondetect"),
    "sign": ("qualifier", "valuequalifier", "resultqualifier", "sign", "prefix", "operator", "modifier", "flag"),
    "lower": ("detectionlimit", "lowerdetectionlimit", "lod", "mdl", "lowerlimit", "detlimit", "detlim", "lld", "ld", "dl", "reportinglimit"),
    "upper": ("upperdetectionlimit", "upperlimit", "upperlim", "uld"),
    "kind": tuple(sorted(TYPES)),
    "repeat": ("replicate", "replicateno", "repeat", "rep"),
    "laboratory": ("laboratory", "lab", "labname", "laboratoryname"),
    "certificate": ("certificate", "certificateno", "certificatenumber", "reportno", "reportnumber", "jobno", "labjobno", "batchno", "batch"),
}  # fmt: skip
NEEDED: Final = ("sample", "analyte", "value")


@dataclass(slots=True)
class _Reader:
    """One file on its way: where its columns stand, and what was found so far (rows are those of the file)."""

    at: Mapping[str, int]
    profile: Profile
    findings: list[Finding] = field(default_factory=list)
    unknown: dict[str, list[int]] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)
    limits: dict[str, Decimal | None] = field(default_factory=dict)

    def cell(self, cells: Sequence[str], what: str) -> str:
        index = self.at.get(what)
        return cells[index].strip() if index is not None and index < len(cells) else ""

    def say(self, severity: str, code: str, row: int, what: str, message: str, remedy: str = "") -> None:
        source = (row, self.at[what] + 1)
        self.findings.append(Finding(severity, code, None, None, message, remedy, source))


def _heads(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """Return the index of the row of headings, and the index of each column by what it holds; None without one."""
    for index, row in enumerate(sheet.rows[:PREAMBLE]):
        keys = [key_of(cell) for cell in row]
        at: dict[str, int] = {}
        for what, names in HEADS.items():
            place = next((keys.index(name) for name in names if name in keys), None)
            if place is not None and place not in at.values():
                at[what] = place
        if all(what in at for what in NEEDED):
            return index, at
    return None


def recognise(sheet: Sheet) -> str | None:
    """Return why this has one value a row; None when it has not."""
    found = _heads(sheet)
    if found is None:
        return None
    head, at = found
    below = sheet.rows[head + 1 : head + 1 + LOOKED_AT]
    if not any(read_heading(row[at["analyte"]]) for row in below if at["analyte"] < len(row)):
        return None
    named = ", ".join(f"“{sheet.rows[head][at[what]].strip()}”" for what in NEEDED)
    return f"Row {head + 1} has the headings {named}, and each row below is one value."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the file says. `recognise` must have said that it is of this layout."""
    found = _heads(sheet)
    assert found is not None
    head, at = found
    reader = _Reader(at, profile)
    lines = [
        (number, cells)
        for number, cells in enumerate(sheet.rows[head + 1 :], head + 2)
        if any(cell.strip() for cell in cells)
    ]
    kept = [one for number, cells in lines if (one := _kept(reader, number, cells)) is not None]
    reading = Reading(NAME, recognise(sheet) or "", encoding=sheet.encoding, delimiter=sheet.delimiter)
    reading.laboratory = _only(reader, lines, "laboratory")
    reading.certificate = _only(reader, lines, "certificate")
    table = pivoted(kept, at["sample"] + 1)
    firsts: dict[int, Place] = {}
    for (_, column), (row, _place) in table.sources.items():
        firsts[column] = min(firsts.get(column, (row, None)), (row, None), key=lambda one: one[0] or 0)
    said = fill(reading, table, profile, {}, firsts)
    own = [
        *reader.findings,
        *_unknown(reader),
        *_left(sheet.rows[head], head + 1, at),
        *_odd_rows(lines, len(sheet.rows[head])),
    ]
    rows = {place[0]: row for (row, _), place in table.sources.items()}
    reading.findings = [*(_with_row(one, rows) for one in own), *said]
    return reading


def _kept(reader: _Reader, number: int, cells: Sequence[str]) -> Kept | None:
    """Return the value of a row; None, and a finding, where it cannot be told whose or of what it is."""
    if len(cells) <= reader.at["value"]:
        return None  # said by `odd_rows`
    symbol = reader.cell(cells, "analyte")
    counted, unit, method = _counted(symbol)
    if counted is None:
        reader.unknown.setdefault(symbol, []).append(number)
        return None
    stated = reader.cell(cells, "unit")
    if unit and stated and not _same_unit(unit, stated):
        message = f"“{symbol[:40]}” stands beside the unit “{stated[:24]}”: the value is left."
        reader.say("error", "unit-contradiction", number, "unit", message, "Ask which of the two it is.")
        return None
    return Kept(
        reader.cell(cells, "sample"),
        _kind(reader, number, cells),
        reader.cell(cells, "repeat"),
        symbol,
        counted,
        reader.cell(cells, "method") or method,
        stated or unit or ("%" if counted.analyte in {"LOI", "Total"} else ""),
        signed(
            reader.cell(cells, "value"),
            flag=reader.cell(cells, "flag"),
            sign=reader.cell(cells, "sign"),
            limit=reader.cell(cells, "lower"),
            profile=reader.profile,
        ),
        (number, reader.at["value"] + 1),
        _limit(reader, number, cells, "lower"),
        _limit(reader, number, cells, "upper"),
    )


def _counted(symbol: str) -> tuple[Analyte | None, str, str]:
    counted = analyte_of(symbol)
    if counted is not None:
        return counted, "", ""
    found = read_heading(symbol)
    return (None, "", "") if found is None else (found.analyte, found.unit, found.method)


def _same_unit(one: str, other: str) -> bool:
    try:
        return ppm_factor(one) == ppm_factor(other)
    except DomainError:
        return one.casefold() == other.casefold()


def _kind(reader: _Reader, number: int, cells: Sequence[str]) -> str:
    said = reader.cell(cells, "kind")
    kind = KINDS.get(key_of(said), "")
    if said and not kind and said not in reader.types:
        reader.types.add(said)
        message = f"“{said[:40]}” is no type known here (sample, standard, duplicate, blank)."
        reader.say("note", "type-unknown", number, "kind", message)
    return kind


def _limit(reader: _Reader, number: int, cells: Sequence[str], what: str) -> Decimal | None:
    """Return a limit; one that cannot be read is named where it stands first."""
    text = reader.cell(cells, what)
    if text and text not in reader.limits:
        reader.limits[text] = None
        try:
            cell = read_cell(text, replace(reader.profile, leading_minus_below=False))
            reader.limits[text] = cell.value if cell.value is not None else cell.limit
        except DomainError:
            message = f"“{text[:40]}” is no limit of detection that can be read."
            reader.say("warning", "limit-unreadable", number, what, message, "Values below it have no limit.")
    return reader.limits[text] if text else None


def _only(reader: _Reader, lines: Sequence[tuple[int, Sequence[str]]], what: str) -> str:
    """Return what all rows say; "" where they say different things or nothing."""
    said = {text for _, cells in lines if (text := reader.cell(cells, what))}
    return said.pop() if len(said) == 1 else ""


def _unknown(reader: _Reader) -> Iterator[Finding]:
    for symbol, rows in reader.unknown.items():
        place = (rows[0], reader.at["analyte"] + 1)
        many = f"row {rows[0]} is" if len(rows) == 1 else f"{len(rows)} rows from {rows[0]} on are"
        if not symbol:
            message, remedy = f"No element is named: {many} left.", "Add its symbol."
            yield Finding("error", "analyte-missing", None, None, message, remedy, place)
            continue
        severity = "warning" if names_a_value(symbol) or len(symbol) <= 4 else "note"
        message = f"“{symbol[:60]}” is no element or oxide known here: {many} left."
        yield Finding(severity, "column-unknown", None, None, message, "", place)


def _left(heads: Sequence[str], row: int, at: Mapping[str, int]) -> Iterator[Finding]:
    taken = set(at.values())
    left = [cell.strip()[:40] for index, cell in enumerate(heads) if cell.strip() and index not in taken]
    if left:
        more = f" and {len(left) - 40} more" if len(left) > 40 else ""
        message = f"These columns say nothing of a value, and are left: {', '.join(left[:40])}{more}."
        yield Finding("note", "columns-left", None, None, message, "", (row, None))


def _odd_rows(lines: Sequence[tuple[int, Sequence[str]]], width: int) -> Iterator[Finding]:
    for one in odd_rows([Row(number, "", tuple(cells)) for number, cells in lines], width):
        yield replace(one, row=None, column=None, source=(one.row, one.column))


def _with_row(one: Finding, rows: Mapping[int, int]) -> Finding:
    """Return a finding with the row of the table in which what it is about stands, if it does."""
    place = one.source[0] if one.source is not None else None
    return one if place is None or place not in rows else replace(one, row=rows[place])
