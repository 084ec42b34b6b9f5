"""A value shows as many digits as its uncertainty bears, and never more or fewer."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from lims.web import display

#: what NUMERIC columns of grades hold, and a good deal more
VALUES = st.decimals(min_value=Decimal("-1e9"), max_value=Decimal("1e9"), places=9)
UNCERTAINTIES = st.decimals(min_value=Decimal("1e-9"), max_value=Decimal("1e9"), places=9)


def rendered(source, **context: object):
    return Template(source).render(Context(context))


def read(text):
    """Return the number that a figure says."""
    return Decimal(text.replace("\u202f", "").replace("\u2212", "-"))


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [
        ("41.2345", "1.63", "41.2"),
        ("41.2345", "0.29", "41.23"),
        ("41.2345", "0.0994", "41.234"),
        # 0.0996 is 0.10 to two figures: the last place moves up
        ("41.2345", "0.0996", "41.23"),
        ("1527.41", "61", "1\u202f527"),
        ("12345", "1234", "12\u202f300"),
        ("12345", "1263", "12\u202f300"),
        ("0.05", "0.2", "0.05"),
        ("6.9", "0.28", "6.90"),
        ("-0.04", "1", "0.0"),
        ("-41.26", "1.6", "\u221241.3"),
        # halves go to the even neighbour, so that sums do not drift
        ("41.25", "1.6", "41.2"),
        ("41.35", "1.6", "41.4"),
        ("5E+3", "120", "5\u202f000"),
        ("41.2345", None, "41.2345"),
        ("41.2340", "0", "41.2340"),
    ],
)
def test_two_figures_of_the_uncertainty(value, uncertainty, text):
    known = None if uncertainty is None else Decimal(uncertainty)
    assert display.figure(Decimal(value), known) == text


@given(VALUES, UNCERTAINTIES)
def test_rounding_costs_at_most_a_twentieth_of_the_uncertainty(value, uncertainty):
    """Two figures leave a last place of 1 to 10 % of U, so half of one is at most 5 % (and a little, where U is rounded)."""
    assert abs(read(display.figure(value, uncertainty)) - value) <= uncertainty * Decimal("0.0503")


@given(VALUES, UNCERTAINTIES)
def test_the_last_place_is_that_of_the_uncertainty(value, uncertainty):
    text = display.figure(value, uncertainty)
    rounded = Decimal(f"{uncertainty:.1e}")
    assert display.last_place(uncertainty) == rounded.adjusted() - 1
    shown = len(text.partition(".")[2])
    assert shown == max(0, -display.last_place(uncertainty))


@given(VALUES, UNCERTAINTIES)
def test_rounding_twice_changes_nothing(value, uncertainty):
    once = display.figure(value, uncertainty)
    assert display.figure(read(once), uncertainty) == once


@given(VALUES, UNCERTAINTIES)
def test_nought_has_no_sign(value, uncertainty):
    text = display.figure(value, uncertainty)
    assert read(text) != 0 or "\u2212" not in text


def test_all_digits_on_hover():
    assert rendered("{{ v|figure:u }}", v=Decimal("41.2345"), u=Decimal("1.63")) == (
        '<span class="figure" title="41.2345 ± 1.63">41.2</span>'
    )
    assert rendered("{{ v|figure }}", v=Decimal("5E+3")) == (
        '<span class="figure" title="5000">5\u202f000</span>'
    )
    assert 'title="no value"' in rendered("{{ v|figure:u }}", v=None, u=None)


def test_nought_is_a_value():
    assert ">0.0</span>" in rendered("{{ v|figure:u }}", v=Decimal(0), u=Decimal(1))


@pytest.mark.parametrize(("limit", "text"), [("0.05", "0.05"), ("5E-2", "0.05"), ("0.050", "0.050")])
def test_below_detection_is_never_nought(limit, text):
    assert rendered("{{ limit|below }}", limit=Decimal(limit)) == (
        '<span class="below" title="below the limit of detection">'
        f'<span aria-hidden="true">&lt;\u00a0{text}</span><span class="visually-hidden">below {text}</span></span>'
    )
