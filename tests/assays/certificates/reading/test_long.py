"""A file with one value a row: every value is read with its own place, or named; a second value of a sample is kept."""

import pytest

from assays.certificates.reading import Profile, read
from assays.certificates.reading.long_cells import signed
from lims.errors import Invalid
from tests.assays.certificates.reading.layouts import content, findings, reading, rows, values

QUALIFIERS = [
    ("KC-01", "Dy", "ME-MS81", "36.5", "", "36.5", "", "ppm", "36.5", 4, 4),
    ("KC-01", "Tb", "ME-MS81", "<0.01", "<", "", "0.01", "ppm", "", 5, 4),
    ("KC-01", "Dy2O3", "ME-XRF", "0.0042", "", "0.0042", "", "%", "42.0000", 6, 4),
    ("KC-01", "LOI", "OA-GRA05", "-0.02", "", "-0.02", "", "%", "", 7, 4),
    ("KC-02", "Dy", "ME-MS81", "<0.05", "<", "", "0.05", "ppm", "", 8, 4),
    ("KC-02", "Tb", "ME-MS81", ">1000", ">", "", "1000", "ppm", "", 9, 4),
    ("KC-02", "Dy2O3", "ME-XRF", "NSS", "insufficient-sample", "", "", "%", "", 10, 4),
    ("KC-02", "LOI", "OA-GRA05", "", "blank", "", "", "%", "", 11, 4),
    ("KC-03", "Dy", "ME-MS81", "LNR", "not-requested", "", "", "ppm", "", 12, 4),
    ("KC-03", "Tb", "ME-MS81", "Interference", "interference", "", "", "ppm", "", 13, 4),
    ("KC-03", "Dy2O3", "ME-XRF", "pending", "pending", "", "", "%", "", 14, 4),
    ("KC-03", "LOI", "OA-GRA05", "1,234.5", "", "1234.5", "", "%", "", 15, 4),
    ("OREAS 100a", "Dy", "ME-MS81", "23.2", "", "23.2", "", "ppm", "23.2", 16, 4),
    ("KC-01", "Dy", "ME-MS81", "36.1 ppm", "", "36.1", "", "ppm", "36.1", 17, 4),
    ("Blank", "Dy", "ME-MS81", "12", "", "12", "", "ppb", "0.012", 18, 4),
]


def test_every_qualifier_is_read_where_it_stands():
    found = reading("long/qualifiers.csv")
    assert found.layout == "long"
    assert found.why.startswith("Row 3 has the headings “Sample ID”, “Element”, “Value”")
    assert values(found) == QUALIFIERS
    assert rows(found) == [
        (4, "KC-01", "sample"),
        (8, "KC-02", "sample"),
        (12, "KC-03", "sample"),
        (16, "OREAS 100a", "standard"),
        (17, "KC-01", "duplicate"),
        (18, "Blank", "blank"),
    ]
    assert findings(found) == [
        ("note", "columns-left", 3, None),
        ("warning", "duplicate-column", 6, None),
        ("warning", "thousands-separator", 15, 4),
        ("warning", "unit-in-cell", 17, 4),
    ]


def test_limits_beside_all_values_are_those_of_the_column():
    found = reading("long/qualifiers.csv")
    assert {one.heading: str(one.lower) for one in found.columns if one.unit == "ppm"} == {
        "Dy": "0.05",
        "Tb": "0.01",
    }


def test_every_defect_is_named_at_its_place_and_no_row_is_lost():
    found = reading("long/defects.csv")
    read_rows = {row for *_, row, _ in values(found)}
    assert read_rows == {2, 3, 4, 7, 8, 9, 14, 15, 16, 17, 18}
    assert sorted(findings(found), key=lambda one: (one[2], one[1])) == [
        ("error", "duplicate-id", 3, 1),
        ("error", "sample-id-missing", 4, 1),
        ("error", "analyte-missing", 5, 3),
        ("warning", "column-unknown", 6, 3),
        ("warning", "duplicate-column", 7, None),
        ("error", "unit-unknown", 7, None),
        ("error", "unit-of-liquid", 8, None),
        ("error", "unit-missing", 9, None),
        ("error", "unit-contradiction", 10, 5),
        ("error", "qualifier-needs-profile", 11, 4),
        ("error", "cell-unreadable", 12, 4),
        ("error", "decimal-comma", 13, 4),
        ("warning", "negative-value", 14, 4),
        ("warning", "forms-disagree", 15, 4),
        ("error", "more-than-whole", 17, 4),
        ("note", "type-unknown", 18, 2),
        ("error", "cells-too-few", 19, 3),
    ]
    assert {number for _, _, number, _ in findings(found)} | read_rows == set(range(2, 20))


def test_a_second_value_of_a_sample_is_a_row_of_its_own():
    found = reading("long/defects.csv")
    assert rows(found) == [
        (2, "KC-01", "sample"),
        (3, "KC-01", "sample"),
        (4, "", "sample"),
        (7, "KC-02", "sample"),
    ]
    said = next(one for one in found.findings if one.code == "duplicate-id")
    assert (said.row, said.message) == (3, "“KC-01” has values from row 2 on already.")


def test_a_finding_belongs_to_the_row_in_which_its_value_stands():
    found = reading("long/defects.csv")
    tied = {one.code: one.row for one in found.findings if one.place[0] in {11, 14, 18}}
    assert tied == {"qualifier-needs-profile": 7, "negative-value": 7, "type-unknown": 7}


def test_decimal_commas_are_read_by_a_profile_that_says_so():
    text = "Sample;Element;Value;Unit;LOD\nA;Dy;36,5;ppm;0,05\nA;Tb;<0,01;ppm;0,01\n"
    found = read(text.encode(), profile=Profile(decimal_comma=True))
    assert [one[3:9] for one in values(found)] == [
        ("36,5", "", "36.5", "", "ppm", "36.5"),
        ("<0,01", "<", "", "0.01", "ppm", ""),
    ]
    assert [str(one.lower) for one in found.columns] == ["0.05", "0.01"]
    assert found.findings == []


@pytest.mark.parametrize("word", ["BDL", "ND"])
def test_a_word_of_the_profile_takes_the_limit_of_its_column(word):
    text = f"Sample,Element,Value,Unit,LOD\nA,Dy,{word},ppm,0.05\nB,Dy,3,ppm,0.05\n"
    found = read(text.encode(), profile=Profile(below=frozenset({word})))
    assert values(found)[0] == ("A", "Dy", "", word, "<", "", "0.05", "ppm", "", 2, 3)
    assert found.findings == []


def test_limits_that_differ_from_sample_to_sample_belong_to_no_column():
    text = "Sample,Element,Value,Unit,LOD\nA,Dy,BDL,ppm,0.05\nB,Dy,3,ppm,0.1\n"
    found = read(text.encode(), profile=Profile(below=frozenset({"BDL"})))
    assert found.columns[0].lower is None
    assert findings(found) == [("warning", "limit-missing", 2, 3)]


def test_a_value_beyond_the_limit_beside_it_is_looked_at():
    found = read(b"Sample,Element,Value,Unit,LOD\nA,Dy,0.01,ppm,0.05\nB,Dy,3,ppm,0.05\n")
    assert findings(found) == [("warning", "beyond-limits", 2, 3)]


def test_laboratory_and_number_are_taken_when_all_rows_say_the_same():
    head = "Laboratory,Batch no,Sample,Element,Value,Unit\n"
    same = read(f"{head}SGS,B7,A,Dy,1,ppm\nSGS,B7,B,Dy,2,ppm\n".encode())
    other = read(f"{head}SGS,B7,A,Dy,1,ppm\nALS,B8,B,Dy,2,ppm\n".encode())
    assert (same.laboratory, same.certificate) == ("SGS", "B7")
    assert (other.laboratory, other.certificate) == ("", "")


def test_repeats_that_the_file_numbers_are_not_mixed():
    text = "Sample,Rep,Element,Value,Unit\nA,1,Dy,1,ppm\nA,2,Dy,2,ppm\nA,2,Tb,3,ppm\nA,1,Tb,4,ppm\n"
    found = read(text.encode())
    assert [(one.number, one.cells) for one in found.rows] == [(2, ("1", "4")), (3, ("2", "3"))]


@pytest.mark.parametrize(
    ("value", "flag", "sign", "limit", "cell"),
    [
        ("0.05", "1", "", "", "<0.05"),
        ("0.05", "1.0", "", "0.1", "<0.05"),
        ("0", "Y", "", "0.05", "<0.05"),
        ("", "", "<", "0.05", "<0.05"),
        ("", "", "<", "", "<"),
        ("<0.05", "1", "<", "", "<0.05"),
        ("1000", "", ">", "", ">1000"),
        ("1000", "0", "=", "5", "1000"),
        ("0.1", "", "U", "", "<0.1"),
        ("NSS", "", "", "0.1", "NSS"),
        ("3", "perhaps", "", "", "perhaps: 3"),
        ("3", "", "~", "", "~: 3"),
        ("3", "1", ">", "", "1: 3"),
        (">3", "1", "", "", "1: >3"),
    ],
)
def test_a_value_and_its_marks_become_one_cell(value, flag, sign, limit, cell):
    assert signed(value, flag=flag, sign=sign, limit=limit, profile=Profile()) == cell


def test_a_mark_that_the_profile_knows_is_below_detection():
    profile = Profile(below=frozenset({"ND"}), leading_minus_below=True)
    assert signed("0.05", flag="", sign="nd", limit="", profile=profile) == "<0.05"
    assert signed("-0.05", flag="1", sign="", limit="", profile=profile) == "-0.05"
    assert signed("ND", flag="1", sign="", limit="0.05", profile=profile) == "ND"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_in_any_encoding_line_end_and_delimiter(encoding, end, delimiter):
    text = content("long/qualifiers.csv").decode().replace('"1,234.5"', "1234.5").replace(",", delimiter)
    found = read(text.replace("\n", end).encode(encoding))
    assert [one[:3] + one[9:] for one in values(found)] == [one[:3] + one[9:] for one in QUALIFIERS]


def test_what_many_rows_say_alike_is_named_once():
    text = "Sample,Type,Element,Value,Unit,LOD\n" + "".join(f"A{at},odd,Dy,1,ppm,low\n" for at in range(5))
    found = read(text.encode())
    assert findings(found) == [("note", "type-unknown", 2, 2), ("warning", "limit-unreadable", 2, 6)]


def test_a_table_that_would_be_mostly_empty_is_refused():
    lines = [f"A{at},Dy,1,ppm,M{at}" for at in range(2100)]
    with pytest.raises(Invalid) as refusal:
        read("\n".join(["Sample,Element,Value,Unit,Method", *lines]).encode(), name="l.csv")
    assert [(one.code, one.place.file) for one in refusal.value.problems] == [("file-too-large", "l.csv")]
