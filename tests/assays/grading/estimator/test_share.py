"""A share's arithmetic by hand, and what reads it low and high."""

import math

import pytest

from assays.chemistry.oxides import factor
from tests.assays.grading.estimator.cases import ELEMENTS, NO_BIAS, SHARE, TREO, case, decide, first, sample

OTHERS = [element for element in ELEMENTS if element != "Dy"]
#: usual oxides of what is not Dy
OXIDES = {"Ce": "CeO2", "Pr": "Pr6O11", "Tb": "Tb4O7"}


def row(number, dy_ppm, other_ppm, **more):
    """Return a sample with so much Dy2O3, and all other oxides of TREO so much together, both in ppm."""
    values = {OXIDES.get(e, f"{e}2O3"): f"{other_ppm / len(OTHERS)!r} ppm" for e in OTHERS}
    dy_text = dy_ppm if isinstance(dy_ppm, str) else f"{dy_ppm!r} ppm"
    return sample(number, values | {"Dy2O3": dy_text}, **more)


def test_equal_denominators_by_hand():
    """3, 4 and 5 of 100: R = 4 %; leaving one out 4.5, 4, 3.5: v = ⅔ · 0.5 = ⅓ (%²), s = 1 %, 2 degrees of freedom."""
    found = first(case([row(1, 3.0, 97.0), row(2, 4.0, 96.0), row(3, 5.0, 95.0)], SHARE))
    assert (found["n"], found["n_eff"], found["mean"]) == (3, pytest.approx(3), pytest.approx(4))
    assert found["s"] == pytest.approx(1)
    assert found["u"] == pytest.approx(math.sqrt(1 / 3))
    assert found["df"] == pytest.approx(2)
    assert found["lower"] == pytest.approx(4 - 2.920 * math.sqrt(1 / 3), abs=1e-3)
    assert found["threshold"] == 3


def test_unequal_denominators_by_hand():
    """2/100, 9/300 and 4/100: R = 15/500; n_eff = 250000/110000; without one 13/400, 6/200, 11/400."""
    found = first(case([row(1, 2.0, 98.0), row(2, 9.0, 291.0), row(3, 4.0, 96.0)], SHARE))
    without = [13 / 400, 6 / 200, 11 / 400]
    middle = sum(without) / 3
    v = 2 / 3 * sum((one - middle) ** 2 for one in without)
    assert found["mean"] == pytest.approx(3)
    assert found["n_eff"] == pytest.approx(25 / 11)
    assert found["u"] == pytest.approx(100 * math.sqrt(v))
    assert found["s"] == pytest.approx(100 * math.sqrt(3 * v))
    assert found["df"] == pytest.approx(25 / 11 - 1)
    assert found["outcome"] == "INCONCLUSIVE"


def test_bias_of_a_share():
    """b_R = (1 − 0.04)·√2·0.02; without spread u is b_R·R and ν that of the bias."""
    found = first(case([row(n, 4.0, 96.0) for n in range(1, 5)], SHARE, bias={"relative": 0.02, "df": 9}))
    assert found["u"] == pytest.approx(4 * 0.96 * math.sqrt(2) * 0.02)
    assert found["df"] == pytest.approx(9)
    assert found["outcome"] == "FLAGGED"


def test_the_bias_follows_each_element_when_named():
    found = first(
        case([row(n, 4.0, 96.0) for n in range(1, 5)], SHARE, bias={"Dy": {"relative": 0.02, "df": 9}})
    )
    assert found["df"] == pytest.approx(9)


def test_blank_excess_of_a_share():
    data = case([row(n, 4.0, 96.0) for n in range(1, 4)], SHARE)
    data["blank_excess"] = {"Dy": "0.2 ppm"}
    assert first(data)["lower"] == pytest.approx(4 - 0.2 * factor("Dy2O3"))
    assert first(data)["upper"] == pytest.approx(4)


def test_a_prior_says_nothing_of_a_share():
    rows = [row(1, 3.0, 97.0), row(2, 4.0, 96.0), row(3, 5.0, 95.0)]
    assert first(case(rows, SHARE, prior={"relative": 0.9, "df": 50})) == first(case(rows, SHARE))


def test_below_detection_in_the_numerator_reads_low_and_high():
    """Dy2O3 < 1 beside 99 of others: low 0/99, high 1/100; its own substituted value stands in the denominator too."""
    rows = [row(1, "<1 ppm", 99.0), row(2, 4.0, 96.0), row(3, 5.0, 95.0)]
    found = first(case(rows, SHARE))
    assert found["censored"] == 1
    assert found["mean"] == pytest.approx(100 * 9 / 299)
    high = first(case([row(1, 1.0, 99.0), *rows[1:]], SHARE))
    assert found["upper"] == pytest.approx(high["upper"])
    assert found["lower"] < high["lower"]


def test_below_detection_elsewhere_stands_high_in_the_lower_reading():
    """La < L: the lower reading counts L in the denominator, the upper one 0."""
    full = row(1, 4.0, 96.0)
    limit = float(full["values"]["La2O3"].split()[0])
    censored = row(1, 4.0, 96.0)
    censored["values"]["La2O3"] = f"<{full['values']['La2O3']}"
    others = [row(2, 5.0, 95.0), row(3, 3.0, 97.0)]
    found, whole = first(case([censored, *others], SHARE)), first(case([full, *others], SHARE))
    assert found["lower"] == pytest.approx(whole["lower"])
    assert found["mean"] == pytest.approx(whole["mean"])
    assert found["upper"] > whole["upper"]
    assert found["censored"] == 0
    assert limit == pytest.approx(96 / 14)


def test_over_range_in_the_numerator_forbids_rejection_only():
    rows = [row(1, ">3 ppm", 97.0), row(2, 4.0, 96.0), row(3, 4.0, 96.0), row(4, 4.0, 96.0)]
    found = first(case(rows, SHARE))
    assert found["upper"] is None
    assert found["lower"] is not None
    flagged = first(case([row(1, ">4 ppm", 96.0), *rows[1:]], SHARE))
    assert flagged["outcome"] == "FLAGGED"


def test_over_range_elsewhere_forbids_a_flag_whatever_the_numbers():
    rows = [row(n, 9.0, 91.0) for n in range(1, 6)]
    assert first(case(rows, SHARE))["outcome"] == "FLAGGED"
    rows[0]["values"]["La2O3"] = ">" + rows[0]["values"]["La2O3"]
    answered = decide(case(rows, SHARE, TREO))
    found = answered["criteria"][0]
    assert (found["outcome"], found["lower"], found["more_samples"]) == ("INCONCLUSIVE", None, None)
    assert "analysed again" in found["reason"]
    assert "Dy2O3/TREO: over range, to be analysed again: S1." in answered["warnings"]


def test_over_range_elsewhere_still_lets_a_share_be_rejected():
    rows = [row(n, 1.0 + n / 100, 99.0) for n in range(1, 7)]
    rows[0]["values"]["La2O3"] = ">" + rows[0]["values"]["La2O3"]
    assert first(case(rows, SHARE))["outcome"] == "NOT_FLAGGED"


def test_a_sample_without_all_of_treo_cannot_have_a_share():
    rows = [row(n, 4.0, 96.0) for n in range(1, 12)]
    del rows[4]["values"]["Lu2O3"]
    answered = decide(case(rows, SHARE))
    assert answered["criteria"][0]["n"] == 10
    assert "Dy2O3/TREO: left out for want of results: S5." in answered["warnings"]


def test_nothing_to_take_a_share_of_is_inconclusive():
    found = first(case([row(n, 0.0, 0.0) for n in range(1, 5)], SHARE))
    assert found["outcome"] == "INCONCLUSIVE"
    assert found["reason"] == "There is nothing in the samples to take a share of."
    assert [found[name] for name in ("n_eff", "mean", "s", "u", "df", "lower", "upper")] == [None] * 7


def test_one_sample_with_nearly_all_of_it_decides_nothing():
    rows = [row(1, 40_000.0, 900_000.0), *(row(n, 1e-8, 1e-8) for n in range(2, 6))]
    found = first(case(rows, SHARE))
    assert found["outcome"] == "INCONCLUSIVE"
    assert found["n_eff"] == pytest.approx(1)
    assert (found["lower"], found["df"]) == (None, None)


def test_a_share_without_a_floor_on_treo_warns():
    rows = [row(n, 4.0, 96.0) for n in range(1, 5)]
    warning = (
        "A share of TREO without a grade floor on TREO beside it would flag a precipitate with almost none."
    )
    assert warning in decide(case(rows, SHARE))["warnings"]
    assert warning not in decide(case(rows, SHARE, TREO))["warnings"]


def test_a_grade_of_treo_is_the_sum_of_its_oxides():
    rows = [row(1, 30.0, 970.0), row(2, 40.0, 1060.0), row(3, 50.0, 1250.0)]
    found = first(case(rows, TREO))
    assert found["mean"] == pytest.approx((1000 + 1100 + 1300) / 3)
    assert found["analyte"] == "TREO"


def test_blank_excess_of_a_sum():
    rows = [row(n, 40.0, 1060.0) for n in range(1, 4)]
    for excess, taken in (
        ({"Dy": "2 ppm", "La2O3": "1 ppm"}, 2 * factor("Dy2O3") + 1),
        ({"TREO": "5 ppm"}, 5),
    ):
        data = case(rows, TREO) | {"blank_excess": excess}
        assert first(data)["lower"] == pytest.approx(1100 - taken)


# --- QC ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("qc", "outcome"),
    [
        ({"Dy": "fail"}, "BLOCKED_QC"),
        ({"Dy": "none"}, "BLOCKED_QC"),
        ({"Dy": "warn"}, "FLAGGED"),
        ({"TREO": "fail"}, "BLOCKED_QC"),
        ({"La": "fail"}, "BLOCKED_QC"),  # 6.9 % of TREO
        ({"Lu": "fail"}, "FLAGGED"),  # 1 %
        ({"Lu": "fail", "Tm": "none"}, "FLAGGED"),  # 5 % together, not more
        ({"Lu": "fail", "Tm": "none", "Ho": "fail"}, "BLOCKED_QC"),  # 5.1 %
    ],
)
def test_qc_of_a_share(qc, outcome):
    rows = []
    for number in range(1, 5):
        one = row(number, 6.0, 94.0)
        one["values"] |= {"Lu2O3": "1 ppm", "Tm2O3": "4 ppm", "Ho2O3": "0.1 ppm", "La2O3": "6.9 ppm"}
        rest = 100 - 6 - 1 - 4 - 0.1 - 6.9
        for name in ("CeO2", "Pr6O11", "Nd2O3", "Sm2O3", "Eu2O3", "Gd2O3", "Tb4O7", "Er2O3", "Yb2O3", "Y2O3"):
            one["values"][name] = f"{rest / 10!r} ppm"
        rows.append(one)
    data = case(rows, SHARE, TREO | {"threshold_ppm": 50}, bias=NO_BIAS)
    data["qc"] |= qc
    found = first(data)
    assert found["outcome"] == outcome
    assert found["mean"] == pytest.approx(6)
    if outcome == "BLOCKED_QC":
        assert found["lower"] == pytest.approx(6)
        assert found["more_samples"] is None


def test_what_failed_is_weighed_as_the_samples_are():
    """La is 20 % of a sample that weighs 1 and 0 % of one that weighs 99: 0.2 % of the whole."""
    rows = []
    for number, (la, mass) in enumerate([(20.0, 1), (0.0, 30), (0.0, 30), (0.0, 39)], 1):
        one = row(number, 4.0, 96.0, mass_kg=mass)
        one["values"] |= {"La2O3": f"{la!r} ppm"}
        rows.append(one)
    by_mass = case(rows, SHARE, weighting="mass")
    equal = case(rows, SHARE)
    for data in (by_mass, equal):
        data["qc"]["La"] = "fail"
    assert first(by_mass)["outcome"] != "BLOCKED_QC"
    assert first(equal)["outcome"] == "BLOCKED_QC"
