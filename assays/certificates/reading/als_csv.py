"""The layout of ALS's CSV files: a preamble of any length, then rows of methods, analytes and units, then samples."""

import re
from typing import Final

from assays.certificates.reading import blocks
from assays.certificates.reading.model import Finding, Profile, Reading
from assays.certificates.reading.preamble import Preamble
from assays.certificates.reading.sheet import Sheet

NAME: Final = "als-csv"
_FIRST: Final = re.compile(
    r"\W*(?P<number>[A-Z0-9][A-Z0-9_./-]{2,39}?)\s*-\s*(?P<status>Finali[sz]ed|Preliminary)\b", re.IGNORECASE
)


def _first(sheet: Sheet) -> re.Match[str] | None:
    for row in sheet.rows[: blocks.PREAMBLE]:
        if any(cell.strip() for cell in row):
            return _FIRST.match(",".join(row))
    return None


def _block(sheet: Sheet) -> blocks.Block | None:
    """Return the rows of headings: SAMPLE, between a row of methods, mostly without a name, and DESCRIPTION."""
    for index, row in enumerate(sheet.rows[: blocks.PREAMBLE + 1]):
        if row and row[0].strip().upper() == "SAMPLE" and 0 < index < len(sheet.rows) - 1:
            after = sheet.rows[index + 1]
            if (
                after
                and after[0].strip().upper() == "DESCRIPTION"
                and (sheet.rows[index - 1] or [""])[0].strip().upper() in {"", "METHOD"}
            ):
                at = {blocks.METHODS: index - 1, blocks.SYMBOLS: index, blocks.UNITS: index + 1}
                return blocks.Block(index - 1, index + 1, at)
    return None


def recognise(sheet: Sheet) -> str | None:
    """Return why this is ALS's layout; None when it is not."""
    found = _first(sheet)
    if found is None or _block(sheet) is None:
        return None
    return f"It begins with “{found['number']} - {found['status']}”, and has rows SAMPLE and DESCRIPTION."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the file says. `recognise` must have said that it is of this layout."""
    first, block = _first(sheet), _block(sheet)
    assert first is not None
    assert block is not None
    preamble = Preamble.of(sheet.rows[: block.first])
    findings: list[Finding] = []
    reading = preamble.begun(NAME, recognise(sheet) or "", findings, laboratory="ALS", number=())
    reading.certificate = first["number"]
    reading.status = "preliminary" if first["status"].lower().startswith("prelim") else "final"
    return blocks.read_block(sheet, profile, block, reading, preamble, findings)
