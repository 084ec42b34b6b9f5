"""Elements below each other, samples beside each other: every value is read with its place in the file."""

import io

import pytest
import xlsxwriter

from assays.certificates.reading import Profile, read
from assays.certificates.reading.sheet import read_sheet
from assays.certificates.reading.transposed import recognise
from tests.assays.certificates.reading.layouts import findings, reading, rows, values

QUALIFIERS = [
    ("KC-01", "Dy", "ME-MS81", "36.5", "", "36.5", "", "ppm", "36.5", 5, 5),
    ("KC-01", "Tb", "ME-MS81", ">1000", ">", "", "1000", "ppm", "", 6, 5),
    ("KC-01", "Dy2O3", "ME-XRF", "0.0042", "", "0.0042", "", "%", "42.0000", 7, 5),
    ("KC-01", "LOI", "OA-GRA05", "-0.02", "", "-0.02", "", "%", "", 8, 5),
    ("KC-02", "Dy", "ME-MS81", "<0.05", "<", "", "0.05", "ppm", "", 5, 6),
    ("KC-02", "Tb", "ME-MS81", "LNR", "not-requested", "", "", "ppm", "", 6, 6),
    ("KC-02", "Dy2O3", "ME-XRF", "NSS", "insufficient-sample", "", "", "%", "", 7, 6),
    ("KC-02", "LOI", "OA-GRA05", "1,234.5", "", "1234.5", "", "%", "", 8, 6),
    ("OREAS 100a", "Dy", "ME-MS81", "23.2", "", "23.2", "", "ppm", "23.2", 5, 7),
    ("OREAS 100a", "Tb", "ME-MS81", "3.80", "", "3.80", "", "ppm", "3.80", 6, 7),
    ("OREAS 100a", "Dy2O3", "ME-XRF", "", "blank", "", "", "%", "", 7, 7),
    ("OREAS 100a", "LOI", "OA-GRA05", "1 %", "", "1", "", "%", "", 8, 7),
    ("KC-01", "Dy", "ME-MS81", "36.1", "", "36.1", "", "ppm", "36.1", 5, 8),
    ("KC-01", "Tb", "ME-MS81", "Interference", "interference", "", "", "ppm", "", 6, 8),
    ("KC-01", "Dy2O3", "ME-XRF", "pending", "pending", "", "", "%", "", 7, 8),
    ("KC-01", "LOI", "OA-GRA05", "2", "", "2", "", "%", "", 8, 8),
]


def test_every_qualifier_is_read_where_it_stands():
    found = reading("transposed/qualifiers.csv")
    assert found.layout == "transposed"
    assert found.why == "Elements stand below each other, such as “Dy”, and row 3 names the samples."
    assert values(found) == QUALIFIERS
    assert rows(found) == [
        (5, "KC-01", "sample"),
        (6, "KC-02", "sample"),
        (7, "OREAS 100a", "standard"),
        (8, "KC-01", "duplicate"),
    ]
    assert [str(one.lower) for one in found.columns] == ["0.05", "0.01", "None", "None"]
    assert findings(found) == [
        ("note", "duplicate-column", 7, None),
        ("warning", "thousands-separator", 8, 6),
        ("warning", "unit-in-cell", 8, 7),
    ]


def test_every_defect_is_named_at_its_place():
    found = reading("transposed/defects.csv")
    assert len(values(found)) == 19
    assert sorted(findings(found), key=lambda one: (one[2], one[3] or 0, one[1])) == [
        ("error", "duplicate-id", 1, 6),
        ("error", "sample-id-missing", 1, 7),
        ("note", "column-unknown", 1, 9),
        ("warning", "limit-unreadable", 2, 4),
        ("error", "qualifier-needs-profile", 2, 6),
        ("warning", "column-unknown", 3, 1),
        ("error", "unit-unknown", 4, None),
        ("error", "unit-of-liquid", 5, None),
        ("error", "unit-missing", 6, None),
        ("warning", "duplicate-column", 7, None),
        ("error", "decimal-comma", 7, 6),
        ("warning", "negative-value", 7, 7),
        ("error", "more-than-whole", 7, 8),
        ("error", "cells-too-few", 8, 5),
    ]


def test_a_finding_belongs_to_the_sample_of_its_column():
    found = reading("transposed/defects.csv")
    tied = {one.code: (one.row, one.column) for one in found.findings if one.place[0] == 7 and one.place[1]}
    assert tied == {"decimal-comma": (6, 5), "negative-value": (7, 5), "more-than-whole": (8, 5)}


@pytest.mark.parametrize("corner", ["", "Element", "Analyte", "Sample", "Sample ID"])
def test_units_may_stand_with_the_symbols(corner):
    found = read(f"{corner},A,B\nDy (ppm) ME-MS81,1,2\nTb4O7 %,3,<4\n".encode())
    assert found.layout == "transposed"
    assert [(one[0], one[1], one[2], one[3], one[7]) for one in values(found)] == [
        ("A", "Dy", "ME-MS81", "1", "ppm"),
        ("A", "Tb4O7", "", "3", "%"),
        ("B", "Dy", "ME-MS81", "2", "ppm"),
        ("B", "Tb4O7", "", "<4", "%"),
    ]


def test_a_row_that_is_cut_off_invents_no_blank():
    found = read(b"Element,Unit,A,B\nDy,ppm,1,2\nTb,ppm,3\n")
    assert [one[0:2] + one[3:4] for one in values(found)] == [
        ("A", "Dy", "1"),
        ("A", "Tb", "3"),
        ("B", "Dy", "2"),
    ]
    assert findings(found) == [("error", "cells-too-few", 3, 3)]


def test_what_is_odd_in_a_sample_is_said_of_its_column():
    lines = ["Element,Unit,A", "La,ppm,30", "Ce,ppm,60", "Pr,ppm,7", "Nd,ppm,26000", "Sm,ppm,5", "Gd,ppm,4"]
    found = read("\n".join(lines).encode())
    assert set(findings(found)) == {("warning", "pattern-not-smooth", 1, 3)}
    assert {one.row for one in found.findings} == {3}


def test_decimal_commas_are_read_by_a_profile_that_says_so():
    found = read(b"Element;Unit;LOD;A\nDy;ppm;0,05;36,5\n", profile=Profile(decimal_comma=True))
    assert values(found) == [("A", "Dy", "", "36,5", "", "36.5", "", "ppm", "36.5", 2, 4)]
    assert str(found.columns[0].lower) == "0.05"


def test_without_any_unit_it_is_not_taken_for_one():
    assert recognise(read_sheet(b"Element,A,B\nDy,1,2\nTb,3,4\n")) is None
    assert recognise(read_sheet(b"Sample,Dy ppm,Tb ppm\nDy,1,2\nTb,3,4\n")) is None


def test_a_spreadsheet_with_empty_rows_above_is_read():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        lines = [["Job 77", "", ""], ["", "", ""], ["", "KC-01", "KC-02"], ["Dy (ppm)", 36.5, "<0.05"], ["Tb4O7 %", 0.0042, "NSS"]]  # fmt: skip
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line)
    found = read(out.getvalue())
    assert found.layout == "transposed"
    assert values(found) == [
        ("KC-01", "Dy", "", "36.5", "", "36.5", "", "ppm", "36.5", 4, 2),
        ("KC-01", "Tb4O7", "", "0.0042", "", "0.0042", "", "%", "42.0000", 5, 2),
        ("KC-02", "Dy", "", "<0.05", "<", "", "0.05", "ppm", "", 4, 3),
        ("KC-02", "Tb4O7", "", "NSS", "insufficient-sample", "", "", "%", "", 5, 3),
    ]
