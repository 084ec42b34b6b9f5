"""How far duplicates lie apart: exact values, and what holds for any pair."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.quality.duplicates import (
    POOR_HARD,
    amprd,
    cv_average,
    hard,
    is_poor,
    most_poor,
    percentile,
    spread,
    worth_comparing,
)

PAIRS = [(Decimal(40), Decimal(60)), (Decimal(30), Decimal(30)), (Decimal(88), Decimal(72))]
POSITIVE = st.decimals("0.001", 10000, places=3)


def test_measures_of_three_pairs():
    assert [hard(pair) for pair in PAIRS] == [Decimal("0.2"), Decimal(0), Decimal("0.1")]
    assert amprd(PAIRS) == Decimal("0.2")
    # √((2/3)·(0.04 + 0 + 0.01))
    assert cv_average(PAIRS) == (Decimal("0.1") / 3).sqrt()


def test_a_pair_is_compared_from_ten_detection_limits_on():
    assert worth_comparing((Decimal("0.4"), Decimal("0.6")), Decimal("0.05"))
    assert not worth_comparing((Decimal("0.4"), Decimal("0.59")), Decimal("0.05"))
    assert not worth_comparing((Decimal(0), Decimal(0)), Decimal(0))


def test_what_is_poor_grows_from_pulp_to_field():
    assert list(POOR_HARD.values()) == sorted(POOR_HARD.values())


@given(POSITIVE, POSITIVE, st.integers(2, 1000))
def test_measures_know_no_order_and_no_unit(a, b, factor):
    assert hard((a, b)) == hard((b, a))
    assert hard((a * factor, b * factor)) == pytest.approx(hard((a, b)))
    assert 0 <= hard((a, b)) < 1
    # of one pair: AMPRD = 2·HARD and CV = √2·HARD
    assert amprd([(a, b)]) == 2 * hard((a, b))
    assert float(cv_average([(a, b)])) == pytest.approx(2**0.5 * float(hard((a, b))))


@pytest.mark.parametrize(("pairs", "allowed"), [(1, 1), (20, 4), (40, 7), (100, 15)])
def test_how_many_poor_pairs_chance_explains(pairs, allowed):
    assert most_poor(pairs) == allowed


@pytest.mark.parametrize(
    ("poor", "n", "fails"), [(4, 20, False), (5, 20, True), (7, 40, False), (8, 40, True), (19, 19, False)]
)
def test_twenty_pairs_are_judged_together(poor, n, fails):
    near, far = (Decimal(10), Decimal(10)), (Decimal(20), Decimal(10))
    found = spread([(far, "pulp")] * poor + [(near, "pulp")] * (n - poor))
    assert (found.n, found.poor, found.judged, found.fails) == (n, poor, n >= 20, fails)


@pytest.mark.parametrize(
    ("stage", "poor"), [("pulp", True), ("coarse", False), ("field", False), ("", False)]
)
def test_what_is_poor_depends_on_where_the_pair_was_split(stage, poor):
    # HARD 8 %
    assert is_poor((Decimal(54), Decimal(46)), stage) is poor


def test_percentiles_between_neighbours():
    numbers = [Decimal(n) for n in (10, 0, 4, 2)]
    assert [percentile(numbers, Decimal(share)) for share in ("0", "0.5", "0.9", "1")] == [
        0,
        3,
        Decimal("8.2"),
        10,
    ]
    assert spread([]) is None
