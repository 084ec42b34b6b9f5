"""The layout of Actlabs and its like: Report Number and Report Date, then rows of symbols, units, limits and methods.

The rows are named (Analyte Symbol, Unit Symbol, Detection Limit, Analysis Method), or told by what stands in them.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from assays.certificates.reading import blocks
from assays.certificates.reading.model import Finding, Profile, Reading
from assays.certificates.reading.preamble import Preamble, key_of
from assays.certificates.reading.sheet import Sheet
from assays.chemistry.headings import analyte_of
from assays.chemistry.units import ppm_factor
from lims.errors import DomainError

NAME: Final = "actlabs"
ANCHORS: Final[blocks.Anchors] = {
    **dict.fromkeys(("analytesymbol", "elementsymbol", "analyte", "analytes", "symbol", "element"), blocks.SYMBOLS),
    **dict.fromkeys(("unitsymbol", "units", "unit"), blocks.UNITS),
    **dict.fromkeys(("detectionlimit", "detectionlimits", "lowerlimit", "mdl", "detlim"), blocks.LOWER),
    **dict.fromkeys(("upperlimit", "upperdetectionlimit", "upperlim"), blocks.UPPER),
    **dict.fromkeys(("analysismethod", "analyticalmethod", "method", "methodcode"), blocks.METHODS),
    **dict.fromkeys(("sampleid", "sample", "samplenumber", "sampleno"), blocks.LABELS),
}  # fmt: skip
#: names that nobody else gives to the rows of symbols and units
_OWN: Final = frozenset({"analytesymbol", "unitsymbol"})
NUMBER: Final = ("reportnumber", "reportno", "report")
_SYMBOLS: Final = frozenset({blocks.SYMBOLS})


def _found(sheet: Sheet) -> tuple[blocks.Block, Preamble] | None:
    block = blocks.find_block(sheet, ANCHORS, _SYMBOLS)
    named = block is not None and {key_of(sheet.rows[index][0]) for index in block.at.values()} >= _OWN
    block = block or _unnamed(sheet)
    if block is None:
        return None
    preamble = Preamble.of(sheet.rows[: block.first])
    headed = preamble.has("reportnumber") or (preamble.has(*NUMBER) and preamble.has("reportdate"))
    return (block, preamble) if named or headed else None


def _unnamed(sheet: Sheet) -> blocks.Block | None:
    """Return the rows of headings whose first cell is empty, each told by what stands in it."""
    for index, row in enumerate(sheet.rows[: blocks.PREAMBLE]):
        filled = [cell for cell in row if cell.strip()]
        if (
            not filled
            or row[0].strip()
            or sum(analyte_of(one) is not None for one in filled) * 2 <= len(filled)
        ):
            continue
        at = {blocks.SYMBOLS: index}
        for below in range(index + 1, min(index + 6, len(sheet.rows))):
            cells = sheet.rows[below]
            said = [cell.strip() for cell in cells if cell.strip()]
            what = _kind_of(said) if said and not cells[0].strip() else None
            if what is None or (what in at and what != blocks.LOWER):
                break
            at[blocks.UPPER if what in at else what] = below
        return blocks.Block(index, max(at.values()), at) if blocks.UNITS in at else None
    return None


def _kind_of(cells: Sequence[str]) -> str:
    """Return what a row of headings says: units, limits, or else methods."""
    if all(_is_number(cell.lstrip("<> ")) for cell in cells):
        return blocks.LOWER
    return blocks.UNITS if sum(map(_is_unit, cells)) * 2 > len(cells) else blocks.METHODS


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _is_unit(text: str) -> bool:
    try:
        ppm_factor(text)
    except DomainError as error:
        return error.problems[0].code == "unit-of-liquid"
    return True


def recognise(sheet: Sheet) -> str | None:
    """Return why this is the layout of Actlabs; None when it is not."""
    found = _found(sheet)
    if found is None:
        return None
    block, preamble = found
    number, _ = preamble.number(*NUMBER)
    named = f"It has the Report Number {number}" if number else "It has no Report Number"
    return f"{named}, and rows {block.names(sheet)}."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the file says. `recognise` must have said that it is of this layout."""
    found = _found(sheet)
    assert found is not None
    block, preamble = found
    findings: list[Finding] = []
    why = recognise(sheet) or ""
    reading = preamble.begun(NAME, why, findings, laboratory="Actlabs", number=NUMBER)
    return blocks.read_block(sheet, profile, block, reading, preamble, findings)
