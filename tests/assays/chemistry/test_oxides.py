"""Factors agree with the printed table and with another package's atomic weights; aggregates are what they say."""

import periodictable
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.chemistry.aggregates import AGGREGATES, definition, members
from assays.chemistry.oxides import (
    ATOMIC_WEIGHTS,
    LANTHANIDES,
    OXIDES,
    USUAL,
    element_of,
    factor,
    oxide_of,
)
from lims.errors import Invalid

#: to four decimals, as laboratories print them
PRINTED = {
    "La2O3": 1.1728, "CeO2": 1.2284, "Ce2O3": 1.1713, "Pr6O11": 1.2082, "Pr2O3": 1.1703, "Nd2O3": 1.1664,
    "Sm2O3": 1.1596, "Eu2O3": 1.1579, "Gd2O3": 1.1526, "Tb4O7": 1.1762, "Tb2O3": 1.1510, "Dy2O3": 1.1477,
    "Ho2O3": 1.1455, "Er2O3": 1.1435, "Tm2O3": 1.1421, "Yb2O3": 1.1387, "Lu2O3": 1.1372, "Y2O3": 1.2699,
    "Sc2O3": 1.5338, "ThO2": 1.1379, "U3O8": 1.1792, "UO2": 1.1344,
}  # fmt: skip


@pytest.mark.parametrize(("oxide", "printed"), PRINTED.items())
def test_factors_are_the_printed_ones(oxide, printed):
    assert round(factor(oxide), 4) == printed


@pytest.mark.parametrize("oxide", sorted(OXIDES))
def test_factors_agree_with_an_independent_table(oxide):
    formula = periodictable.formula(oxide)
    metal = periodictable.elements.symbol(element_of(oxide))
    theirs = formula.mass / (formula.atoms[metal] * metal.mass)
    assert factor(oxide) == pytest.approx(theirs, rel=5e-5)


@pytest.mark.parametrize("element", sorted(ATOMIC_WEIGHTS))
def test_atomic_weights_agree_with_an_independent_table(element):
    assert ATOMIC_WEIGHTS[element] == pytest.approx(
        periodictable.elements.symbol(element).mass, rel=2e-4 if element in {"Li", "Zr", "S"} else 5e-5
    )


def test_dysprosium_by_hand():
    assert factor("Dy2O3") == pytest.approx((2 * 162.50 + 3 * 15.999) / (2 * 162.50), rel=1e-12)
    assert factor("Tb4O7") == pytest.approx((4 * 158.93 + 7 * 15.999) / (4 * 158.93), rel=1e-12)


def test_the_named_oxide_decides_never_the_element():
    assert element_of("Tb4O7") == element_of("Tb2O3") == "Tb"
    assert factor("Tb4O7") != factor("Tb2O3")
    assert factor("Pr6O11") != factor("Pr2O3")


@pytest.mark.parametrize(
    "text", ["", "Dy", "O2", "Xx2O3", "dy2o3", "Dy2O3 ", "Dy0O3", "Dy2O0", "Dy2(O3)", "OO"]
)
def test_what_is_no_oxide_is_refused(text):
    for ask in (element_of, factor):
        with pytest.raises(Invalid) as refusal:
            ask(text)
        assert refusal.value.problems[0].code == "oxide-unknown"


def test_every_usual_oxide_is_known_and_of_its_element():
    for element, oxide in USUAL.items():
        assert oxide in OXIDES
        assert element_of(oxide) == element
        assert oxide_of(element) == oxide


def test_an_element_without_a_usual_oxide_is_refused():
    with pytest.raises(Invalid) as refusal:
        oxide_of("Au")
    assert refusal.value.problems[0].code == "oxide-unknown"


@given(st.floats(1e-6, 1e6), st.sampled_from(sorted(OXIDES)))
def test_to_the_oxide_and_back(ppm, oxide):
    assert factor(oxide) > 1
    assert ppm * factor(oxide) / factor(oxide) == pytest.approx(ppm, rel=1e-12)


def test_aggregates_are_as_defined():
    assert members("TREO") == (*LANTHANIDES, "Y")
    assert members("MREO") == ("Pr", "Nd", "Tb", "Dy")
    assert members("LREO") == ("La", "Ce", "Pr", "Nd", "Sm")
    assert members("HREO") == ("Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Y")
    assert members("Dy") == members("treo") == members("") == ()


def test_light_and_heavy_make_the_whole():
    assert {*members("LREO"), *members("HREO")} == {*members("TREO")}
    assert not {*members("LREO")} & {*members("HREO")}
    assert {*members("MREO")} < {*members("TREO")}


def test_definitions_name_the_oxides():
    assert definition("LREO") == "LREO = La2O3 + CeO2 + Pr6O11 + Nd2O3 + Sm2O3"
    for name in AGGREGATES:
        assert definition(name).count("+") == len(members(name)) - 1
