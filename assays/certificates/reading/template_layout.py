"""Our own template, filled in by a laboratory: what it says of itself, rows of method, unit and limits, then samples."""

from typing import Final

from assays.certificates.reading import blocks
from assays.certificates.reading.model import Finding, Profile, Reading
from assays.certificates.reading.preamble import FINALIZED, RECEIVED, Preamble, is_reissue
from assays.certificates.reading.sheet import Sheet

NAME: Final = "template"
#: what the first cell that is filled says, whatever comes after it
MARKER: Final = "Certificate template"
ANCHORS: Final[blocks.Anchors] = {
    "method": blocks.METHODS,
    "unit": blocks.UNITS,
    "lowerlimit": blocks.LOWER,
    "upperlimit": blocks.UPPER,
    "sample": blocks.SYMBOLS,
}
_NEEDED: Final = frozenset({blocks.UNITS, blocks.SYMBOLS})


def _marked(sheet: Sheet) -> bool:
    first = next((cell for row in sheet.rows[: blocks.PREAMBLE] for cell in row if cell.strip()), "")
    return first.strip().casefold().startswith(MARKER.casefold())


def recognise(sheet: Sheet) -> str | None:
    """Return why this is our template; None when it is not."""
    if not _marked(sheet) or blocks.find_block(sheet, ANCHORS, _NEEDED) is None:
        return None
    return f"It begins with “{MARKER}”, and has the rows Unit and Sample."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the file says. `recognise` must have said that it is of this layout."""
    block = blocks.find_block(sheet, ANCHORS, _NEEDED)
    assert block is not None
    preamble = Preamble.of(sheet.rows[: block.first])
    findings: list[Finding] = []
    comments = preamble.comments()
    reading = Reading(
        NAME,
        recognise(sheet) or "",
        laboratory=preamble.said("laboratory"),
        certificate=preamble.said("certificate"),
        status="preliminary" if preamble.preliminary() else "final",
        version_note=comments if is_reissue(comments) else "",
        stated_samples=preamble.count(),
        received_on=preamble.day(RECEIVED, findings),
        finalized_on=preamble.day(FINALIZED, findings),
    )
    return blocks.read_block(sheet, profile, block, reading, preamble, findings)
