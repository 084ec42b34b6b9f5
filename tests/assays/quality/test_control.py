"""Control charts: marks, bias, lots, swapped bottles; exact values and what holds for any chart."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.quality.control import (
    Point,
    Standing,
    bias,
    control_chart,
    looks_like,
    rule_counts,
    shifts_of_lot,
)

DAY = date(2026, 3, 1)
SCORES = st.lists(st.decimals(-5, 5, places=2), min_size=1, max_size=40)


def points(*zs, runs=None, lots=None):
    """Return readings of a material with 20 ± 1 ppm that have these scores."""
    return [
        Point(
            DAY + timedelta(days=at),
            runs[at] if runs else "R",
            f"RM {at}",
            20 + Decimal(str(z)),
            Decimal(20),
            Decimal(1),
            lots[at] if lots else "",
        )
        for at, z in enumerate(zs)
    ]


def marks(zs, **given):
    return [one.rules for one in control_chart(points(*zs, **given))]


@pytest.mark.parametrize(
    ("zs", "found"),
    [
        ([0.1, -0.4, 0.6], [(), (), ()]),
        ([0, 3.01, 0], [(), ("1-3s",), ()]),
        ([0, 3, 0], [(), ("1-2s",), ()]),
        ([2.1, 2.2], [("1-2s",), ("2-2s", "1-2s")]),
        ([2.1, 3.2], [("1-2s",), ("1-3s", "2-2s")]),
        ([2.1, 0, 2.1], [("1-2s",), (), ("1-2s",)]),
        ([1.1, 1.2, 1.01, 1.5], [(), (), (), ("4-1s",)]),
        ([1.1, 1.2, 1, 1.5], [(), (), (), ()]),
        ([-0.1] * 10, [()] * 9 + [("10x",)]),
        ([0.1] * 9 + [0], [()] * 10),
    ],
)
def test_rules(zs, found):
    assert marks(zs) == found


def test_both_sides_count_only_within_one_run():
    assert marks([2.5, -2.5], runs=["A", "A"])[1] == ("R-4s", "1-2s")
    assert marks([2.5, -2.5], runs=["A", "B"])[1] == ("1-2s",)


def test_two_in_a_row_count_across_runs():
    assert marks([2.5, 2.5], runs=["A", "B"])[1] == ("2-2s", "1-2s")


def test_a_limit_takes_part_in_no_rule():
    first, second, third = points(2.5, -20, 2.5)
    limit = Point(second.on, second.run, second.label, Decimal("0.05"), Decimal(20), Decimal(1), "", "<")
    assert [one.rules for one in control_chart([first, limit, third])] == [("1-2s",), (), ("2-2s", "1-2s")]


@given(SCORES)
def test_any_chart_names_only_what_its_scores_allow(zs):
    chart = control_chart(points(*zs))
    counted = rule_counts(chart)
    assert counted["1-3s"] == sum(abs(z) > 3 for z in zs)
    assert counted["1-2s"] == sum(2 < abs(z) <= 3 for z in zs)
    pairs = pairwise(zs)
    assert counted["2-2s"] == sum((a > 2 and b > 2) or (a < -2 and b < -2) for a, b in pairs)
    assert [one.z for one in chart] == [Decimal(z) for z in zs]


@given(SCORES)
def test_a_chart_upside_down_breaks_the_same_rules(zs):
    assert marks(zs) == marks([-z for z in zs])


@pytest.mark.parametrize(
    ("zs", "relative", "standing"),
    [
        ([1, 1, 1, 1], None, Standing.TOO_FEW),
        ([1, 1, 1, 1, 1], 0.05, Standing.FINE),
        ([1.2, 1, 1, 1, 1], 0.052, Standing.WARN),
        ([-2, -2, -2, -2, -2.1], -0.101, Standing.FAIL),
    ],
)
def test_bias(zs, relative, standing):
    found = bias(points(*zs))
    assert found.standing == standing
    assert found.relative == (None if relative is None else pytest.approx(relative))


def test_half_width_of_a_bias():
    # (x − C)/C: 0, 0, 0, 0, 0.1; s = 0.0447214, t(0.975; 4) = 2.776445
    assert bias(points(0, 0, 0, 0, 2)).half_width == pytest.approx(2.776445 * 0.0447214 / 5**0.5, rel=1e-6)


def test_another_lot_and_another_value_are_shifts():
    lots = points(0, 0, 0, 0, lots=["A", "A", "B", "B"])
    assert shifts_of_lot(lots) == [2]
    assert shifts_of_lot(points(0, 0)) == []


KNOWN = {name: (Decimal(10), Decimal(1)) for name in ("La", "Ce", "Nd", "Dy", "Tb")}


@pytest.mark.parametrize(
    ("read", "found"),
    [
        (dict.fromkeys(KNOWN, Decimal(12)), ("RM B", 5)),
        (dict.fromkeys(KNOWN, Decimal(12)) | {"Dy": Decimal("12.1")}, None),
        (dict.fromkeys([*KNOWN][:4], Decimal(10)), None),
    ],
)
def test_a_swapped_bottle(read, found):
    assert looks_like(read, {"RM B": KNOWN, "RM C": {"La": (Decimal(12), Decimal(1))}}) == found
