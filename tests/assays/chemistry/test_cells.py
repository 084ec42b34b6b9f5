"""A cell never lies: it is a value, a limit, a word that is known, or refused by name; a profile may say more."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.chemistry.cells import ONLY_BY_PROFILE, WORDS, Cell, Conventions, read_cell
from lims.errors import Invalid

LAB = Conventions(below=frozenset({"X", "BDL"}), not_analysed=frozenset({"-9999", "9999999999999990"}))


def code_of(text, conventions=None):
    with pytest.raises(Invalid) as refusal:
        read_cell(text, conventions or Conventions())
    return [problem.code for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("36.5", "36.5"),
        (" 36.50  ", "36.50"),
        ("36.5\xa0", "36.5"),
        ("-0.02", "-0.02"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0", "0"),
        ("0.0", "0.0"),
        ("1.2E3", "1.2E+3"),
        ("2e-4", "0.0002"),
        ("-9999", "-9999"),
        ("1234567.891", "1234567.891"),
    ],
)
def test_a_number_is_a_value(text, value):
    cell = read_cell(text)
    assert (cell.qualifier, str(cell.value), cell.limit, cell.unit, cell.note) == ("", value, None, "", "")


@pytest.mark.parametrize(
    ("text", "qualifier", "limit"),
    [("<0.05", "<", "0.05"), (" < 0.05 ", "<", "0.05"), (">10000", ">", "10000"), ("> 1", ">", "1")],
)
def test_beyond_a_limit_there_is_no_value(text, qualifier, limit):
    assert read_cell(text) == Cell(qualifier, limit=Decimal(limit))


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("", "blank"),
        ("   ", "blank"),
        ("NR", "not-requested"),
        ("LNR", "not-requested"),
        ("l.n.r.", "not-requested"),
        ("NSS", "insufficient-sample"),
        ("I.S.", "insufficient-sample"),
        ("Interference", "interference"),
        ("INF", "interference"),
        ("Pending", "pending"),
    ],
)
def test_a_word_has_no_number(text, qualifier):
    assert read_cell(text) == Cell(qualifier)


@pytest.mark.parametrize("text", sorted(ONLY_BY_PROFILE - {"-"}))
def test_a_word_of_one_laboratory_needs_its_profile(text):
    assert code_of(text.upper()) == ["qualifier-needs-profile"]
    assert read_cell(text.upper(), Conventions(below=frozenset({text}))) == Cell("<")


def test_no_word_is_both_known_and_only_by_profile():
    assert not WORDS.keys() & ONLY_BY_PROFILE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,234", "decimal-ambiguous"),
        ("-1,234", "decimal-ambiguous"),
        ("<1,234", "decimal-ambiguous"),
        ("1,5", "decimal-comma"),
        ("<0,05", "decimal-comma"),
        ("36.5.1", "cell-unreadable"),
        ("36.5*", "cell-unreadable"),
        ("<", "cell-unreadable"),
        (">", "cell-unreadable"),
        ("<-0.05", "cell-unreadable"),
        ("<<1", "cell-unreadable"),
        ("≤0.05", "cell-unreadable"),
        ("2026-01-02", "cell-unreadable"),
        ("#REF!", "cell-unreadable"),
        ("1 234.5", "cell-unreadable"),
        ("1e999", "cell-unreadable"),
        ("9" * 61, "cell-unreadable"),
        ("TRUE", "cell-unreadable"),
        ("-", "qualifier-needs-profile"),
    ],
)
def test_what_is_not_plain_is_refused_by_name(text, code):
    assert code_of(text) == [code]


@pytest.mark.parametrize(
    ("text", "conventions"),
    [
        (">", Conventions()),
        ("<", Conventions()),
        ("<<1", Conventions()),
        ("> 1,234", Conventions()),
        ("<0,05", Conventions()),
        ("1.5 x ppm", Conventions()),
        ("<0.05 ppm", Conventions(decimal_comma=True)),
    ],
)
def test_an_error_quotes_the_whole_cell(text, conventions):
    with pytest.raises(Invalid) as refusal:
        read_cell(f" {text} ", conventions)
    assert refusal.value.problems[0].message.startswith(f"“{text}” ")


def test_a_sign_alone_is_below_the_limit_of_its_column():
    assert read_cell(" < ", detection=Decimal("0.05")) == Cell("<", limit=Decimal("0.05"))
    assert code_of(">") == ["cell-unreadable"]


@pytest.mark.parametrize(
    ("text", "value"), [("1,234.5", "1234.5"), ("-1,234.50", "-1234.50"), ("1,234,567", "1234567")]
)
def test_commas_between_thousands_are_read_and_said(text, value):
    assert read_cell(text) == Cell("", Decimal(value), note="thousands-separator")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("36.5 ppm", Cell("", Decimal("36.5"), unit="ppm", note="unit-in-cell")),
        ("0.02%", Cell("", Decimal("0.02"), unit="%", note="unit-in-cell")),
        ("<0.05 g/t", Cell("<", limit=Decimal("0.05"), unit="g/t", note="unit-in-cell")),
        ("1.5e-3 ppm", Cell("", Decimal("0.0015"), unit="ppm", note="unit-in-cell")),
    ],
)
def test_a_unit_inside_a_cell_is_said(text, cell):
    assert read_cell(text) == cell


def test_a_leading_minus_means_below_only_by_profile():
    minus = Conventions(leading_minus_below=True)
    assert read_cell("-0.05") == Cell("", Decimal("-0.05"))
    assert read_cell("-0.05", minus) == Cell("<", limit=Decimal("0.05"))
    assert read_cell("0.05", minus) == Cell("", Decimal("0.05"))


def test_zero_means_below_only_by_profile():
    zero = Conventions(zero_below=True)
    assert read_cell("0.00", zero, detection=Decimal("0.01")) == Cell("<", limit=Decimal("0.01"))
    assert read_cell("0.001", zero) == Cell("", Decimal("0.001"))


@pytest.mark.parametrize("text", ["-9999", "-9999.0", "-9999.000000", "9999999999999990"])
def test_a_sentinel_number_is_one_however_it_is_written(text):
    assert read_cell(text, LAB) == Cell("not-requested")


def test_a_sentinel_goes_before_a_leading_minus():
    both = Conventions(leading_minus_below=True, not_analysed=frozenset({"-9999"}))
    assert read_cell("-9999", both) == Cell("not-requested")
    assert read_cell("-9998", both) == Cell("<", limit=Decimal(9998))


def test_below_detection_takes_its_columns_limit():
    assert read_cell("x", LAB, detection=Decimal("0.5")) == Cell("<", limit=Decimal("0.5"))
    assert read_cell("BDL", LAB) == Cell("<")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,5", "1.5"), ("-0,02", "-0.02"), ("1.234,5", "1234.5"), ("12", "12"), ("1,234", "1.234")],
)
def test_decimal_commas_by_profile(text, value):
    assert read_cell(text, Conventions(decimal_comma=True)) == Cell("", Decimal(value))


def test_a_point_under_a_profile_of_commas_is_refused():
    assert code_of("1.5", Conventions(decimal_comma=True)) == ["decimal-ambiguous"]


def test_a_limit_keeps_every_digit():
    digits = "0.12345678901234567890123456789012345"
    assert read_cell(f"-{digits}", Conventions(leading_minus_below=True)).limit == Decimal(digits)


def test_conventions_come_back_from_plain_data():
    data = {"below": ["BDL", " X "], "leading_minus_below": True}
    read = Conventions.from_dict(data)
    assert read.as_dict() == {
        "leading_minus_below": True,
        "below": ["bdl", "x"],
        "not_analysed": [],
        "zero_below": False,
        "decimal_comma": False,
    }
    assert Conventions.from_dict(read.as_dict()) == read


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"bellow": ["X"]}, "convention-unknown"),
        ({"below": "X"}, "convention-malformed"),
        ({"zero_below": "false"}, "convention-malformed"),
        ({"decimal_comma": 1}, "convention-malformed"),
        ({"not_analysed": {"-9999": True}}, "convention-malformed"),
    ],
)
def test_conventions_are_strict(data, code):
    with pytest.raises(Invalid) as refusal:
        Conventions.from_dict(data)
    assert [problem.code for problem in refusal.value.problems] == [code]


numbers = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9)


@given(number=numbers, blanks=st.sampled_from(["", " ", "\t ", "\xa0"]))
def test_every_number_comes_back_exactly(number, blanks):
    assert read_cell(f"{blanks}{number:f}{blanks}") == Cell("", number)


@given(number=numbers.map(abs), sign=st.sampled_from("<>"))
def test_every_limit_comes_back_exactly(number, sign):
    assert read_cell(f"{sign}{number:f}") == Cell(sign, limit=number)


@given(
    text=st.text(max_size=30) | st.text("0123456789.,-+<>eE% ppmXNRS/", max_size=14),
    conventions=st.builds(
        Conventions,
        leading_minus_below=st.booleans(),
        below=st.frozensets(st.sampled_from(["x", "bdl"])),
        not_analysed=st.frozensets(st.sampled_from(["-9999", "0"])),
        zero_below=st.booleans(),
        decimal_comma=st.booleans(),
    ),
)
def test_no_digit_is_made_up_whatever_the_cell_says(text, conventions):
    try:
        cell = read_cell(text, conventions)
    except Invalid:
        return
    number = cell.value if cell.value is not None else cell.limit
    assert cell.value is None or cell.limit is None
    assert number is None or number.is_finite()
    if number is not None:
        written = re.sub(r"[eE].*", "", text)
        digits = "".join(str(digit) for digit in number.as_tuple().digits).strip("0")
        assert digits == re.sub(r"[^0-9]", "", written).strip("0")
