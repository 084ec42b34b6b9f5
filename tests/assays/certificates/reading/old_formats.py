"""Spreadsheets in formats that no library at hand writes: the least of an XLS and of an ODS file."""

import io
import struct
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _cell(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return _record(0x0204, place + struct.pack("<HB", len(value), 0) + value.encode("latin-1"))
    return _record(0x0203, place + struct.pack("<d", value))


def _workbook_stream(lines: Sequence[Sequence[str | float]]) -> bytes:
    """Return the records of a BIFF8 workbook with one sheet: its globals, and behind them the cells."""
    name = b"Sheet1"
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 6))
    end = _record(0x000A, b"")
    named = struct.pack("<BB", len(name), 0) + name
    length = len(begin) + 4 + 6 + len(named) + len(end)
    sheet = _record(0x0085, struct.pack("<IH", length, 0) + named)
    width = max(len(line) for line in lines)
    cells = b"".join(
        _cell(row, column, value) for row, line in enumerate(lines) for column, value in enumerate(line)
    )
    return b"".join(
        [
            begin,
            sheet,
            end,
            _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 6)),
            _record(0x0200, struct.pack("<IIHHH", 0, len(lines), 0, width, 0)),
            cells,
            end,
        ]
    )


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    links = struct.pack("<III", FREE, FREE, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + links
        + b"\0" * 36
        + struct.pack("<IQ", start, size)
    )


def ole(name: str, stream: bytes) -> bytes:
    """Return a compound file (MS-CFB, version 3) with one stream; its sectors: FAT, directory, the stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(stream) // SECTOR
    fat = [FAT, END, *range(3, 2 + count), END]
    assert len(fat) <= SECTOR // 4
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 16
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + b"\0" * 6
        + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0)
        + struct.pack("<I", 0)
        + struct.pack("<I", FREE) * 108
    )
    directory = _entry("Root Entry", 5, 1, END, 0) + _entry(name, 2, FREE, 2, len(stream))
    return b"".join(
        [
            header,
            b"".join(struct.pack("<I", sector) for sector in fat).ljust(SECTOR, b"\xff"),
            directory.ljust(SECTOR, b"\0"),
            stream,
        ]
    )


def xls(lines: Sequence[Sequence[str | float]]) -> bytes:
    """Return an XLS file (BIFF8) with one sheet of texts and numbers."""
    return ole("Workbook", _workbook_stream(lines))


def protected() -> bytes:
    """Return what an XLSX file with a password looks like from outside: a compound file with its parts encrypted."""
    return ole("EncryptedPackage", bytes(range(256)) * 20)


def ods(lines: Sequence[Sequence[str]]) -> bytes:
    """Return an ODS file with one table of texts."""
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>'
            for text in line
        )
        + "</table:table-row>"
        for line in lines
    )
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest'
            ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        packed.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content{names}><office:body><office:spreadsheet>'
            f'<table:table table:name="A">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()
