"""A spreadsheet is read in a process of its own: a hostile one costs a refusal, never the worker."""

import io
import zipfile
from datetime import date

import pytest
import xlsxwriter

from lims import workbook
from lims.workbook import TooLarge, Unreadable, first_sheet


def made(*placed, sheets=("List",)):
    """Return an XLSX with values at (row, column), from 0, on its first sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        first = book.add_worksheet(sheets[0])
        for name in sheets[1:]:
            book.add_worksheet(name)
        for row, column, value in placed:
            first.write(row, column, value)
    return out.getvalue()


def test_cells_are_read_as_the_text_that_a_person_sees():
    content = made(
        (0, 0, "Sample"), (0, 1, "Dy ppm"), (1, 0, "0012"), (1, 1, 36.5), (2, 1, True), sheets=("A", "B")
    )
    assert first_sheet(content, most_rows=100, most_columns=10) == (
        [["Sample", "Dy ppm"], ["0012", "36.5"], ["", "TRUE"]],
        ["A", "B"],
    )


def test_a_date_is_read_with_its_year_first():
    content = made((0, 0, date(2026, 11, 3)))
    assert first_sheet(content, most_rows=100, most_columns=10)[0] == [["2026-11-03"]]


@pytest.mark.parametrize("corner", [(199_999, 1_999), (1_048_575, 16_383)])
def test_one_cell_in_a_far_corner_is_refused_and_this_process_lives(corner):
    content = made((0, 0, "Sample"), (*corner, "x"))
    assert len(content) < 10_000
    with pytest.raises(TooLarge):
        first_sheet(content, most_rows=200_000, most_columns=2_000)


@pytest.mark.parametrize(("rows", "columns"), [(300, 1), (1, 11)])
def test_more_rows_or_columns_than_allowed_are_refused(rows, columns):
    with pytest.raises(TooLarge):
        first_sheet(made((rows, columns - 1, "x")), most_rows=100, most_columns=10)


def test_more_cells_than_are_held_are_refused():
    with pytest.raises(TooLarge):
        first_sheet(made((0, 0, "a"), (99_999, 20, "x")), most_rows=200_000, most_columns=2_000)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00" * 100, made((0, 0, "a"))[:-60]])
def test_what_is_no_spreadsheet_is_unreadable(content):
    with pytest.raises(Unreadable):
        first_sheet(content, most_rows=100, most_columns=10)


def test_a_sheet_that_breaks_off_is_unreadable_or_short_but_answered():
    packed = zipfile.ZipFile(io.BytesIO(made((0, 0, "a"), (1, 0, "b"))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as broken:
        for name in packed.namelist():
            part = packed.read(name)
            broken.writestr(name, part[:-40] if name.startswith("xl/worksheets/") else part)
    with pytest.raises(Unreadable):
        first_sheet(out.getvalue(), most_rows=100, most_columns=10)


def test_a_file_that_takes_too_long_is_too_large(monkeypatch):
    monkeypatch.setattr(workbook, "SECONDS", 0.001)
    with pytest.raises(TooLarge):
        first_sheet(made((0, 0, "a")), most_rows=100, most_columns=10)
