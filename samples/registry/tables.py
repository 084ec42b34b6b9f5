"""A file as a table of text: whichever way a spreadsheet program wrote it, or a named refusal."""

import csv
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook

from lims.errors import Invalid, invalid

LARGEST_BYTES: Final = 10 * 1024 * 1024
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200
LARGEST_UNPACKED: Final = 200 * 1024 * 1024
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: beginnings of files that people mistake for tables
_OTHERS: Final = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a text document",
    b"\x1f\x8b": "a packed file",
}


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


def _refuse(code: str, message: str, remedy: str, name: str) -> Invalid:
    return invalid(code, message, remedy, file=name)


def read_table(content: bytes, *, name: str) -> Table:
    r"""Return the table in a CSV or XLSX file.

    Raises `Invalid`: "file-empty", "file-too-large", "file-protected", "zip-bomb", "not-what-its-name-says",
    "file-unreadable", "encoding-unknown", each naming the file.

    >>> read_table(b"tag;mass\nKC-1;2,1\n", name="list.csv").rows
    [Row(number=2, cells=['KC-1', '2,1'])]
    """
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise _refuse("file-empty", "The file is empty.", "Save it again and upload that.", name)
    if len(content) > LARGEST_BYTES:
        raise _refuse(
            "file-too-large", "The file is over 10 MB.", "Split it, or leave the pictures out.", name
        )
    if content.startswith(_OLE):
        raise _refuse(
            "file-protected",
            "The file is protected with a password, or in the old XLS format.",
            "Save it as XLSX without a password.",
            name,
        )
    lines, notes, comma = _sheet(content, name) if content.startswith(_ZIP) else _text(content, name)
    return _table(lines, notes, decimal_comma=comma, name=name)


def _table(lines: list[list[str]], notes: list[str], *, decimal_comma: bool, name: str) -> Table:
    rows = [Row(number, [cell.strip() for cell in cells]) for number, cells in enumerate(lines, 1)]
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        raise _refuse("file-empty", "There is nothing in the file.", "Save it again and upload that.", name)
    if len(rows) - 1 > MOST_ROWS or max(len(row.cells) for row in rows) > MOST_COLUMNS:
        raise _refuse(
            "file-too-large",
            f"More than {MOST_ROWS} rows or {MOST_COLUMNS} columns.",
            "Split the file.",
            name,
        )
    return Table(rows[0].cells, rows[1:], notes, decimal_comma)


# --- Text -------------------------------------------------------------------------------------------


def _decoded(content: bytes, name: str) -> tuple[str, list[str]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        codec, note = "utf-16", "UTF-16 text"
    else:
        codec, note = "utf-8-sig", ""
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        if codec == "utf-16":
            raise _refuse(
                "encoding-unknown",
                "The text is cut off or in an unknown encoding.",
                "Save it as CSV UTF-8.",
                name,
            ) from error
        text, note = content.decode("latin-1"), "Windows or Latin-1 text"
    if any(ord(sign) < 32 and sign not in "\t\r\n\f\v" for sign in text):
        raise _refuse(
            "not-what-its-name-says", "This is not text.", "Upload the CSV or XLSX file itself.", name
        )
    return text, [note] if note else []


def _text(content: bytes, name: str) -> tuple[list[list[str]], list[str], bool]:
    for beginning, what in _OTHERS.items():
        if content.startswith(beginning):
            raise _refuse(
                "not-what-its-name-says",
                f"This is {what}, not a table.",
                "Upload the CSV or XLSX file itself.",
                name,
            )
    text, notes = _decoded(content, name)
    if name.lower().endswith((".xlsx", ".xlsm")):
        raise _refuse(
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
        raise _refuse(
            "file-unreadable", f"The columns cannot be told apart: {error}.", "Save it as CSV again.", name
        ) from error
    return _unpadded(lines), notes, delimiter != ","


def _unpadded(lines: list[list[str]]) -> list[list[str]]:
    """Drop the empty columns at the end that spreadsheet programs like to write."""
    width = max((len(line) for line in lines if any(cell.strip() for cell in line)), default=0)
    while width and not any(len(line) >= width and line[width - 1].strip() for line in lines):
        width -= 1
    return [line[:width] for line in lines]


# --- Spreadsheets -----------------------------------------------------------------------------------


def _sheet(content: bytes, name: str) -> tuple[list[list[str]], list[str], bool]:
    """Return the first sheet's cells as text."""
    try:
        packed = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError) as error:
        raise _refuse("file-unreadable", "The file is damaged.", "Save it again as XLSX.", name) from error
    if sum(part.file_size for part in packed) > LARGEST_UNPACKED:
        raise _refuse(
            "zip-bomb", "Unpacked, the file would be over 200 MB.", "Save only the list, as CSV.", name
        )
    if not any(part.filename.startswith("xl/") for part in packed):
        raise _refuse(
            "not-what-its-name-says",
            "This is a packed folder, not a spreadsheet.",
            "Upload the XLSX file itself.",
            name,
        )
    _really_small(content, name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        if sheet.total_height > MOST_ROWS + 100 or sheet.total_width > MOST_COLUMNS:
            raise _refuse(
                "file-too-large",
                f"More than {MOST_ROWS} rows or {MOST_COLUMNS} columns.",
                "Split the file.",
                name,
            )
        cells = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError, OSError) as error:
        raise _refuse("file-unreadable", "The file is damaged.", "Save it again as XLSX.", name) from error
    notes = (
        [f"the first of {len(book.sheet_names)} sheets, “{book.sheet_names[0]}”"]
        if len(book.sheet_names) > 1
        else []
    )
    return _unpadded([[_cell(value) for value in line] for line in cells]), notes, False


def _really_small(content: bytes, name: str) -> None:
    """Unpack part by part and count, because the directory of a hostile file may lie about sizes."""
    left = LARGEST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for part in packed.infolist():
            try:
                with packed.open(part) as stream:
                    while chunk := stream.read(1 << 16):
                        left -= len(chunk)
                        if left < 0:
                            raise _refuse(
                                "zip-bomb",
                                "Unpacked, the file is over 200 MB.",
                                "Save only the list, as CSV.",
                                name,
                            )
            except (
                zipfile.BadZipFile,
                RuntimeError,
                NotImplementedError,
                EOFError,
                OSError,
                ValueError,
            ) as error:
                raise _refuse(
                    "file-unreadable", "The file is damaged.", "Save it again as XLSX.", name
                ) from error
            except Exception as error:
                if isinstance(error, Invalid):
                    raise
                raise _refuse(
                    "file-unreadable", "The file is damaged.", "Save it again as XLSX.", name
                ) from error


def _cell(value: Any) -> str:
    """Return a cell as the text that a person sees.

    >>> _cell(2150.0), _cell(2.15), _cell(datetime(2026, 11, 3, 14, 20)), _cell(True)
    ('2150', '2.15', '2026-11-03 14:20', 'TRUE')
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        # The shortest text that means this number: what the person typed, up to 15 digits.
        return (
            format(Decimal(repr(value)).normalize(), "f")
            if isfinite(value) and abs(value) < 1e15
            else str(value)
        )  # NaN
    if isinstance(value, datetime):
        at_midnight = value.time() == time()
        return (
            value.date().isoformat()
            if at_midnight
            else value.isoformat(" ", "minutes" if not value.second else "seconds")
        )
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
