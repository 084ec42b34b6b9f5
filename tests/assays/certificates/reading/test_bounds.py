"""A file is bounded in bytes, rows, columns and cells, and told by its content; a refusal comes fast."""

import io
import time
import zipfile

import pytest

from assays.certificates.reading import read
from assays.certificates.reading.sheet import LARGEST_BYTES, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, read_sheet
from lims.errors import Invalid
from tests.assays.certificates.reading.old_formats import protected


def code_of(content, name="a.csv"):
    with pytest.raises(Invalid) as refusal:
        read(content, name=name)
    (problem,) = refusal.value.problems
    assert problem.place.file == name
    assert problem.remedy
    return problem.code


def packed(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in parts.items():
            folder.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"\xef\xbb\xbf \r\n\t", "file-empty"),
        (b"\xff\xfe", "file-empty"),
        (b"x" * (LARGEST_BYTES + 1), "file-too-large"),
        (b"%PDF-1.7\n%\xe2\xe3", "not-what-its-name-says"),
        (b"\x89PNG\r\n\x1a\n", "not-what-its-name-says"),
        (b"\x1f\x8b\x08\x00", "not-what-its-name-says"),
        (bytes(range(256)) * 4, "not-what-its-name-says"),
        (packed(**{"a.txt": "Sample,Dy ppm"}), "not-what-its-name-says"),
        (b"PK\x03\x04 not a folder at all", "file-unreadable"),
        (packed(xl__workbook_xml=b"\x00" * (201 * 1024 * 1024)), "zip-bomb"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "file-protected"),
        (protected(), "file-protected"),
        ("Sample,Dy ppm\nA,5".encode("utf-16")[:-1], "encoding-unknown"),
        (b"Sample,Colour\nA,red\n", "not-a-certificate"),
        (b"Sample,Dy ppm\n", "not-a-certificate"),
        (b"a\n" * 3, "not-a-certificate"),
        (b"Sample,Dy ppm\nA," + b"5" * 200_000, "file-unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_is_refused_by_name(content, code):
    assert code_of(content) == code


def test_too_many_rows_columns_and_cells_are_refused():
    assert code_of(b"Sample,Dy ppm\n" + b"A,5\n" * (MOST_ROWS + 1)) == "file-too-large"
    assert code_of(b"Sample,Dy ppm" + b"," * MOST_COLUMNS + b"x\nA,5\n") == "file-too-large"
    wide = b"A" + b",5" * 99 + b"\n"
    assert code_of(b"Sample" + b",Dy ppm" * 99 + b"\n" + wide * (MOST_CELLS // 100)) == "file-too-large"


def test_a_file_of_as_many_rows_as_allowed_is_read_and_one_far_too_long_is_refused_at_once():
    head, row = b"Sample,Dy ppm,Tb ppm\n", b"A%06d,36.5,5.45\n"
    full = head + b"".join(row % number for number in range(MOST_ROWS - 1))
    assert len(read_sheet(full).rows) == MOST_ROWS
    begun = time.monotonic()
    assert code_of(b"1,1\n" * (LARGEST_BYTES // 4)) == "file-too-large"
    assert time.monotonic() - begun < 5
