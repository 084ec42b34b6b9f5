"""SGS's layout: names with what they say (COA, CLIENT, …), then rows METHOD, SAMPLE, DESCRIPTION and LD, then samples.

A column headed Type says of each row whether it is a sample (SMP), a standard (STD), a duplicate (DUP) or a BLANK.
"""

from typing import Final

from assays.certificates.reading import blocks
from assays.certificates.reading.model import Finding, Profile, Reading
from assays.certificates.reading.preamble import Preamble
from assays.certificates.reading.sheet import Sheet

NAME: Final = "sgs"
ANCHORS: Final[blocks.Anchors] = {
    "method": blocks.METHODS,
    "sample": blocks.SYMBOLS,
    "description": blocks.UNITS,
    **dict.fromkeys(("ld", "ldl", "lld"), blocks.LOWER),
    **dict.fromkeys(("ls", "udl", "uld"), blocks.UPPER),
}
NUMBER: Final = ("coa", "coano", "coanumber", "coaref")
_WITHOUT_NUMBER: Final = frozenset({blocks.METHODS, blocks.LOWER})


def _found(sheet: Sheet) -> tuple[blocks.Block, Preamble] | None:
    block = blocks.find_block(sheet, ANCHORS, frozenset({blocks.SYMBOLS}))
    if block is None:
        return None
    preamble = Preamble.of(sheet.rows[: block.first])
    return (block, preamble) if preamble.has(*NUMBER) or block.at.keys() >= _WITHOUT_NUMBER else None


def recognise(sheet: Sheet) -> str | None:
    """Return why this is SGS's layout; None when it is not."""
    found = _found(sheet)
    if found is None:
        return None
    block, preamble = found
    number, _ = preamble.number(*NUMBER)
    named = f"It has the number COA {number}" if number else "It has no number"
    return f"{named}, and rows {block.names(sheet)}."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the file says. `recognise` must have said that it is of this layout."""
    found = _found(sheet)
    assert found is not None
    block, preamble = found
    findings: list[Finding] = []
    why = recognise(sheet) or ""
    reading = preamble.begun(NAME, why, findings, laboratory="SGS", number=NUMBER)
    return blocks.read_block(sheet, profile, block, reading, preamble, findings)
