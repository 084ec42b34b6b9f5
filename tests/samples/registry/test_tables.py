"""Files as spreadsheet programs write them, and files that are none."""

import csv
import io
import random
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.errors import DomainError, Invalid
from samples.registry.tables import LARGEST_BYTES, MOST_ROWS, read_table
from samples.registry.writers import csv_file, xlsx_file

HEADINGS = ["tag", "mass_kg", "note"]
#: text that a cell keeps in every dialect: no control signs, no blanks around
CELL = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"),
        exclude_characters="\ufeff\ufffe\uffff'",
    ),
    min_size=1,
    max_size=8,
)
LATIN = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="'"), min_size=1, max_size=8
)


def table_of(cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6)


def written(rows: list[list[str]], *, delimiter: str, ends: str, codec: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADINGS)
    writer.writerows(rows)
    return text.getvalue().encode(codec)


@settings(deadline=None)
@given(
    rows=table_of(CELL),
    delimiter=st.sampled_from(",;\t"),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_every_dialect_is_read_back_as_it_was_written(rows, delimiter, ends, codec):
    table = read_table(written(rows, delimiter=delimiter, ends=ends, codec=codec), name="list.csv")
    assert table.headings == HEADINGS
    assert [row.cells for row in table.rows] == rows
    assert table.decimal_comma == (delimiter != ",")


@settings(deadline=None)
@given(rows=table_of(LATIN))
def test_latin_1_is_understood_and_said(rows):
    content = written([*rows, ["Würzburg", "1", "é"]], delimiter=",", ends="\n", codec="latin-1")
    table = read_table(content, name="list.csv")
    assert table.rows[-1].cells == ["Würzburg", "1", "é"]
    assert table.notes == ["Windows or Latin-1 text"]


@settings(deadline=None, max_examples=30)
@given(rows=table_of(CELL))
def test_a_spreadsheet_is_read_back_as_it_was_written(rows):
    table = read_table(xlsx_file(HEADINGS, rows), name="list.xlsx")
    assert (table.headings, [row.cells for row in table.rows]) == (HEADINGS, rows)


def workbook(*cells: object) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["h"] * len(cells))
        for column, cell in enumerate(cells):
            sheet.write(1, column, cell)
    return file.getvalue()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (2150, "2150"),
        (0.1, "0.1"),
        (2.10, "2.1"),
        (1e-7, "0.0000001"),
        (123456.789012345, "123456.789012345"),
        (True, "TRUE"),
    ],
)
def test_numbers_of_a_spreadsheet_are_the_digits_that_were_typed(cell, text):
    assert read_table(workbook(cell), name="list.xlsx").rows[0].cells == [text]


def test_rows_keep_their_numbers_over_blank_ones():
    table = read_table(b"\n\ntag,mass\n\nA,1\n,,\nB,2\n\n", name="list.csv")
    assert [row.number for row in table.rows] == [5, 7]


def packed(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "file-empty"),
        ("a.csv", b"\xef\xbb\xbf \r\n", "file-empty"),
        ("a.csv", b",,,\n,,\n", "file-empty"),
        ("a.csv", b"x" * (LARGEST_BYTES + 1), "file-too-large"),
        ("a.csv", b"tag\n" + b"A\n" * (MOST_ROWS + 1), "file-too-large"),
        ("a.csv", b",".join([b"h"] * 201), "file-too-large"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file-protected"),
        ("a.csv", b"%PDF-1.7 something", "not-what-its-name-says"),
        ("a.csv", b"\x89PNG\r\n", "not-what-its-name-says"),
        ("a.csv", b"tag,mass\nA\x00\x01,2", "not-what-its-name-says"),
        ("a.xlsx", b"tag,mass\nA,2", "not-what-its-name-says"),
        ("a.xlsx", packed(notes=b"hello"), "not-what-its-name-says"),
        ("a.xlsx", packed(xl__workbook=b"<workbook/>"), "file-unreadable"),
        ("a.xlsx", b"PK\x03\x04 cut off", "file-unreadable"),
        ("a.xlsx", packed(xl__big=b"\0" * (201 * 1024 * 1024)), "zip-bomb"),
        ("a.csv", b"\xff\xfet\x00a\x00g", "encoding-unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_table_is_named(name, content, code):
    with pytest.raises(Invalid) as refusal:
        read_table(content, name=name)
    assert (refusal.value.problems[0].code, refusal.value.problems[0].place.file) == (code, name)


@pytest.mark.parametrize("seed", range(300))
def test_a_damaged_file_is_refused_by_name_or_read(seed):
    choose = random.Random(seed)
    whole = (
        xlsx_file(HEADINGS, [["A", "1", "n"]] * 5)
        if seed % 2
        else csv_file(HEADINGS, [["Ä", "1,5", "=x"]] * 5)
    )
    broken = bytearray(whole)
    for _ in range(choose.randrange(1, 12)):
        broken[choose.randrange(len(broken))] = choose.randrange(256)
    try:
        read_table(
            bytes(broken[: choose.randrange(1, len(broken) + 1)]),
            name="list.xlsx" if seed % 2 else "list.csv",
        )
    except DomainError as refusal:
        assert refusal.problems[0].code
