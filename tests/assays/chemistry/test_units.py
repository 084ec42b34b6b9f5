"""Units are exact and strict: a unit is known, or refused by name; a number is a number, or refused by name."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.chemistry.units import LIQUID, OTHER, PPM, Quantity, ppm_factor, read_quantity
from lims.errors import Invalid


def code_of(refusal):
    return [problem.code for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("unit", "ppm"),
    [
        ("%", "10000"),
        ("pct", "10000"),
        ("wt%", "10000"),
        ("wt. %", "10000"),
        ("Wt %", "10000"),
        ("ppm", "1"),
        ("PPM", "1"),
        (" p p m ", "1"),
        ("mg/kg", "1"),
        ("mg / kg", "1"),
        ("g/t", "1"),
        ("µg/g", "1"),
        ("μg/g", "1"),
        ("ug/g", "1"),
        ("ppb", "0.001"),
        ("µg/kg", "0.001"),
        ("ng/g", "0.001"),
        ("g/kg", "1000"),
        ("‰", "1000"),
        ("pg/g", "0.000001"),
    ],
)
def test_units_of_mass_fractions_are_exact(unit, ppm):
    assert ppm_factor(unit) == Decimal(ppm)


@pytest.mark.parametrize("unit", ["kg", "g", "", "pH", "cps", "µS/cm", "µm", "Bq/g"])
def test_units_of_something_else_have_no_factor(unit):
    assert ppm_factor(unit) is None


@pytest.mark.parametrize("unit", ["mg/L", "µg/L", "ug/l", "MG / L", "ng/L", "g/L", "mg/dm3", "ug/mL"])
def test_a_liquids_content_is_not_that_of_a_solid(unit):
    with pytest.raises(Invalid) as refusal:
        ppm_factor(unit)
    assert code_of(refusal) == ["unit-of-liquid"]
    assert "liquid-to-solid ratio" in refusal.value.problems[0].remedy


@pytest.mark.parametrize("unit", ["ppx", "percentage points", "oz/t", "ppt", "%%", "pp\u200bm"])
def test_an_unknown_or_ambiguous_unit_is_refused(unit):
    with pytest.raises(Invalid) as refusal:
        ppm_factor(unit)
    assert code_of(refusal) == ["unit-unknown"]


def test_no_unit_is_two_things():
    assert not set(PPM) & LIQUID
    assert not set(PPM) & OTHER
    assert not LIQUID & OTHER


@given(unit=st.sampled_from(sorted(PPM)), data=st.data())
def test_case_and_spaces_do_not_matter(unit, data):
    written = "".join(
        data.draw(st.sampled_from(["", " "])) + data.draw(st.sampled_from([letter, letter.upper()]))
        for letter in unit
    )
    assert ppm_factor(written) == PPM[unit]


@pytest.mark.parametrize(
    ("text", "quantity", "ppm"),
    [
        ("28.4 ppm", Quantity("", Decimal("28.4"), "ppm"), "28.4"),
        ("<0.05 ppm", Quantity("<", Decimal("0.05"), "ppm"), "0.05"),
        ("< 0.05ppm", Quantity("<", Decimal("0.05"), "ppm"), "0.05"),
        ("> 1 %", Quantity(">", Decimal(1), "%"), "10000"),
        ("0.00053 %", Quantity("", Decimal("0.00053"), "%"), "5.3"),
        ("4.98 g/t", Quantity("", Decimal("4.98"), "g/t"), "4.98"),
        (" 29500 ppb ", Quantity("", Decimal(29500), "ppb"), "29.5"),
        ("2.9e-3 %", Quantity("", Decimal("0.0029"), "%"), "29"),
        (".5 ppm", Quantity("", Decimal("0.5"), "ppm"), "0.5"),
        ("5. ppm", Quantity("", Decimal(5), "ppm"), "5"),
        ("-0 ppm", Quantity("", Decimal(0), "ppm"), "0"),
        ("1 mg / kg", Quantity("", Decimal(1), "mg / kg"), "1"),
    ],
)
def test_quantities_are_read_exactly(text, quantity, ppm):
    assert read_quantity(text) == quantity
    assert read_quantity(text).ppm == Decimal(ppm)


def test_a_quantity_without_a_unit_is_no_mass_fraction():
    assert read_quantity("28.4") == Quantity("", Decimal("28.4"), "")
    assert read_quantity("28.4").ppm is None


@pytest.mark.parametrize(
    "text",
    ["", "ppm", "NaN ppm", "inf ppm", "-inf ppm", "1,5 ppm", "1 000 ppm or so", "28.4.1 ppm", "+5 ppm", "<", "<<1 ppm",
     "≤1 ppm", "1e9999 ppm", "1e ppm", "0x10 ppm", "٣ ppm", "1_000 ppm", "28.4\nppm\n1"],
)  # fmt: skip
def test_what_is_no_number_is_refused_or_has_no_known_unit(text):
    with pytest.raises(Invalid) as refusal:
        read_quantity(text).ppm  # noqa: B018  # the unit is looked up here
    assert code_of(refusal)[0] in {"quantity-malformed", "unit-unknown"}


@pytest.mark.parametrize(
    "text",
    [
        "NaN ppm",
        "inf ppm",
        "+5 ppm",
        "<",
        "",
        "٣ ppm",
        "28,4 ppm",
        "28.4.1 ppm",
        "1 000 ppm",
        "1_000 ppm",
        "1'000 ppm",
        "5 <ppm",
        "1e9999 ppm",
    ],
)
def test_what_is_no_plain_number_is_malformed(text):
    with pytest.raises(Invalid) as refusal:
        read_quantity(text)
    assert code_of(refusal) == ["quantity-malformed"]


@pytest.mark.parametrize("text", ["-1 ppm", "<-0.5 ppm", "-1e-9 %"])
def test_less_than_nothing_is_refused(text):
    with pytest.raises(Invalid) as refusal:
        read_quantity(text)
    assert code_of(refusal) == ["quantity-negative"]


NUMBERS = st.decimals(0, 1_000_000, places=6)


@given(NUMBERS, st.sampled_from(["", "<", ">"]), st.sampled_from(sorted(PPM)))
def test_what_is_written_is_read_back(number, sign, unit):
    read = read_quantity(f"{sign}{number} {unit}")
    assert (read.qualifier, read.value, read.unit) == (sign, number, unit)
    assert read.ppm == number * PPM[unit]


@given(st.text(max_size=30))
def test_any_text_is_a_quantity_or_a_named_refusal(text):
    try:
        read = read_quantity(text)
    except Invalid as refusal:
        assert refusal.problems[0].code in {"quantity-malformed", "quantity-negative"}
    else:
        assert read.value.is_finite()
        assert read.value >= 0
