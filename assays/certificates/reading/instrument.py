"""A sequence exported by an ICP-MS (Agilent MassHunter and alike): a block of columns for each isotope, a row for each tube.

Anchors, in the first rows of the file: a row with isotopes, as `163  Dy  [ He ]` or `75 -> 91  As  [ O2 ]`, each above the
first column of its block; below it a row with `Sample Name` and, in the blocks, `Conc. [ ppb ]`, `Conc. RSD`, `CPS` and the
like. Only concentrations are values.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assays.certificates.reading.model import Column, Finding, Profile, Reading, Row
from assays.certificates.reading.preamble import key_of
from assays.certificates.reading.sanity import sane
from assays.certificates.reading.sheet import Sheet
from assays.certificates.reading.solutions import Dilution, of_solid, solution_unit
from assays.certificates.reading.values import (
    determinations_of,
    duplicate_columns,
    duplicate_ids,
    odd_rows,
)
from assays.chemistry.headings import analyte_of

NAME: Final = "instrument"
#: rows above the headings, at most
PREAMBLE: Final = 30
_ISOTOPE: Final = re.compile(
    r"(?P<mass>[0-9]{1,3}(?:\s*->\s*[0-9]{1,3})?)\s*(?P<symbol>[A-Z][a-z]?)\s*(?P<standard>\(\s*ISTD\s*\))?\s*(?:\[(?P<mode>[^\]]{0,20})\])?",
    re.IGNORECASE,
)
_CONCENTRATION: Final = re.compile(
    r"(?P<measured>meas(?:ured|\.)?\s*)?conc(?:entration|\.)?\s*(?:[\[(]\s*(?P<unit>[^\])]{1,20}?)\s*[\])])?",
    re.IGNORECASE,
)
LABELS: Final = ("samplename", "sampleid", "sample")
#: what the instrument says a tube is; a calibration is no sample, and no reference material either
CALIBRATION: Final = frozenset({"calblk", "calstd", "calibrationblank", "calibrationstandard", "bkgnd", "tune", "rinse", "isotopestd"})  # fmt: skip
KINDS: Final = {
    **dict.fromkeys(("sample", "unknown", "unk", "fqblk"), "sample"),
    **dict.fromkeys(
        ("qc", "qc1", "qc2", "qc3", "qc4", "qc5", "icv", "ccv", "crm", "lcs", "srm", "std"), "standard"
    ),
    **dict.fromkeys(("dup", "duplicate", "dupsample", "spikeref"), "duplicate"),
    **dict.fromkeys(("blk", "blank", "prepblk", "methodblank", "mblk", "ccb", "icb"), "blank"),
}
YES: Final = frozenset({"true", "1", "yes", "y", "x"})


@dataclass(frozen=True, slots=True)
class _Heads:
    """Where the headings stand (indexes): the row of isotopes, the row of names, and columns by their names."""

    isotopes: int
    names: int
    label: int
    columns: tuple[Column, ...]


def _cell(cells: Sequence[str], index: int | None) -> str:
    return cells[index].strip() if index is not None and index < len(cells) else ""


def _heads(sheet: Sheet) -> _Heads | None:
    for index, row in enumerate(sheet.rows[:PREAMBLE]):
        if index + 1 >= len(sheet.rows) or not any(_ISOTOPE.fullmatch(cell.strip()) for cell in row):
            continue
        names = _names(row, sheet.rows[index + 1])
        keys = [key_of(cell) for cell in names]
        label = next((keys.index(name) for name in LABELS if name in keys), None)
        columns = _columns(row, names)
        if label is not None and columns:
            return _Heads(index, index + 1, label, columns)
    return None


def _names(isotopes: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the names of the columns: those that name the tube may stand beside the isotopes."""
    found = [_cell(names, index) or _cell(isotopes, index) for index in range(max(len(names), len(isotopes)))]
    return ["" if _ISOTOPE.fullmatch(one) else one for one in found]


def _columns(isotopes: Sequence[str], names: Sequence[str]) -> tuple[Column, ...]:
    """Return the concentrations: of an isotope that has two, the one as measured, before any dilution."""
    found: dict[str, tuple[bool, Column]] = {}
    here = ""
    for index, name in enumerate(names):
        here = " ".join(_cell(isotopes, index).split()) or here
        isotope, said = _ISOTOPE.fullmatch(here), _CONCENTRATION.fullmatch(name.strip())
        counted = analyte_of(isotope["symbol"]) if isotope is not None else None
        if isotope is None or isotope["standard"] or counted is None or said is None:
            continue
        measured = bool(said["measured"])
        if here in found and found[here][0] >= measured:
            continue
        heading = f"{here} {' '.join(name.split())}"
        unit = solution_unit(said["unit"] or "")
        column = Column(index + 1, heading, counted.analyte, counted.form, counted.oxide, "", unit)
        found[here] = (measured, column)
    return tuple(sorted((column for _, column in found.values()), key=lambda column: column.number))


def recognise(sheet: Sheet) -> str | None:
    """Return why this is an instrument's sequence; None when it is not."""
    heads = _heads(sheet)
    if heads is None:
        return None
    first = heads.columns[0].heading
    return f"Row {heads.isotopes + 1} has isotopes, and below them are columns such as “{first}”."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the sequence says. `recognise` must have said that it is of this layout."""
    heads = _heads(sheet)
    assert heads is not None
    names = _names(sheet.rows[heads.isotopes], sheet.rows[heads.names])
    keys = [key_of(cell) for cell in names]
    types, rejects = (
        _place(keys, *wanted) for wanted in (("type", "sampletype"), ("rjct", "rejected", "reject"))
    )
    found: list[Finding] = []
    rows: list[Row] = []
    left: list[int] = []
    for number, cells in enumerate(sheet.rows[heads.names + 1 :], heads.names + 2):
        said = key_of(_cell(cells, types))
        if not any(cell.strip() for cell in cells):
            continue
        if said in CALIBRATION:
            left.append(number)
            continue
        rows.append(Row(number, _cell(cells, heads.label), tuple(cells), KINDS.get(said, "")))
        if _cell(cells, rejects).casefold() in YES:
            message = "The instrument's operator rejected this tube."
            remedy = "Leave the row, or ask why it was rejected."
            found.append(Finding("error", "row-rejected", number, (rejects or 0) + 1, message, remedy))
    reading = Reading(NAME, recognise(sheet) or "", encoding=sheet.encoding, delimiter=sheet.delimiter)
    reading.rows, reading.columns = rows, heads.columns
    values, unread = determinations_of(rows, heads.columns, profile, {})
    reading.determinations, diluted = of_solid(values, Dilution.of(names, rows, profile))
    reading.findings = [
        *_calibration(left),
        *_not_read(sheet, heads),
        *found,
        *odd_rows(rows, len(names)),
        *duplicate_ids([row for row in rows if row.kind in {"", "sample"}], heads.label + 1),
        *duplicate_columns(heads.columns),
        *(one for one in unread if one.code != "unit-of-liquid"),
        *diluted,
        *sane(reading.determinations),
    ]
    return reading


def _place(keys: Sequence[str], *names: str) -> int | None:
    return next((keys.index(name) for name in names if name in keys), None)


def _calibration(left: Sequence[int]) -> list[Finding]:
    if not left:
        return []
    many = f"{len(left)} rows of calibration, from row {left[0]} to row {left[-1]}, are"
    message = f"{many if len(left) > 1 else f'Row {left[0]} is of calibration, and is'} left."
    return [Finding("note", "calibration-left", left[0], None, message)]


def _not_read(sheet: Sheet, heads: _Heads) -> list[Finding]:
    """Return a note with the isotopes of which the file has no concentration: internal standards, counts alone."""
    blocks = [
        " ".join(cell.split()) for cell in sheet.rows[heads.isotopes] if _ISOTOPE.fullmatch(cell.strip())
    ]
    left = [
        one
        for one in dict.fromkeys(blocks)
        if not any(c.heading.startswith(f"{one} ") for c in heads.columns)
    ]
    if not left:
        return []
    message = f"These isotopes have no concentration, and are left: {', '.join(left[:40])}."
    return [Finding("note", "columns-left", heads.isotopes + 1, None, message)]
