"""A layout that was taught once: recognised by its headings wherever they stand, read by what a person said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.certificates.reading import Profile, read
from assays.certificates.reading.sheet import read_sheet
from assays.certificates.reading.taught import (
    Mapping,
    Taught,
    fitting,
    headings_at,
    headings_digest,
    read_taught,
)
from lims.errors import Invalid
from tests.assays.certificates.reading.layouts import findings, rows, values

FILE = "Hill laboratory;;;;\n;;;;\nTag;What;Dyspro;Terb;Boss\nKC-1;S;36,5;<0,05;Rao\nOREAS;STD;23,2;NSS;Rao\nKC-1;DUP;36,1;;Rao\n"
LONGER = "Hill laboratory;;;;\nJob 9;;;;\n;;;;\n;;;;\n TAG ;What;dyspro;Terb;Boss;\nKC-7;S;1;2;Rao\n"


def taught(text=FILE, row=3, **said):
    sheet = read_sheet(text.encode())
    columns = (Taught(3, "Dy", "ppm", "IN-HOUSE"), Taught(4, "Tb4O7", "%"))
    known = {"type_column": 2, "decimal_comma": True, "columns": columns} | said
    return Mapping(row, 1, headings_sha256=headings_digest(sheet, row), **known)


def plain_mapping(**changes):
    return taught().to_dict() | changes


def code_of(data):
    with pytest.raises(Invalid) as refusal:
        Mapping.from_dict(data)
    return refusal.value.problems[0].code, refusal.value.problems[0].place.field


def test_what_was_taught_is_read_with_every_qualifier():
    found = read(FILE.encode(), mappings=[taught()])
    assert (found.layout, found.delimiter) == ("taught", ";")
    assert found.why == "Its headings in row 3 are those on which the layout was taught."
    assert values(found) == [
        ("KC-1", "Dy", "IN-HOUSE", "36,5", "", "36.5", "", "ppm", "36.5", 4, 3),
        ("KC-1", "Tb4O7", "", "<0,05", "<", "", "0.05", "%", "", 4, 4),
        ("OREAS", "Dy", "IN-HOUSE", "23,2", "", "23.2", "", "ppm", "23.2", 5, 3),
        ("OREAS", "Tb4O7", "", "NSS", "insufficient-sample", "", "", "%", "", 5, 4),
        ("KC-1", "Dy", "IN-HOUSE", "36,1", "", "36.1", "", "ppm", "36.1", 6, 3),
        ("KC-1", "Tb4O7", "", "", "blank", "", "", "%", "", 6, 4),
    ]
    assert rows(found) == [(4, "KC-1", ""), (5, "OREAS", "standard"), (6, "KC-1", "duplicate")]
    assert findings(found) == [("note", "column-unknown", 3, 5)]


def test_a_longer_preamble_is_recognised_and_other_headings_are_not():
    sheet = read_sheet(LONGER.encode())
    assert headings_at(sheet, taught()) == 5
    assert values(read(LONGER.encode(), mappings=[taught()]))[0][:4] == ("KC-7", "Dy", "IN-HOUSE", "1")
    other = FILE.replace("Terb", "Thulium")
    assert fitting(read_sheet(other.encode()), [taught()]) is None
    with pytest.raises(Invalid) as refusal:
        read_taught(read_sheet(other.encode()), taught(), Profile())
    assert refusal.value.problems[0].code == "headings-differ"


def test_what_was_taught_comes_before_what_is_known_by_itself():
    text = "Sample,Dy ppm\nA,1.5\n"
    mapping = Mapping(1, 1, (Taught(2, "Dy2O3", "%"),), headings_digest(read_sheet(text.encode()), 1))
    assert read(text.encode()).layout == "plain-wide"
    assert values(read(text.encode(), mappings=[taught(), mapping])) == [
        ("A", "Dy2O3", "", "1.5", "", "1.5", "", "%", "15000.0", 2, 2)
    ]


def test_a_row_of_units_below_belongs_to_the_headings():
    text = "Tag,Dyspro\n,ppm\nA,1.5\n"
    in_percent = "Tag,Dyspro\n,%\nA,1.5\n"
    sheet = read_sheet(text.encode())
    mapping = Mapping(1, 1, (Taught(2, "Dy", "ppm"),), headings_digest(sheet, 1, 2), headings_rows=2)
    assert rows(read(text.encode(), mappings=[mapping])) == [(3, "A", "")]
    assert fitting(read_sheet(in_percent.encode()), [mapping]) is None


def test_what_is_wrong_in_a_row_is_found():
    text = "Tag,Dyspro\nA,1.5\nA,x\n,2\nB\n"
    mapping = Mapping(1, 1, (Taught(2, "Dy", "ppm"),), headings_digest(read_sheet(text.encode()), 1))
    assert findings(read(text.encode(), mappings=[mapping])) == [
        ("error", "cells-too-few", 5, 1),
        ("error", "duplicate-id", 3, 1),
        ("error", "sample-id-missing", 4, 1),
        ("error", "qualifier-needs-profile", 3, 2),
    ]


def test_it_is_kept_as_plain_data():
    assert Mapping.from_dict(taught().to_dict()) == taught()
    assert Mapping.from_dict({"headings_row": 3, "sample_column": 1, "columns": [{"column": 2, "symbol": "LOI", "unit": ""}], "headings_sha256": "a" * 64}).type_column is None  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"headings_row": "3"}, "mapping-malformed", "headings_row"),
        ({"headings_row": True}, "mapping-malformed", "headings_row"),
        ({"headings_row": 0}, "mapping-malformed", "headings_row"),
        ({"headings_row": 201}, "mapping-malformed", "headings_row"),
        ({"headings_rows": 0}, "mapping-malformed", "headings_row"),
        ({"sample_column": 0}, "mapping-malformed", "sample_column"),
        ({"sample_column": 3}, "mapping-malformed", "columns"),
        ({"type_column": 1}, "mapping-malformed", "columns"),
        ({"type_column": "B"}, "mapping-malformed", "type_column"),
        ({"columns": []}, "mapping-malformed", "columns"),
        ({"columns": {}}, "mapping-malformed", "columns"),
        ({"columns": ["Dy"]}, "mapping-malformed", "columns"),
        ({"columns": [{"column": 3, "symbol": "Dy", "unit": "ppm", "factor": 2}]}, "mapping-malformed", "columns"),
        ({"columns": [{"column": 3, "symbol": "Xx", "unit": "ppm"}]}, "mapping-malformed", "columns"),
        ({"columns": [{"column": 3, "symbol": "Dy", "unit": ""}]}, "mapping-malformed", "columns"),
        ({"columns": [{"column": 3, "symbol": "Dy", "unit": "ppm", "method": "m" * 41}]}, "mapping-malformed", "columns"),
        ({"columns": [{"column": 3, "symbol": "Dy", "unit": "furlong"}]}, "unit-unknown", "unit"),
        ({"columns": [{"column": 3, "symbol": "Dy", "unit": "mg/L"}]}, "unit-of-liquid", "unit"),
        ({"columns": [{"column": 2001, "symbol": "Dy", "unit": "ppm"}]}, "mapping-malformed", "columns"),
        ({"decimal_comma": "yes"}, "mapping-malformed", "decimal_comma"),
        ({"headings_sha256": "abc"}, "mapping-malformed", "headings_sha256"),
        ({"headings_sha256": 7}, "mapping-malformed", "headings_sha256"),
        ({"colour": "red"}, "mapping-malformed", "mapping"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_by_is_refused_by_name(change, code, field):
    assert code_of(plain_mapping(**change)) == (code, field)


@pytest.mark.parametrize("data", [None, [], "x", 7])
def test_what_is_no_mapping_at_all_is_refused(data):
    assert code_of(data) == ("mapping-malformed", "mapping")


def test_empty_headings_cannot_be_taught():
    sheet = read_sheet(FILE.encode())
    assert code_of(plain_mapping(headings_sha256=headings_digest(sheet, 2))) == (
        "mapping-malformed",
        "headings_row",
    )


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["headings_row", "sample_column", "columns", "column", "symbol", "unit", "headings_sha256"]), inner, max_size=4), max_leaves=8))  # fmt: skip
def test_any_plain_data_is_a_mapping_or_refused_by_name(data):
    assert code_of(data)[0] in {"mapping-malformed", "unit-unknown", "unit-of-liquid"}
