"""Whether two laboratories agree: equivalence, not the absence of a difference that shows."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.quality.umpire import Agreement, compare


def pairs(*percents):
    """Return pairs around 100 ppm whose second lies so many per cent of their mean above the first."""
    return [(Decimal(100) - Decimal(str(p)) / 2, Decimal(100) + Decimal(str(p)) / 2) for p in percents]


def test_numbers_of_four_pairs():
    found = compare(pairs(1, 3, 1, 3))
    assert (found.n, found.says) == (4, Agreement.TOO_FEW)
    assert found.mean == pytest.approx(0.02)
    # s = 0.0115470, t(0.95; 3) = 2.353363
    assert found.upper - found.mean == pytest.approx(2.353363 * 0.0115470 / 2, rel=1e-5)


@pytest.mark.parametrize(
    ("given_pairs", "says"),
    [
        (pairs(*[3, 5] * 10), Agreement.EQUIVALENT),
        (pairs(*[3, 5] * 9), Agreement.TOO_FEW),
        (pairs(*[4, 6] * 10), Agreement.NOT_SHOWN),
        (pairs(*[-30, 30] * 10), Agreement.NOT_SHOWN),
        (pairs(*[-4, -6] * 10), Agreement.NOT_SHOWN),
        (pairs(2), Agreement.TOO_FEW),
        ([], Agreement.TOO_FEW),
    ],
)
def test_what_a_comparison_says(given_pairs, says):
    assert compare(given_pairs).says == says


@given(st.lists(st.decimals(-50, 50, places=1), min_size=20, max_size=40))
def test_the_order_of_laboratories_turns_the_sign_and_nothing_else(percents):
    there, back = compare(pairs(*percents)), compare([(b, a) for a, b in pairs(*percents)])
    assert there.says == back.says
    assert there.mean == pytest.approx(-back.mean)
    assert there.lower == pytest.approx(-back.upper)
