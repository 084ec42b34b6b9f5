"""A file as a table of text: whichever way a spreadsheet program wrote it, or a named refusal."""

import csv
import io
from dataclasses import dataclass, field
from typing import Final

from lims.sheets import OLE, OTHERS, ZIP, decoded, refuse, spreadsheet, unpadded

LARGEST_BYTES: Final = 10 * 1024 * 1024
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file (1 is the first line) and the text of its cells."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, rows, and what had to be understood about the file; `decimal_comma` when it writes 2,15 for 2.15."""

    headings: list[str]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    decimal_comma: bool = False


def read_table(content: bytes, *, name: str) -> Table:
    r"""Return the table in a CSV or XLSX file.

    Raises `Invalid`: "file-empty", "file-too-large", "file-protected", "zip-bomb", "not-what-its-name-says",
    "file-unreadable", "encoding-unknown", each naming the file.

    >>> read_table(b"tag;mass\nKC-1;2,1\n", name="list.csv").rows
    [Row(number=2, cells=['KC-1', '2,1'])]
    """
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise refuse("file-empty", "The file is empty.", "Save it again and upload that.", name)
    if len(content) > LARGEST_BYTES:
        raise refuse(
            "file-too-large", "The file is over 10 MB.", "Split it, or leave the pictures out.", name
        )
    if content.startswith(OLE):
        raise refuse(
            "file-protected",
            "The file is protected with a password, or in the old XLS format.",
            "Save it as XLSX without a password.",
            name,
        )
    if content.startswith(ZIP):
        lines, notes = spreadsheet(content, name, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)
        comma = False
    else:
        lines, notes, comma = _text(content, name)
    return _table(lines, notes, decimal_comma=comma, name=name)


def _table(lines: list[list[str]], notes: list[str], *, decimal_comma: bool, name: str) -> Table:
    rows = [Row(number, [cell.strip() for cell in cells]) for number, cells in enumerate(lines, 1)]
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        raise refuse("file-empty", "There is nothing in the file.", "Save it again and upload that.", name)
    if len(rows) - 1 > MOST_ROWS or max(len(row.cells) for row in rows) > MOST_COLUMNS:
        raise refuse(
            "file-too-large",
            f"More than {MOST_ROWS} rows or {MOST_COLUMNS} columns.",
            "Split the file.",
            name,
        )
    return Table(rows[0].cells, rows[1:], notes, decimal_comma)


# --- Text -------------------------------------------------------------------------------------------


def _text(content: bytes, name: str) -> tuple[list[list[str]], list[str], bool]:
    for beginning, what in OTHERS.items():
        if content.startswith(beginning):
            raise refuse(
                "not-what-its-name-says",
                f"This is {what}, not a table.",
                "Upload the CSV or XLSX file itself.",
                name,
            )
    text, notes = decoded(content, name)
    if name.lower().endswith((".xlsx", ".xlsm")):
        raise refuse(
            "not-what-its-name-says",
            "The name says XLSX, but it is not one.",
            "Save it as XLSX or CSV again.",
            name,
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    heading = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = max((",", ";", "\t"), key=lambda sign: (heading.count(sign), sign == ","))
    if delimiter != ",":
        notes.append("semicolons between columns" if delimiter == ";" else "tabs between columns")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False))
    except csv.Error as error:
        raise refuse(
            "file-unreadable", f"The columns cannot be told apart: {error}.", "Save it as CSV again.", name
        ) from error
    return unpadded(lines), notes, delimiter != ","
