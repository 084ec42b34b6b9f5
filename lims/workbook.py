"""A spreadsheet read in a process of its own, within bounds of memory and time.

The library that reads spreadsheets keeps every cell of the rectangle that holds them all: a file of 5 kB with one cell in
the last corner asks for hundreds of gigabytes, and the process that reads it is aborted. It shall not be a worker's or a
server's. Run as a script, this file reads a spreadsheet from standard input and answers in JSON.
"""

import json
import resource
import subprocess
import sys
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any, Final

#: cells of the rectangle that is read, empty ones too
MOST_CELLS: Final = 2_000_000
MEMORY_BYTES: Final = 1536 * 1024 * 1024
SECONDS: Final = 60


class Unreadable(Exception):
    """It is no spreadsheet that can be read."""


class TooLarge(Exception):
    """Its cells spread further, or take longer to read, than is allowed."""


def cell_text(value: Any) -> str:
    """Return a cell as the text that a person sees.

    >>> cell_text(2150.0), cell_text(2.15), cell_text(datetime(2026, 11, 3, 14, 20)), cell_text(True)
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


def first_sheet(content: bytes, *, most_rows: int, most_columns: int) -> tuple[list[list[str]], list[str]]:
    """Return the cells of a spreadsheet's first sheet as text, and the names of all its sheets.

    Raises `Unreadable` and `TooLarge`. Takes about 0.1 s for the process, and 0.5 s for a million cells.
    """
    command = [sys.executable, "-I", str(Path(__file__).resolve()), str(most_rows), str(most_columns)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  # our own file, no shell
    except subprocess.TimeoutExpired as error:
        raise TooLarge from error
    if done.returncode < 0 or (done.returncode and b"MemoryError" in done.stderr):
        raise TooLarge  # aborted, because it asked for more memory than there is
    if done.returncode:
        raise Unreadable
    answer = json.loads(done.stdout)
    if answer["too_large"]:
        raise TooLarge
    return answer["rows"], answer["names"]


def _read(content: bytes, most_rows: int, most_columns: int) -> dict[str, Any]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # only the process of its own needs it

    book = CalamineWorkbook.from_filelike(BytesIO(content))
    sheet = book.get_sheet_by_index(0)
    height, width = (last + 1 for last in sheet.end or (0, 0))
    if height > most_rows + 100 or width > most_columns or height * width > MOST_CELLS:
        return {"too_large": True}
    rows = [[cell_text(value) for value in line] for line in sheet.to_python(skip_empty_area=False)]
    return {"too_large": False, "rows": rows, "names": book.sheet_names}


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer = _read(sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    _main()
