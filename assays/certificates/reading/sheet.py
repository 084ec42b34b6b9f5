"""A certificate's file as rows of text, within bounds, whatever encoding, line ends and delimiter it came in."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lims.sheets import OLE, OTHERS, ZIP, decoded, refuse, spreadsheet, unpadded
from lims.workbook import TooLarge, Unreadable, first_sheet

LARGEST_BYTES: Final = 25 * 1024 * 1024
MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 2_000
MOST_CELLS: Final = 1_000_000
#: lines and delimiters beyond the bounds that a preamble or commas inside texts may bring
SLACK: Final = 10_000
#: characters by which text without a byte order mark is told to be UTF-16, two bytes each
UTF16_SAMPLE: Final = 2000
#: rows by which the delimiter is told
LOOKED_AT: Final = 400
DELIMITERS: Final = ("\t", ";", ",")
#: what a cell of a spreadsheet may hold (written as _x0000_), and neither a text nor the record can
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of text in the file's order (the first is row 1; a quoted record over several lines is one row)."""

    rows: Sequence[Sequence[str]]
    encoding: str
    delimiter: str


def read_sheet(content: bytes, *, name: str = "") -> Sheet:
    r"""Return the rows of a text or spreadsheet file.

    Raises `Invalid`: "file-empty", "file-too-large", "file-protected", "file-unreadable", "zip-bomb",
    "not-what-its-name-says", "encoding-unknown", each naming the file.

    >>> read_sheet(b"SAMPLE;Dy\r\nA;1,5\r\n").rows
    [['SAMPLE', 'Dy'], ['A', '1,5']]
    """
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise refuse("file-empty", "The file is empty.", "Save it again and upload that.", name)
    if len(content) > LARGEST_BYTES:
        raise refuse("file-too-large", "The file is over 25 MB.", "Split it.", name)
    if content.startswith(OLE):
        return _bounded(Sheet(_plain(_old(content, name), name), "", ""), name)
    if content.startswith(ZIP):
        rows, _ = spreadsheet(content, name, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)
        return _bounded(Sheet(_plain(rows, name), "", ""), name)
    for beginning, what in OTHERS.items():
        if content.startswith(beginning):
            raise refuse(
                "not-what-its-name-says",
                f"This is {what}, not a certificate's table.",
                "Upload the CSV or XLSX file itself.",
                name,
            )
    return _bounded(_text(content, name), name)


def _old(content: bytes, name: str) -> list[list[str]]:
    """Return the rows of an XLS file; one that is protected with a password begins in the same way."""
    try:
        rows, _ = first_sheet(content, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)
    except TooLarge as error:
        raise refuse("file-too-large", "It has more cells than can be held.", "Split it.", name) from error
    except Unreadable as error:
        raise refuse(
            "file-protected",
            "The file is protected with a password, or damaged.",
            "Save it as XLSX without a password.",
            name,
        ) from error
    return unpadded(rows)


def _plain(rows: list[list[str]], name: str) -> list[list[str]]:
    """Return the rows of a spreadsheet, if all of their cells are text."""
    for number, row in enumerate(rows, 1):
        if _CONTROL.search("".join(row)):
            message = f"A cell of row {number} holds control characters, which no text has."
            raise refuse("file-unreadable", message, "Type that cell anew, or save the sheet as CSV.", name)
    return rows


def _marked(content: bytes) -> bytes:
    """Return UTF-16 text that came without its byte order mark with it: every other byte of ASCII text is zero."""
    head = content[:UTF16_SAMPLE]
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"} or len(head) < 4 or len(content) % 2:
        return content
    for zeros, others, mark in ((1, 0, b"\xff\xfe"), (0, 1, b"\xfe\xff")):
        zero = head[zeros::2].count(0)
        if zero > 0.9 * len(head[zeros::2]) and not head[others::2].count(0):
            return mark + content
    return content


def _text(content: bytes, name: str) -> Sheet:
    text, notes = decoded(_marked(content), name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MOST_ROWS + SLACK:
        raise refuse("file-too-large", f"More than {MOST_ROWS} rows.", "Split the file.", name)
    delimiter = delimiter_of(text)
    if text.count(delimiter) > MOST_CELLS + SLACK:
        # before its rows are made, which take many times its size
        raise refuse("file-too-large", f"More than {MOST_CELLS} cells.", "Split the file.", name)
    encoding = {"UTF-16 text": "utf-16", "Windows or Latin-1 text": "latin-1"}.get(
        notes[0] if notes else "", "utf-8"
    )
    return Sheet(unpadded(_split(text, delimiter, name)), encoding, delimiter)


def _split(text: str, delimiter: str, name: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False))
    except csv.Error as error:
        raise refuse(
            "file-unreadable", f"The columns cannot be told apart: {error}.", "Save it as CSV again.", name
        ) from error


def delimiter_of(text: str) -> str:
    r"""Return the sign between columns: the one by which most rows get the same, and the largest, number of cells.

    Decimal commas lie between semicolons, never the other way round: so a tie goes to tab, then semicolon.

    >>> delimiter_of("SAMPLE;Dy;Tb\nA;1,5;2,5\nB;1,7;2,0\n")
    ';'
    """
    head = "\n".join(text.split("\n", LOOKED_AT)[:LOOKED_AT])

    def score(delimiter: str) -> float:
        widths = Counter(line.count(delimiter) + 1 for line in head.split("\n") if line.strip())
        fits = {width: count for width, count in widths.items() if width > 1}
        if not fits:
            return 0.0
        width, count = max(fits.items(), key=lambda pair: (pair[1], pair[0]))
        return count / sum(widths.values()) * min(width, 20)

    return max(DELIMITERS, key=lambda sign: (score(sign), -DELIMITERS.index(sign)))


def _bounded(sheet: Sheet, name: str) -> Sheet:
    if len(sheet.rows) > MOST_ROWS or any(len(row) > MOST_COLUMNS for row in sheet.rows):
        message = f"More than {MOST_ROWS} rows or {MOST_COLUMNS} columns."
        raise refuse("file-too-large", message, "Split the file.", name)
    if sum(len(row) for row in sheet.rows) > MOST_CELLS:
        raise refuse("file-too-large", f"More than {MOST_CELLS} cells.", "Split the file.", name)
    return sheet
