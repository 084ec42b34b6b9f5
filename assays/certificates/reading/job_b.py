"""Job type B: ELEMENT, Method, Units, Det. Lim and Upper Lim; an element may stand under several methods.

They head rows, with samples below them; or columns of one row, with a line for each element and a column for each
sample behind them.
"""

from collections.abc import Mapping
from typing import Final

from assays.certificates.reading import blocks, transposed
from assays.certificates.reading.disagreement import methods_disagree
from assays.certificates.reading.model import Finding, Profile, Reading
from assays.certificates.reading.preamble import Preamble, contradictions, key_of
from assays.certificates.reading.sheet import Sheet

NAME: Final = "job-b"
ANCHORS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("element", "elements"), blocks.SYMBOLS),
    **dict.fromkeys(("method", "methods"), blocks.METHODS),
    **dict.fromkeys(("units", "unit"), blocks.UNITS),
    **dict.fromkeys(
        ("detlim", "detlimit", "lowerlim", "lowerlimit", "detection", "detectionlimit", "lld"), blocks.LOWER
    ),
    **dict.fromkeys(("upperlim", "upperlimit", "uld"), blocks.UPPER),
    **dict.fromkeys(
        ("sample", "sampleno", "sampleid", "samplenumber", "samplenumbers", "samples", "ident"), blocks.LABELS
    ),
}
NUMBER: Final = ("jobno", "jobnumber", "job", "labjobno", "reportno", "reportnumber", "certificateno", "certificate", "batchno")  # fmt: skip
#: rows beside that of elements, at least, by which it is told; in columns all must be there
_ROWS, _COLUMNS = 2, frozenset({blocks.SYMBOLS, blocks.METHODS, blocks.UNITS, blocks.LOWER, blocks.UPPER})
#: who heads its report with these has a layout of its own
_OTHERS: Final = ("reportnumber", "reportdate")


def _in_rows(sheet: Sheet) -> tuple[blocks.Block, Preamble] | None:
    block = blocks.find_block(sheet, ANCHORS, frozenset({blocks.SYMBOLS, blocks.LOWER}))
    if block is None or len(block.at.keys() & _COLUMNS) <= _ROWS:
        return None
    preamble = Preamble.of(sheet.rows[: block.first])
    return None if all(preamble.has(name) for name in _OTHERS) else (block, preamble)


def _in_columns(sheet: Sheet) -> int | None:
    """Return the index of the row that heads the columns; None without one."""
    for index, row in enumerate(sheet.rows[: blocks.PREAMBLE]):
        heads = {ANCHORS.get(key_of(cell)) for cell in row[: 2 * len(_COLUMNS)]}
        if heads >= _COLUMNS:
            return index if transposed.recognise(sheet) is not None else None
    return None


def recognise(sheet: Sheet) -> str | None:
    """Return why this is job type B; None when it is not."""
    found = _in_rows(sheet)
    if found is not None:
        block, _ = found
        return f"It has rows {block.names(sheet)}."
    row = _in_columns(sheet)
    return (
        None
        if row is None
        else f"Row {row + 1} heads columns ELEMENT, Method, Units, Det. Lim and Upper Lim."
    )


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the file says. `recognise` must have said that it is of this layout."""
    findings: list[Finding] = []
    found, why = _in_rows(sheet), recognise(sheet) or ""
    if found is not None:
        block, preamble = found
        reading = preamble.begun(NAME, why, findings, laboratory="", number=NUMBER)
        return blocks.read_block(sheet, profile, block, reading, preamble, findings)
    preamble = Preamble.of(sheet.rows[: _in_columns(sheet)])
    reading = preamble.begun(NAME, why, findings, laboratory="", number=NUMBER)
    table = transposed.read(sheet, profile)
    reading.encoding, reading.delimiter = table.encoding, table.delimiter
    reading.columns, reading.rows, reading.determinations = table.columns, table.rows, table.determinations
    said = contradictions(reading, preamble.comments())
    reading.findings = [*said, *findings, *table.findings, *methods_disagree(reading.determinations)]
    return reading
