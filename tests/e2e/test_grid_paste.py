"""The parser of what was pasted, a module of its own: text to cells, and cells to their places in a grid."""

import json
import random

import pytest
from playwright.sync_api import Page

COLUMNS = [
    {"symbol": "Dy", "analyte": "Dy", "unit": "ppm", "method": "ME-MS81"},
    {"symbol": "Tb", "analyte": "Tb", "unit": "ppm", "method": "ME-MS81"},
    {"symbol": "Nd2O3", "analyte": "Nd", "unit": "%", "method": "ME-MS81"},
    {"symbol": "Dy", "analyte": "Dy", "unit": "ppm", "method": "XRF-9"},
]
LABELS = ["R-7-01", "R-7-02", "R-7-03"]


@pytest.fixture
def paste(screen: Page):
    """Return a function that calls one of the module's with arguments, in the browser."""
    screen.goto("/account/login/")

    def call(name, *given):
        script = "async ([name, given]) => (await import('/static/js/grid-paste.js'))[name](...given)"
        return screen.evaluate(script, [name, list(given)])

    return call


@pytest.fixture
def understood(paste):
    """Return a function that gives what was understood of a text, pasted at row and column (from 0)."""
    return lambda text, row=0, column=0: paste(
        "understand", paste("parse", text), COLUMNS, LABELS, {"row": row, "column": column}
    )


def cells(said):
    return {(one["row"], one["column"]): one["raw"] for one in said["edits"]}


def test_text_becomes_cells(paste):
    for text, rows in (
        ("1\t2\r\n3\t4\r\n", [["1", "2"], ["3", "4"]]),
        ("1\t2\r3\t4", [["1", "2"], ["3", "4"]]),
        ("1\t\t\n\t\t2", [["1", "", ""], ["", "", "2"]]),
        ("28.4", [["28.4"]]),
        ("", []),
        ("\n\n", []),
        ("1\n\n2\n", [["1"], [""], ["2"]]),
        ('"a\tb"\t"c ""d"""\n', [["a b", 'c "d"']]),
        ('"two\nlines"\t5', [["two lines", "5"]]),
        ('5" pipe\t6', [['5" pipe', "6"]]),
        ('"open\t6\n7\t8', [['"open', "6"], ["7", "8"]]),
        ('"a" b\t6', [['"a" b', "6"]]),
        ('""\t1', [["", "1"]]),
        ("\ufeff28.4\u00a0\t\u200b<\u00a00.05", [["28.4", "< 0.05"]]),
        ("1,5;2,5\n3,5;4,5", [["1,5", "2,5"], ["3,5", "4,5"]]),
        ("1,5\n2,5", [["1,5"], ["2,5"]]),
        ("a;b\nc", [["a;b"], ["c"]]),
    ):
        assert paste("parse", text) == rows, text


def test_what_is_copied_is_pasted_the_same(paste):
    chance = random.Random(7)
    signs = ["1", "2.5", "<", '"', '""', "a b", "é", "\u2082", ";", ",", "-", "NSS", "'"]
    tables = []
    for _ in range(200):
        width = chance.randint(2, 6)
        table = [
            ["".join(chance.choices(signs, k=chance.randint(0, 3))) for _ in range(width)]
            for _ in range(chance.randint(1, 6))
        ]
        # A last row of nothing is the line end behind the one before it.
        tables.append([*table, ["end"] * width])
    for table in tables:
        assert paste("parse", paste("asText", table)) == table, json.dumps(table)


def test_any_text_becomes_rows_of_cells_on_one_line(paste):
    chance = random.Random(8)
    signs = ["\t", "\n", "\r", "\r\n", '"', '""', "1", "a", ";", " ", "\x00", "\u00a0", "\U0001f9ea"]
    for _ in range(200):
        text = "".join(chance.choices(signs, k=chance.randint(0, 25)))
        for row in paste("parse", text):
            assert all(cell == " ".join(cell.split()) and "\x00" not in cell for cell in row), repr(text)


def test_without_headings_and_ids_cells_go_from_the_chosen_one(understood):
    said = understood("1\t2\n3\t4", row=1, column=1)
    assert cells(said) == {(1, 1): "1", (1, 2): "2", (2, 1): "3", (2, 2): "4"}
    assert (said["heads"], said["labelled"], said["outside"], said["rows"], said["columns"]) == (
        0,
        False,
        0,
        2,
        2,
    )


def test_cells_that_are_too_many_are_counted_and_not_taken(understood):
    said = understood("1\t2\t\n3\t4\t5\n6\t7\t", row=2, column=3)
    assert (cells(said), said["outside"]) == ({(2, 3): "1"}, 6)


def test_empty_cells_are_taken_as_they_stand(understood):
    assert cells(understood("1\t\t3")) == {(0, 0): "1", (0, 1): "", (0, 2): "3"}


@pytest.mark.parametrize(
    ("heads", "columns"),
    [
        ("Dy\tTb\tNd2O3", [0, 1, 2]),
        ("Nd2O3 %\tTb_ppm\tDy (ppm)", [2, 1, 0]),
        ("nd2o3%\tTB-ppm\tDY ppm ME-MS81", [2, 1, 0]),
        ("Dy ppm XRF-9\tDy ppm ME-MS81\tTb", [3, 0, 1]),
        ("Nd₂O₃ (wt%)\tTb mg/kg\tDy", [2, 1, 0]),
        ("ME-MS81\t\tXRF-9\nTb\tDy\tDy", [1, 0, 3]),
        ("Dy\tTb\tNd2O3\nppm\tppm\t%", [0, 1, 2]),
    ],
)
def test_headings_say_where_columns_go(understood, heads, columns):
    said = understood(f"{heads}\n1\t2\t3\n4\t5\t6")
    assert [said["heads"], said["unknownHeads"], said["otherUnits"]] == [heads.count("\n") + 1, [], []]
    assert cells(said) == {(row, at): str(row * 3 + n + 1) for row in (0, 1) for n, at in enumerate(columns)}


def test_a_heading_in_another_unit_is_not_taken(understood):
    said = understood("Dy ppb\tNd2O3 ppm\tDy mg/L\tTb ppm\n1\t2\t3\t4")
    assert (cells(said), said["otherUnits"]) == ({(0, 1): "4"}, ["Dy ppb", "Nd2O3 ppm", "Dy mg/L"])


def test_an_element_is_not_its_oxide(understood):
    said = understood("Nd %\tDy2O3 ppm\tTb\n1\t2\t3")
    assert (cells(said), said["unknownHeads"]) == ({(0, 1): "3"}, ["Nd %", "Dy2O3 ppm"])


def test_the_same_heading_twice_takes_the_first(understood):
    said = understood("Tb\tTb\n1\t2")
    assert (cells(said), said["twice"]) == ({(0, 1): "1"}, ["Tb"])


def test_ids_say_where_rows_go(understood):
    said = understood("Sample\tTb\nR-7-03\t1\nr-7-01\t2\nX\t3\nR-7-03\t4\n", row=2)
    assert cells(said) == {(2, 1): "1", (0, 1): "2"}
    assert (said["labelled"], said["unknownLabels"], said["twice"]) == (True, ["X"], ["R-7-03"])


def test_ids_without_headings(understood):
    assert cells(understood("R-7-02\t5\t6\nR-7-03\t7\t8", column=1)) == {
        (1, 1): "5",
        (1, 2): "6",
        (2, 1): "7",
        (2, 2): "8",
    }


def test_words_are_values_and_no_headings(understood):
    assert cells(understood("NSS\tND\n<0.05\t1")) == {
        (0, 0): "NSS",
        (0, 1): "ND",
        (1, 0): "<0.05",
        (1, 1): "1",
    }
    assert cells(understood("Tb")) == {(0, 0): "Tb"}
    assert cells(understood("ND\n5")) == {(0, 0): "ND", (1, 0): "5"}
    said = understood("Tb\tNd2O3\nNSS\tND\n5\t6")
    assert said["heads"] == 1
    assert cells(said) == {(0, 1): "NSS", (0, 2): "ND", (1, 1): "5", (1, 2): "6"}


def test_decimal_commas_are_counted_and_left_as_they_are(understood):
    said = understood("1,5\t2.5\n<0,05\t1,234.5")
    assert (said["commas"], cells(said)[0, 0], cells(said)[1, 1]) == (2, "1,5", "1,234.5")


def test_cells_with_more_signs_than_are_kept_are_not_taken(understood):
    said = understood("5\t" + "9" * 201)
    assert (cells(said), said["tooLong"]) == ({(0, 0): "5"}, 1)
