"""What the server says of cells: as a certificate is read, and beside it the method's limits."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.certificates.entry.checks import looks_of, row_notes
from assays.certificates.entry.rules import TypedColumn, as_csv, cell_text
from assays.certificates.reading import Profile, read
from assays.chemistry.cells import read_cell
from lims.errors import DomainError

DY = TypedColumn("Dy", "", "ppm", "ME-MS81", Decimal("0.05"), Decimal(1000))
ND = TypedColumn("Nd", "Nd2O3", "%", "ME-MS81")


def look(raw, column=DY, profile=None):
    found = looks_of([column], [(("row", 0), raw)], profile or Profile())["row", 0]
    return found.mark, [f"{note.severity} {note.code}" for note in found.notes]


@pytest.mark.parametrize(
    ("raw", "mark", "notes"),
    [
        ("28.4", "", []),
        ("", "blank", []),
        ("<0.05", "<", []),
        ("> 1000", ">", []),
        ("NSS", "insufficient-sample", []),
        ("<", "!", ["error cell-unreadable"]),
        ("what", "!", ["error cell-unreadable"]),
        ("1,5", "!", ["error decimal-comma"]),
        ("1,234", "!", ["error decimal-ambiguous"]),
        ("X", "!", ["error qualifier-needs-profile"]),
        ("1,234.5", "", ["warning thousands-separator", "warning above-range"]),
        ("0.04", "", ["warning below-range"]),
        ("1000.1", "", ["warning above-range"]),
        ("1000", "", []),
        ("-0.3", "", ["warning below-zero"]),
        ("<0.5", "<", ["warning limit-above-methods"]),
        (">500", ">", ["warning limit-below-methods"]),
        ("0.2 %", "", ["warning unit-in-cell"]),
        ("2000001", "", ["error more-than-whole", "warning above-range"]),
        ("0.0500000000001", "", ["error number-too-long"]),
    ],
)
def test_a_cell_is_read_as_in_a_certificate_and_held_against_the_limits(raw, mark, notes):
    assert look(raw) == (mark, notes)


def test_words_name_the_limit_and_what_to_type():
    (note,) = looks_of([DY], [((1, 0), "0.04")], Profile())[1, 0].notes
    assert note.message == "0.04 is below the ME-MS81 limit of 0.05 ppm."
    assert note.remedy == "Write it as <0.05, or look again."


def test_a_profile_says_what_a_comma_and_words_mean():
    profile = Profile(decimal_comma=True, below=frozenset({"bdl"}), leading_minus_below=True)
    assert look("1,5", profile=profile) == ("", [])
    assert look("BDL", profile=profile) == ("<", ["warning limit-missing"])
    assert look("-0,05", profile=profile) == ("<", [])
    assert look("1.5", profile=profile) == ("!", ["error decimal-ambiguous"])


def test_limits_count_only_in_the_columns_unit_and_form():
    assert look("50", ND) == ("", [])
    assert look("101", ND) == ("", ["error more-than-whole"])


def test_a_column_whose_unit_nobody_knows_is_an_error_in_each_cell():
    strange = TypedColumn("Dy", "", "ppx", "ME-MS81")
    assert look("5", strange)[1] == ["error unit-unknown"]


def test_rows_are_looked_at_as_a_whole():
    columns = [TypedColumn(one, "", "ppm", "ME-MS81") for one in ("Dy", "Dy")]
    columns[1] = TypedColumn("Dy", "Dy2O3", "ppm", "ME-MS81")
    notes = row_notes(columns, {"a": {0: "28.4", 1: "32.6"}, "b": {0: "28.4", 1: "3.26"}}, Profile())
    assert notes["a"] == []
    assert [note.severity for note in notes["b"]] == ["warning"]


texts = st.text(max_size=30)
numbers = st.decimals(min_value=-10, max_value=2000, places=4).map(str)
signs = st.sampled_from(["", "<", ">", " < ", "%", "NSS", "1,5", "1e3", "\u00a05", "٣"])


@given(st.builds(lambda a, b, c: a + b + c, signs, st.one_of(numbers, texts), signs))
def test_every_text_is_a_value_a_word_or_a_named_error_as_in_a_certificate(text):
    try:
        raw = cell_text(text)
    except DomainError as error:
        assert error.problems[0].code in {"cell-too-long", "cell-control"}
        return
    mark, notes = look(raw)
    try:
        cell = read_cell(raw)
    except DomainError as error:
        assert (mark, notes[0]) == ("!", f"error {error.problems[0].code}")
    else:
        assert mark == cell.qualifier or any(note.startswith("error unit") for note in notes)


labels = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
cells = st.one_of(st.just(""), st.just("NSS"), st.decimals(0, 900, places=3).map(str), st.just("<0.05"))


@given(
    st.lists(st.tuples(labels, st.lists(cells, min_size=3, max_size=3)), min_size=1, max_size=8),
    labels,
)
def test_the_file_made_of_a_grid_reads_back_the_same(rows, person):
    table = [[cell_text(label), *texts] for label, texts in rows]
    preamble = [("Job", "R-7"), ("Submitted by", person), ("Method", "ME-MS81")]
    heads = ["Sample", DY.heading("ME-MS81"), "Tb ppm", ND.heading("ME-MS81")]
    reading = read(as_csv(preamble, heads, table), name="typed.csv")
    assert [list(row.cells) for row in reading.rows] == table
    assert [(one.oxide or one.analyte, one.unit) for one in reading.columns] == [
        ("Dy", "ppm"),
        ("Tb", "ppm"),
        ("Nd2O3", "%"),
    ]
    assert [one.raw for one in reading.determinations] == [raw for line in table for raw in line[1:]]
