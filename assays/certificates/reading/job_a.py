"""Job type A: LabjobNo and DespatchNo, then rows METHOD, SAMPLE, DESCRIPTION, MIN DETECTION and MAX DETECTION."""

from typing import Final

from assays.certificates.reading import blocks
from assays.certificates.reading.model import Finding, Profile, Reading
from assays.certificates.reading.preamble import Preamble
from assays.certificates.reading.sheet import Sheet

NAME: Final = "job-a"
ANCHORS: Final[blocks.Anchors] = {
    "method": blocks.METHODS,
    "sample": blocks.SYMBOLS,
    "description": blocks.UNITS,
    **dict.fromkeys(("mindetection", "mindetectionlimit", "mindet"), blocks.LOWER),
    **dict.fromkeys(("maxdetection", "maxdetectionlimit", "maxdet"), blocks.UPPER),
}
NUMBER: Final = ("labjobno", "labjobnumber", "labjob")
_WITHOUT_NUMBER: Final = frozenset({blocks.METHODS, blocks.LOWER})


def _found(sheet: Sheet) -> tuple[blocks.Block, Preamble] | None:
    block = blocks.find_block(sheet, ANCHORS, frozenset({blocks.SYMBOLS}))
    if block is None:
        return None
    preamble = Preamble.of(sheet.rows[: block.first])
    return (block, preamble) if preamble.has(*NUMBER) or block.at.keys() >= _WITHOUT_NUMBER else None


def recognise(sheet: Sheet) -> str | None:
    """Return why this is job type A; None when it is not."""
    found = _found(sheet)
    if found is None:
        return None
    block, preamble = found
    number, _ = preamble.number(*NUMBER)
    named = f"It has the LabjobNo {number}" if number else "It has no LabjobNo"
    return f"{named}, and rows {block.names(sheet)}."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the file says. `recognise` must have said that it is of this layout."""
    found = _found(sheet)
    assert found is not None
    block, preamble = found
    findings: list[Finding] = []
    why = recognise(sheet) or ""
    reading = preamble.begun(NAME, why, findings, laboratory="", number=NUMBER)
    return blocks.read_block(sheet, profile, block, reading, preamble, findings)
