"""What is asked of each column, and what the answers become."""

from assays.certificates.preview.forms import as_mapping, likely_head, questions
from assays.certificates.reading.sheet import Sheet

SHEET = Sheet([["Report 7"], ["Lab No", "Type", "Dy ppm", "Terbium"], ["A", "S", "1,5", "2"]], "utf-8", ";")


def test_the_row_with_most_headings_is_asked_about_first():
    assert likely_head(SHEET) == 2
    assert likely_head(Sheet([["one"], ["two"]], "utf-8", ",")) == 1


def test_headings_that_are_understood_are_answered_already():
    asked = questions(SHEET, 2, {})
    assert [(one.number, one.use, one.symbol, one.unit, list(one.examples)) for one in asked] == [
        (1, "sample", "", "", ["A"]),
        (2, "", "", "", ["S"]),
        (3, "value", "Dy", "ppm", ["1,5"]),
        (4, "", "", "", ["2"]),
    ]
    assert questions(SHEET, 9, {}) == []


def test_a_column_headed_as_labels_are_comes_before_the_first_that_is_no_value():
    sheet = Sheet([["Place", "SAMPLEID", "Dy ppm"], ["x", "A", "1"]], "utf-8", ",")
    assert [one.use for one in questions(sheet, 1, {})] == ["", "sample", "value"]


def test_answers_become_a_layout():
    said = {"use-2": "kind", "use-4": "value", "symbol-4": " Tb ", "unit-4": "%", "method-4": "X"}
    assert as_mapping(questions(SHEET, 2, said), 2, comma=True) == {
        "headings_row": 2,
        "sample_column": 1,
        "type_column": 2,
        "decimal_comma": True,
        "columns": [
            {"column": 3, "symbol": "Dy", "unit": "ppm", "method": ""},
            {"column": 4, "symbol": "Tb", "unit": "%", "method": "X"},
        ],
    }
    assert as_mapping(questions(SHEET, 2, {"use-2": "sample"}), 2, comma=False)["sample_column"] == 0
