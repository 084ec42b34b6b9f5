from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.errors import Invalid
from lims.quantities import MASS_UNITS, decimal, mass_g


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_a_decimal_is_read_exactly(value):
    assert decimal(f" {value} ", field="x") == value


@given(st.text(max_size=12))
def test_whatever_is_not_a_number_is_refused_by_name(text):
    try:
        assert decimal(text, field="x").is_finite()
    except Invalid as refusal:
        assert refusal.problems[0].code == "not-a-number"


@pytest.mark.parametrize("text", ["", "1,5", "NaN", "Infinity", "1 000", "2.1.3", "--1", "0x10"])
def test_these_are_no_numbers(text):
    with pytest.raises(Invalid):
        decimal(text, field="x")


@given(st.decimals(min_value=0, max_value=99999, places=3), st.sampled_from(sorted(MASS_UNITS)))
def test_a_mass_is_the_same_with_the_unit_inside_or_beside(value, unit):
    assert mass_g(f"{value} {unit}") == mass_g(f"{value}", unit=unit) == value * MASS_UNITS[unit]


def test_an_unknown_unit_is_named():
    with pytest.raises(Invalid) as refusal:
        mass_g("2 stone")
    assert refusal.value.problems[0].code == "unit-unknown"
    assert refusal.value.problems[0].place.field == "mass_g"


def test_grams_are_exact():
    assert mass_g("2.105 kg") == Decimal(2105)
