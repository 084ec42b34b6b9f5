"""Files for people: the template of a list, and its bad rows with what is wrong. Nothing in them can become a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

import xlsxwriter

from samples.registry.readers import PROBLEMS

#: heading → what to write there
COLUMNS: Final = {
    "tag": "The tag on the bag, as KC-000123-J. Required.",
    "mass_kg": "Gross mass of the bag in kilograms, as 2.15; or a column mass_g in grams. Required.",
    "collected_at": "Date, or date and time, as 2026-11-03 14:20 (Indian time). Required.",
    "latitude": "Degrees north, WGS 84, as 26.12345.",
    "longitude": "Degrees east, WGS 84, as 98.45678.",
    "accuracy_m": "Accuracy of the place in metres.",
    "depth_m": "Depth in metres.",
    "site": "Pit, hole or heap: samples of one site count together.",
    "collector": "Who took the sample.",
    "field_number": "Your own number of the sample.",
    "laboratory_number": "The laboratory's number, if certificates will use it.",
    "note": "Anything worth knowing.",
}
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")


def safe(text: str) -> str:
    """Return the text for a CSV cell: what a spreadsheet program would run as a formula gets an apostrophe.

    >>> safe("=1+1"), safe("-2.5"), safe("clay")
    ("'=1+1", '-2.5', 'clay')
    """
    if not text.startswith(_RISKY):
        return text
    number = text[1:].replace(".", "", 1)
    return text if text[0] in "+-" and number.isascii() and number.isdigit() else f"'{text}"


def csv_file(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV file (UTF-8 with a byte order mark, so that spreadsheet programs see it), safe to open."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([safe(heading) for heading in headings])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_file(headings: Sequence[str], rows: Iterable[Sequence[str]], *, explained: bool = False) -> bytes:
    """Return an XLSX file whose cells are all text; with `explained`, a second sheet says what goes where."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("Samples")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(headings) - 1, 0), 18, text)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
        if explained:
            words = book.add_worksheet("How to fill it in")
            words.set_column(0, 0, 18)
            words.set_column(1, 1, 80)
            for number, (heading, meaning) in enumerate(COLUMNS.items()):
                words.write_string(number, 0, heading, bold)
                words.write_string(number, 1, meaning)
    return file.getvalue()


def with_problems(headings: Sequence[str]) -> list[str]:
    """Return the headings of a file of bad rows: the original ones and, last, what is wrong."""
    return [*(heading for heading in headings if heading.strip().lower() != PROBLEMS), PROBLEMS]
