"""A grade's arithmetic against numbers worked out by hand (t from printed tables, ISO 2854 / JCGM 100 table G.2)."""

import math

import pytest

from assays.grading.estimator.interval import horwitz
from tests.assays.grading.estimator.cases import DY, TB, case, decide, dy, first, sample

#: one-sided Student quantiles as tables print them
T = {
    (0.95, 2): 2.920,
    (0.95, 4): 2.132,
    (0.99, 2): 6.965,
    (0.99, 4): 3.747,
    (0.975, 4): 2.776,
    (0.995, 4): 4.604,
}
FIVE = (30.0, 33.0, 27.0, 31.0, 29.0)


def test_five_equal_sites_by_hand():
    """Mean 30, s² = (0 + 9 + 9 + 1 + 1)/4 = 5, u = √(5/5) = 1, 4 degrees of freedom."""
    found = first(dy(*FIVE))
    assert found == {
        "analyte": "Dy",
        "outcome": "FLAGGED",
        "n": 5,
        "n_eff": pytest.approx(5),
        "mean": pytest.approx(30),
        "s": pytest.approx(math.sqrt(5)),
        "u": pytest.approx(1),
        "df": pytest.approx(4),
        "lower": pytest.approx(30 - T[0.95, 4], abs=6e-4),
        "upper": pytest.approx(30 + T[0.99, 4], abs=6e-4),
        "threshold": 25.0,
        "censored": 0,
        "reason": "The lower bound, 27.87 ppm, reaches 25 ppm.",
        "more_samples": None,
    }


def test_bias_uncertainty_enters_with_its_degrees_of_freedom():
    """b·mean = 0.9: u² = 1 + 0.81, ν = 1.81² / (1²/4 + 0.81²/20) = 3.2761 / 0.282805 = 11.5843."""
    found = first(dy(*FIVE, bias={"relative": 0.03, "df": 20}))
    assert found["u"] == pytest.approx(math.sqrt(1.81))
    assert found["df"] == pytest.approx(3.2761 / 0.282805)
    assert found["s"] == pytest.approx(math.sqrt(5))


def test_weights_by_mass_by_hand():
    """Masses 1, 2, 1: w = ¼, ½, ¼; mean 32; q = 0.375; s² = (¼·64 + 0 + ¼·64)/(1 − 0.375) = 51.2."""
    rows = [
        sample(n, {"Dy2O3": f"{x} ppm"}, mass_kg=m) for n, (x, m) in enumerate([(24, 1), (32, 2), (40, 1)], 1)
    ]
    found = first(case(rows, weighting="mass"))
    assert found["n_eff"] == pytest.approx(1 / 0.375)
    assert found["mean"] == pytest.approx(32)
    assert found["s"] == pytest.approx(math.sqrt(51.2))
    assert found["u"] == pytest.approx(math.sqrt(51.2 * 0.375))
    assert found["df"] == pytest.approx(2)
    assert found["lower"] == pytest.approx(32 - T[0.95, 2] * math.sqrt(19.2), abs=3e-3)


def test_an_unknown_mass_means_equal_weights_and_a_warning():
    rows = [
        sample(n, {"Dy2O3": f"{x} ppm"}, mass_kg=m) for n, (x, m) in enumerate([(24, 1), (32, 9), (40, 1)], 1)
    ]
    del rows[0]["mass_kg"]
    answered = decide(case(rows, weighting="mass"))
    assert answered["criteria"][0]["n_eff"] == pytest.approx(3)
    assert answered["warnings"] == ["A dry mass is not known: sites are weighted equally instead of by mass."]


def test_samples_of_one_site_are_averaged_first():
    """Pits: a = mean(20, 40) = 30, b = 33, and a sample of its own = 27; three units, not four samples."""
    rows = [
        sample(1, {"Dy2O3": "20 ppm"}, site="a"),
        sample(2, {"Dy2O3": "40 ppm"}, site="a"),
        sample(3, {"Dy2O3": "33 ppm"}, site="b"),
        sample(4, {"Dy2O3": "27 ppm"}),
    ]
    found = first(case(rows))
    assert (found["n"], found["mean"], found["s"]) == (3, pytest.approx(30), pytest.approx(3))


def test_a_site_that_is_called_like_a_sample_is_another_unit():
    rows = [
        sample(1, {"Dy2O3": "20 ppm"}, site="S2"),
        sample(2, {"Dy2O3": "40 ppm"}),
        sample(3, {"Dy2O3": "33 ppm"}),
    ]
    assert first(case(rows))["n"] == 3


def test_a_site_weighs_the_sum_of_its_masses_and_its_value_is_weighted_too():
    """Site a: (1·20 + 3·40)/4 = 35 with weight 4; b: 30 with 4; own: 25 with 2; mean = (140 + 120 + 50)/10 = 31."""
    rows = [
        sample(1, {"Dy2O3": "20 ppm"}, site="a", mass_kg=1),
        sample(2, {"Dy2O3": "40 ppm"}, site="a", mass_kg=3),
        sample(3, {"Dy2O3": "30 ppm"}, site="b", mass_kg=4),
        sample(4, {"Dy2O3": "25 ppm"}, mass_kg=2),
    ]
    found = first(case(rows, weighting="mass"))
    assert found["mean"] == pytest.approx(31)
    assert found["n_eff"] == pytest.approx(100 / 36)


def test_a_prior_widens_what_looks_too_narrow():
    """Values 29, 30, 31: s² = 1. Prior r0 = 0.5 with 8: (2·1 + 8·15²)/10 = 180.2, on 10 degrees of freedom."""
    found = first(dy(29.0, 30.0, 31.0, prior={"relative": 0.5, "df": 8}))
    assert found["s"] == pytest.approx(math.sqrt(180.2))
    assert found["df"] == pytest.approx(10)
    assert found["u"] == pytest.approx(math.sqrt(180.2 / 3))


def test_a_prior_narrows_nothing():
    wide = dy(10.0, 30.0, 50.0)
    assert first(wide) == first(dy(10.0, 30.0, 50.0, prior={"relative": 0.01, "df": 100}))
    assert first(wide)["s"] == pytest.approx(20)


def test_repeatability_is_the_least_spread():
    """Values 30, 30, 30 with r = 0.02: s = 0.6, u = 0.6/√3."""
    found = first(dy(30.0, 30.0, 30.0, repeatability=0.02))
    assert found["s"] == pytest.approx(0.6)
    assert found["u"] == pytest.approx(0.6 / math.sqrt(3))
    assert first(dy(*FIVE, repeatability=0.02))["s"] == pytest.approx(math.sqrt(5))


def test_without_any_uncertainty_the_bounds_are_the_mean():
    found = first(dy(30.0, 30.0, 30.0) | {"blank_excess": {"Dy2O3": "0.5 ppm"}})
    assert (found["u"], found["df"], found["lower"], found["upper"]) == (0, None, 29.5, 30)


def test_a_lower_bound_on_the_threshold_flags_and_an_upper_one_does_not_reject():
    assert first(dy(25.0, 25.0, 25.0))["outcome"] == "FLAGGED"
    assert first(dy(24.9999999, 24.9999999, 24.9999999))["outcome"] == "NOT_FLAGGED"
    found = first(dy(25.0, 25.0, 25.0) | {"blank_excess": {"Dy2O3": "1 ppm"}})
    assert (found["lower"], found["upper"], found["outcome"]) == (24, 25, "INCONCLUSIVE")


@pytest.mark.parametrize(("look", "level"), [(1, (0.975, 4)), (None, (0.95, 4))])
def test_looks_take_their_part_of_alpha(look, level):
    data = dy(*FIVE)
    if look:
        data["look"] = look
    assert first(data)["lower"] == pytest.approx(30 - T[level], abs=6e-4)
    assert first(data)["upper"] == pytest.approx(30 + T[0.99, 4], abs=6e-4)


def test_very_many_looks_leave_no_lower_bound_and_no_error():
    data = dy(*FIVE)
    data["look"] = 5000
    found = first(data)
    assert (found["lower"], found["outcome"]) == (None, "INCONCLUSIVE")


def test_rejection_is_shared_among_the_criteria():
    rows = [sample(n, {"Dy2O3": f"{x} ppm", "Tb4O7": "5 ppm"}) for n, x in enumerate(FIVE, 1)]
    assert first(case(rows, DY, TB))["upper"] == pytest.approx(30 + T[0.995, 4], abs=6e-4)
    assert first(case(rows, DY))["upper"] == pytest.approx(30 + T[0.99, 4], abs=6e-4)


def test_blank_excess_is_taken_from_the_lower_bound_in_the_criterions_form():
    """0.4 ppm of Dy are 0.4 · 373.0/325.0 ppm of Dy2O3 (roughly); an oxide is taken as it stands."""
    plain = first(dy(*FIVE))
    by_element = first(dy(*FIVE) | {"blank_excess": {"Dy": "0.4 ppm"}})
    by_oxide = first(dy(*FIVE) | {"blank_excess": {"Dy2O3": "0.00004 %"}})
    assert plain["lower"] - by_element["lower"] == pytest.approx(0.4 * (325 + 47.997) / 325)
    assert plain["lower"] - by_oxide["lower"] == pytest.approx(0.4)
    assert plain["upper"] == by_element["upper"] == by_oxide["upper"]


def test_horwitz_at_the_mean_when_no_bias_is_known():
    data = dy(30.0, 30.0, 30.0)
    del data["policy"]["bias"]
    answered = decide(data)
    relative = 2 ** (1 - 0.5 * math.log10(30e-6)) / 100
    assert answered["criteria"][0]["u"] == pytest.approx(30 * relative)
    assert answered["criteria"][0]["df"] == pytest.approx(20)
    assert answered["warnings"] == ["Dy2O3: no bias uncertainty is known, Horwitz gives 9.6 % at this level."]


@pytest.mark.parametrize(("fraction", "per_cent"), [(1.0, 2.0), (0.01, 4.0), (1e-6, 16.0), (1e-9, 45.2548)])
def test_horwitz_trumpet(fraction, per_cent):
    assert 100 * horwitz(fraction) == pytest.approx(per_cent, rel=1e-5)


def test_bias_by_analyte():
    rows = [sample(n, {"Dy2O3": "30 ppm", "Tb4O7": "5 ppm"}) for n in range(1, 4)]
    bias = {"Dy": {"relative": 0.02, "df": 12}, "Tb": {"relative": 0.05}}
    dy_found, tb_found = decide(case(rows, DY, TB, bias=bias))["criteria"]
    assert (dy_found["u"], dy_found["df"]) == (pytest.approx(0.6), pytest.approx(12))
    assert (tb_found["u"], tb_found["df"]) == (pytest.approx(0.25), pytest.approx(20))


def test_a_sums_bias_is_the_largest_of_its_elements():
    criterion = {"analyte": "MREO", "metric": "grade", "oxide": "MREO", "threshold_ppm": 10}
    values = {"Pr6O11": "10 ppm", "Nd2O3": "20 ppm", "Tb4O7": "5 ppm", "Dy2O3": "5 ppm"}
    bias = {
        name: {"relative": b, "df": 9} for name, b in [("Pr", 0.01), ("Nd", 0.02), ("Tb", 0.05), ("Dy", 0.03)]
    }
    found = first(case([sample(n, values) for n in range(1, 4)], criterion, bias=bias))
    assert (found["mean"], found["u"]) == (pytest.approx(40), pytest.approx(2))


def test_planned_duplicates_are_averaged_with_their_value():
    """S1 is (28 + 32)/2; a duplicate below 10 enters as 0 low, and 10 high."""
    rows = [
        sample(1, {"Dy2O3": "28 ppm"}, duplicates={"Dy2O3": ["32 ppm"]}),
        sample(2, {"Dy2O3": "33 ppm"}),
        sample(3, {"Dy2O3": "27 ppm"}),
    ]
    assert first(case(rows))["mean"] == pytest.approx(30)
    rows[0]["duplicates"] = {"Dy2O3": ["<10 ppm"]}
    found = first(case(rows))
    assert found["censored"] == 1
    assert found["mean"] == pytest.approx((14 + 33 + 27) / 3)
    high = [19.0, 33.0, 27.0]
    assert found["upper"] == pytest.approx(first(dy(*high))["upper"])
