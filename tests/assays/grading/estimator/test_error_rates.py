"""How often the decision is wrong, by simulation on the threshold itself; and that the simulation is the estimator."""

import numpy as np
import pytest

from tests.assays.grading.estimator.cases import case, first, sample
from tests.assays.grading.estimator.simulation import PLANS, Plan, bounds, draw, looking, rates

BATCHES, SEED = 20_000, 7
#: three standard errors of a rate of 5 % in so many batches, in per cent
SLACK = 0.5
BIAS = {"relative": 0.03, "df": 20}


@pytest.fixture(scope="module")
def found():
    """Return the rates of every plan."""
    return [rates(plan, BATCHES, SEED) for plan in PLANS]


def test_a_false_flag_is_rarer_than_alpha_in_every_plan(found):
    assert {one.plan.name: one.false_flagged for one in found if one.false_flagged > 5} == {}


def test_it_stays_so_with_values_below_detection(found):
    assert {
        one.plan.name: one.false_flagged_censored for one in found if one.false_flagged_censored > 5
    } == {}


def test_a_false_rejection_is_as_frequent_as_is_said(found):
    """About 2 to 7 % for skewed grades: more than alpha′, and stated as such."""
    numbers = [one.false_not_flagged for one in found]
    assert min(numbers) > 2 - SLACK
    assert max(numbers) < 7 + 2 * SLACK


def test_taking_bags_for_sites_would_be_wrong_more_often_than_alpha(found):
    """What the rule of independent sites is for."""
    assert all(one.false_flagged_bags > 5 + SLACK for one in found if one.plan.per_site > 1)


@pytest.mark.parametrize("cv", [0.1, 0.2, 0.4])
def test_looking_until_it_flags_needs_the_halving_of_alpha(cv):
    assert looking(BATCHES, SEED, halving=False, cv=cv) > 5 + SLACK
    assert looking(BATCHES, SEED, halving=True, cv=cv) < 5


@pytest.mark.parametrize("plan", [Plan(3, 1, 0.8), Plan(5, 3, 0.4), Plan(8, 1, 0.2), Plan(12, 3, 0.8)])
def test_the_simulations_bounds_are_the_estimators(plan):
    grades = 25 * draw(np.random.default_rng(SEED), plan, 20, mean=1.0)
    lower, upper = bounds(grades)
    for batch, low, high in zip(grades, lower, upper, strict=True):
        rows = [
            sample(100 * site + bag, {"Dy2O3": f"{float(ppm)!r} ppm"}, site=f"pit {site}")
            for site, bags in enumerate(batch)
            for bag, ppm in enumerate(bags)
        ]
        answered = first(case(rows, bias=BIAS))
        assert answered["lower"] == pytest.approx(low, rel=1e-8)
        assert answered["upper"] == pytest.approx(high, rel=1e-8)
        said = "FLAGGED" if low >= 25 else "NOT_FLAGGED" if high < 25 else "INCONCLUSIVE"
        assert answered["outcome"] == said
