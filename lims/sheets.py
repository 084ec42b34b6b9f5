"""What any file of a person's is read with: text in its encodings, spreadsheets within bounds, refusals by name."""

import io
import re
import zipfile
from typing import Final

from lims.errors import Invalid, invalid
from lims.workbook import TooLarge, Unreadable, first_sheet

LARGEST_UNPACKED: Final = 200 * 1024 * 1024
#: how packed spreadsheets (XLSX, ODS) and old binary ones (XLS) begin
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: control characters that no text has
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
#: beginnings of files that people mistake for tables
OTHERS: Final = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a text document",
    b"\x1f\x8b": "a packed file",
}


def refuse(code: str, message: str, remedy: str, name: str) -> Invalid:
    """Return the refusal of a file as a whole, naming it."""
    return invalid(code, message, remedy, file=name)


def decoded(content: bytes, name: str) -> tuple[str, list[str]]:
    """Return a file's text and what had to be understood about its encoding.

    Raises `Invalid` ("encoding-unknown", "not-what-its-name-says").

    >>> decoded("Dy, µg/g".encode("latin-1"), "a.csv")
    ('Dy, µg/g', ['Windows or Latin-1 text'])
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        codec, note = "utf-16", "UTF-16 text"
    else:
        codec, note = "utf-8-sig", ""
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        if codec == "utf-16":
            raise refuse(
                "encoding-unknown",
                "The text is cut off or in an unknown encoding.",
                "Save it as CSV UTF-8.",
                name,
            ) from error
        text, note = content.decode("latin-1"), "Windows or Latin-1 text"
    if _CONTROL.search(text):
        raise refuse(
            "not-what-its-name-says", "This is not text.", "Upload the CSV or XLSX file itself.", name
        )
    return text, [note] if note else []


def unpadded(lines: list[list[str]]) -> list[list[str]]:
    """Drop the empty columns at the end that spreadsheet programs like to write."""
    width = max((len(line) for line in lines if any(cell.strip() for cell in line)), default=0)
    while width and not any(len(line) >= width and line[width - 1].strip() for line in lines):
        width -= 1
    return [line[:width] for line in lines]


def spreadsheet(
    content: bytes, name: str, *, most_rows: int, most_columns: int
) -> tuple[list[list[str]], list[str]]:
    """Return the cells of an XLSX or ODS file's first sheet as text, and what had to be understood about it.

    Raises `Invalid` ("file-unreadable", "zip-bomb", "not-what-its-name-says", "file-too-large").
    """
    try:
        packed = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError) as error:
        raise refuse("file-unreadable", "The file is damaged.", "Save it again as XLSX.", name) from error
    if sum(part.file_size for part in packed) > LARGEST_UNPACKED:
        raise refuse(
            "zip-bomb", "Unpacked, the file would be over 200 MB.", "Save only the list, as CSV.", name
        )
    if not any(part.filename.startswith("xl/") or part.filename == "content.xml" for part in packed):
        raise refuse(
            "not-what-its-name-says",
            "This is a packed folder, not a spreadsheet.",
            "Upload the XLSX file itself.",
            name,
        )
    _really_small(content, name)
    try:
        cells, names = first_sheet(content, most_rows=most_rows, most_columns=most_columns)
    except TooLarge as error:
        message = f"More than {most_rows} rows or {most_columns} columns, or more cells than can be held."
        raise refuse("file-too-large", message, "Split the file, or save the list as CSV.", name) from error
    except Unreadable as error:
        raise refuse("file-unreadable", "The file is damaged.", "Save it again as XLSX.", name) from error
    notes = [f"the first of {len(names)} sheets, “{names[0]}”"] if len(names) > 1 else []
    return unpadded(cells), notes


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
                            raise refuse(
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
                raise refuse(
                    "file-unreadable", "The file is damaged.", "Save it again as XLSX.", name
                ) from error
            except Exception as error:
                if isinstance(error, Invalid):
                    raise
                raise refuse(
                    "file-unreadable", "The file is damaged.", "Save it again as XLSX.", name
                ) from error
