"""Rows as samples: what each cell is understood as, and what is wrong where."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.errors import DomainError, Invalid
from samples.registry.readers import columns_of, read_samples, read_time
from samples.registry.rules import make_tag, show_tag
from samples.registry.tables import Row, Table, read_table
from samples.registry.writers import csv_file, safe, with_problems, xlsx_file

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TAG, OTHER = (show_tag(make_tag("KC", number)) for number in (1, 2))


def one(comma: bool = False, **cells: str):
    """Read a list of one row: a good one but for `cells`."""
    good = {"tag": TAG, "mass_kg": "2.15", "collected_at": "2026-11-03 14:20"}
    row = {name: text for name, text in (good | cells).items() if text is not None}
    (read,) = read_samples(Table(list(row), [Row(2, list(row.values()))], [], comma), now=NOW)
    return read


def test_a_good_row_is_understood_exactly():
    read = one(
        latitude="26.123456",
        longitude="98.4",
        accuracy_m="4.5",
        depth_m="1.50",
        collector=" Naw ",
        field_number="F-7",
        note="wet",
    )
    assert read.problems == []
    draft = read.draft
    assert (draft.tag, draft.mass_g, draft.row) == (make_tag("KC", 1), Decimal("2150.00"), 2)
    assert draft.collected_at == datetime(2026, 11, 3, 8, 50, tzinfo=UTC)
    assert (draft.latitude, draft.longitude) == (Decimal("26.123456"), Decimal("98.4"))
    assert (draft.accuracy_m, draft.depth_m, draft.field_number, draft.note) == (
        Decimal("4.5"),
        Decimal("1.50"),
        "F-7",
        "wet",
    )


@pytest.mark.parametrize(
    ("cells", "grams"),
    [
        ({"mass_kg": "0.1"}, "100.0"),
        ({"mass_kg": None, "mass_g": "2150"}, "2150"),
        ({"mass_kg": None, "Weight (kg)": "2.1"}, "2100.0"),
        ({"mass_kg": None, "mass": "2.1 kg"}, "2100.0"),
        ({"mass_kg": None, "mass": "2100", "unit": "g"}, "2100"),
        ({"mass_kg": "900 g"}, "900"),
    ],
)
def test_a_mass_is_in_the_unit_that_is_nearest_to_it(cells, grams):
    assert one(**cells).draft.mass_g == Decimal(grams)


def test_a_decimal_comma_is_read_where_the_file_writes_commas():
    assert one(comma=True, mass_kg="2,15").draft.mass_g == Decimal(2150)
    assert [problem.code for problem in one(mass_kg="2,15").problems] == ["not-a-number"]


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"tag": ""}, "field-required", "tag"),
        ({"tag": "KC-000001-0"}, "tag-check-character", "tag"),
        ({"tag": "bag seven"}, "tag-malformed", "tag"),
        ({"mass_kg": "two"}, "unit-unknown", "mass_kg"),
        ({"mass_kg": "2.1.3"}, "not-a-number", "mass_kg"),
        ({"mass_kg": "0"}, "mass-not-positive", "mass_kg"),
        ({"mass_kg": "-2"}, "mass-not-positive", "mass_kg"),
        ({"mass_kg": "2150"}, "mass-too-large", "mass_kg"),
        ({"mass_kg": None, "mass": "2.1"}, "unit-missing", "mass"),
        ({"mass_kg": None, "mass": "2.1", "unit": "stone"}, "unit-unknown", "mass"),
        ({"collected_at": ""}, "field-required", "collected_at"),
        ({"collected_at": "03/04/2026"}, "date-ambiguous", "collected_at"),
        ({"collected_at": "3.4.26"}, "date-ambiguous", "collected_at"),
        ({"collected_at": "yesterday"}, "date-malformed", "collected_at"),
        ({"collected_at": "2026-02-30"}, "date-malformed", "collected_at"),
        ({"collected_at": "2027-01-01"}, "date-in-future", "collected_at"),
        ({"collected_at": "1926-01-01"}, "date-too-old", "collected_at"),
        ({"latitude": "26.1"}, "place-half-given", "longitude"),
        ({"latitude": "98.4", "longitude": "26.1"}, "place-outside-region", "latitude"),
        ({"latitude": "12.9", "longitude": "77.6"}, "place-outside-region", "latitude"),
        ({"accuracy_m": "5"}, "accuracy-without-place", "accuracy_m"),
        ({"depth_m": "-1"}, "depth-out-of-range", "depth_m"),
        ({"depth_m": "deep"}, "not-a-number", "depth_m"),
        ({"note": "x" * 2001}, "text-too-long", "note"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_has_a_name_a_row_and_a_column(cells, code, column):
    read = one(**cells)
    assert [(p.code, p.place.row, p.place.column) for p in read.problems] == [(code, 2, column)]
    assert read.draft is None


def test_swapped_degrees_are_recognised():
    assert "swapped" in one(latitude="98.4", longitude="26.1").problems[0].remedy


def test_all_problems_of_a_row_are_told_at_once():
    read = one(tag="x", mass_kg="y", collected_at="z")
    assert [p.code for p in read.problems] == ["tag-malformed", "unit-unknown", "date-malformed"]


def test_the_same_tag_twice_names_the_other_row():
    rows = [Row(n, [TAG, "2", "2026-11-03"]) for n in (2, 3)]
    first, second = read_samples(Table(["tag", "mass_kg", "date"], rows), now=NOW)
    assert [[p.code for p in row.problems] for row in (first, second)] == [["tag-twice"], ["tag-twice"]]
    assert ("row 3" in first.problems[0].message, "row 2" in second.problems[0].message) == (True, True)


def test_grams_among_kilograms_are_suspected_but_not_refused():
    rows = [
        Row(n, [show_tag(make_tag("KC", n)), mass, "2026-11-03"])
        for n, mass in enumerate(["2000", "2100", "1900", "2"], 2)
    ]
    read = read_samples(Table(["tag", "mass_g", "date"], rows), now=NOW)
    assert [[w.code for w in row.warnings] for row in read] == [[], [], [], ["mass-suspect"]]
    assert all(row.draft for row in read)


@pytest.mark.parametrize(
    ("headings", "codes"),
    [
        (["tag", "mass", "date", "colour"], [("column-unknown", 4)]),
        (["tag", "mass", "weight", "date"], [("column-duplicate", 3)]),
        (["tag"], [("column-missing", None), ("column-missing", None)]),
        (["Tag ", "MASS_KG", "Collected at", "Problems"], []),
    ],
)
def test_columns_are_known_named_once_and_complete(headings, codes):
    try:
        columns_of(headings)
        found = []
    except Invalid as refusal:
        found = [(problem.code, problem.place.column) for problem in refusal.problems]
    assert found == codes


def test_a_zone_is_obeyed_and_india_assumed():
    assert read_time("2026-11-03T08:50:00Z") == read_time("2026-11-03 14:20")


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), min_size=3, max_size=3))
def test_whatever_stands_in_a_cell_is_a_draft_or_a_named_problem(cells):
    (read,) = read_samples(Table(["tag", "mass_kg", "date"], [Row(2, cells)]), now=NOW)
    assert (read.draft is None) == bool(read.problems)
    assert all(problem.code and problem.place.row == 2 for problem in read.problems)


@settings(deadline=None)
@given(st.text(max_size=12))
def test_nothing_that_is_written_becomes_a_formula_and_it_reads_back(text):
    cell = safe(text)
    assert not cell.startswith(("=", "@"))
    if cell.startswith(("+", "-")):
        Decimal(cell)


@pytest.mark.parametrize("write", [csv_file, xlsx_file])
def test_a_file_of_bad_rows_can_be_corrected_and_sent_again(write):
    headings = with_problems(["tag", "mass_kg", "date", "note"])
    assert headings[-1] == "problems"
    content = write(headings, [[TAG, "2", "2026-11-03", "=HYPERLINK(1)", "The mass is 0 g."]])
    table = read_table(content, name="bad.csv" if write is csv_file else "bad.xlsx")
    (read,) = read_samples(table, now=NOW)
    assert (read.problems, read.draft.note) == ([], "=HYPERLINK(1)")


def test_an_error_of_a_reader_is_never_anything_else():
    with pytest.raises(DomainError):
        read_time("9" * 500)
