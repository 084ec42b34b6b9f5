"""What blocks, what leaves a criterion open, what a batch comes to, and that its words say so."""

import itertools

import pytest

from tests.assays.grading.estimator.cases import DY, TB, case, decide, dy, first, sample

HIGH, LOW, OPEN = (
    ("30 ppm", "31 ppm", "32 ppm"),
    ("5 ppm", "5.5 ppm", "5.2 ppm"),
    ("20 ppm", "30 ppm", "31 ppm"),
)


def both(dys, tbs, **more):
    """Return a case on Dy and Tb, a sample for each pair."""
    rows = [sample(n, {"Dy2O3": d, "Tb4O7": t}) for n, (d, t) in enumerate(zip(dys, tbs, strict=True), 1)]
    return case(rows, DY, TB, **more)


# --- What leaves it open -----------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "outcome"), [(1, "INCONCLUSIVE"), (2, "INCONCLUSIVE"), (3, "FLAGGED")])
def test_fewer_than_three_sites_decide_nothing(n, outcome):
    found = first(dy(*[60.0] * n, prior={"relative": 0.01, "df": 1000}))
    assert (found["n"], found["outcome"]) == (n, outcome)
    if n < 3:
        assert f"{n} site" in found["reason"]


def test_no_sample_at_all():
    answered = decide(dy())
    found = answered["criteria"][0]
    assert (answered["decision"], found["n"], found["mean"]) == ("INCONCLUSIVE", 0, None)
    assert answered["sentence"] == "Inconclusive at 95 % confidence: Dy2O3: There is no result to judge yet."


def test_one_site_has_a_mean_and_no_bounds():
    found = first(dy(60.0))
    assert [found[name] for name in ("n", "n_eff", "mean")] == [1, 1, 60]
    assert [found[name] for name in ("s", "u", "df", "lower", "upper", "more_samples")] == [None] * 6


@pytest.mark.parametrize(("heavy", "open_"), [(2.0, False), (10.0, True)])
def test_few_effective_sites_decide_nothing(heavy, open_):
    """Masses heavy, 1, 1: n_eff = (heavy + 2)² / (heavy² + 2) = 2.67 and 1.41."""
    rows = [sample(n, {"Dy2O3": "60 ppm"}, mass_kg=m) for n, m in enumerate([heavy, 1, 1], 1)]
    found = first(case(rows, weighting="mass"))
    assert found["n_eff"] == pytest.approx((heavy + 2) ** 2 / (heavy**2 + 2))
    assert (found["outcome"] == "INCONCLUSIVE") is open_


def test_a_sample_with_all_the_mass_there_is():
    rows = [sample(n, {"Dy2O3": "60 ppm"}, mass_kg=m) for n, m in enumerate([1e9, 1e-9, 1e-9], 1)]
    found = first(case(rows, weighting="mass"))
    assert (found["outcome"], found["n_eff"], found["lower"]) == ("INCONCLUSIVE", pytest.approx(1), None)


@pytest.mark.parametrize(("have", "outcome"), [(9, "FLAGGED"), (8, "INCONCLUSIVE")])
def test_ninety_per_cent_must_have_what_a_criterion_needs(have, outcome):
    rows = [sample(n, {"Dy2O3": "60 ppm"} if n <= have else {"Tb": "5 ppm"}) for n in range(1, 11)]
    answered = decide(case(rows))
    found = answered["criteria"][0]
    assert (found["n"], found["outcome"]) == (have, outcome)
    assert any(text.startswith("Dy2O3: left out for want of results: S") for text in answered["warnings"])
    if outcome == "INCONCLUSIVE":
        assert found["reason"].startswith("Incomplete: only 8 of 10 samples have what Dy2O3 needs")
        assert found["more_samples"] is None


# --- Below detection, over range ---------------------------------------------------------------------


def test_below_detection_is_nothing_low_and_the_limit_high():
    found = first(dy(30.0, 31.0, 32.0, "<9 ppm"))
    low, high = first(dy(30.0, 31.0, 32.0, 0.0)), first(dy(30.0, 31.0, 32.0, 9.0))
    for name in ("mean", "s", "u", "df", "lower"):
        assert found[name] == low[name]
    assert found["upper"] == high["upper"]
    assert (found["censored"], low["censored"]) == (1, 0)


def test_all_below_a_low_limit_is_validly_too_low():
    found = first(dy(*["<0.05 ppm"] * 4))
    assert (found["outcome"], found["mean"], found["lower"], found["upper"]) == ("NOT_FLAGGED", 0, 0, 0.05)


def test_all_below_a_limit_with_a_guessed_bias_still_widens_the_upper_bound():
    data = dy(*["<6 ppm"] * 4)
    del data["policy"]["bias"]
    found = first(data)
    assert found["upper"] > 6
    assert found["outcome"] == "NOT_FLAGGED"


@pytest.mark.parametrize(
    ("values", "open_"),
    [
        (("<8.4 ppm", "<1 ppm", "<1 ppm", 1.0, 1.0), True),
        (("<8.3 ppm", "<1 ppm", "<1 ppm", 1.0, 1.0), False),
        (("<8.4 ppm", "<1 ppm", 1.0, 1.0), False),
    ],
)
def test_a_detection_limit_too_high(values, open_):
    """More than half below, the largest limit over 25/3."""
    found = first(dy(*values))
    assert ("Detection limit too high" in found["reason"]) is open_
    if open_:
        assert (found["outcome"], found["more_samples"]) == ("INCONCLUSIVE", None)


def test_the_limit_is_compared_in_the_criterions_form():
    """7.3 ppm of Dy are 8.38 ppm of Dy2O3: too high; 7.2 are 8.26: not."""
    for limit, too_high in ((7.3, True), (7.2, False)):
        rows = [sample(n, {"Dy": f"<{limit} ppm"}) for n in range(1, 5)]
        assert ("Detection limit too high" in first(case(rows))["reason"]) is too_high


def test_over_range_counts_as_its_limit_and_forbids_rejection():
    answered = decide(dy(1.0, 1.1, 0.9, ">2 ppm"))
    found = answered["criteria"][0]
    assert (found["outcome"], found["upper"], found["more_samples"]) == ("INCONCLUSIVE", None, None)
    assert "open above" in found["reason"]
    assert "analysed again" in found["reason"]
    assert answered["warnings"] == ["Dy2O3: over range, to be analysed again: S4."]
    assert first(dy(60.0, 61.0, 62.0, ">60 ppm"))["outcome"] == "FLAGGED"


# --- Exclusions --------------------------------------------------------------------------------------


def test_excluded_before_is_gone():
    data = dy(30.0, 31.0, 32.0, 1.0)
    data["samples"][3]["excluded"] = "before"
    assert first(data) == first(dy(30.0, 31.0, 32.0))


def test_excluded_after_without_consequence_shows_the_numbers_without():
    data = dy(30.0, 31.0, 32.0, 31.5)
    data["samples"][3]["excluded"] = "after"
    assert first(data) == first(dy(30.0, 31.0, 32.0))


def test_excluded_after_with_consequence_is_inconclusive():
    data = dy(30.0, 31.0, 32.0, 1.0)
    data["samples"][3]["excluded"] = "after"
    found, without = first(data), first(dy(30.0, 31.0, 32.0))
    assert (without["outcome"], found["outcome"]) == ("FLAGGED", "INCONCLUSIVE")
    assert {k: v for k, v in found.items() if k not in {"outcome", "reason"}} == {
        k: v for k, v in without.items() if k not in {"outcome", "reason"}
    }
    assert "Leaving out S4 after the results were seen changes the outcome" in found["reason"]
    assert "with them it is INCONCLUSIVE" in found["reason"]


def test_an_incident_of_what_was_left_out_blocks_nothing():
    data = dy(30.0, 31.0, 32.0, 31.5)
    data["samples"][3] |= {"excluded": "after", "incident": "the seal was broken"}
    assert first(data)["outcome"] == "FLAGGED"
    data["samples"][3]["excluded"] = "before"
    assert first(data)["outcome"] == "FLAGGED"


def test_what_was_left_out_and_could_never_count_changes_nothing():
    data = dy(30.0, 31.0, 32.0, 1.0, 1.0)
    data["samples"][3] |= {"excluded": "after", "basis": "leachable"}
    data["samples"][4] |= {"excluded": "after", "values": {"Dy": "1 ppx"}}
    assert first(data)["outcome"] == "FLAGGED"


# --- What blocks -------------------------------------------------------------------------------------


def test_an_unknown_unit_blocks_the_criterion_that_needs_it_and_names_the_sample():
    data = both(HIGH, ("5 ppm", "5 ppx", "6 ppm"))
    answered = decide(data)
    dy_found, tb_found = answered["criteria"]
    assert (answered["decision"], dy_found["outcome"], tb_found["outcome"]) == (
        "BLOCKED_DATA",
        "FLAGGED",
        "BLOCKED_DATA",
    )
    assert tb_found["reason"] == "Tb of S2: “ppx” is no unit known here."
    assert "S2" in answered["sentence"]


@pytest.mark.parametrize(
    ("text", "words"), [("5 mg/L", "content of a liquid"), ("5 kg", "no mass fraction"), ("5", "no unit")]
)
def test_a_unit_that_is_no_mass_fraction_blocks(text, words):
    data = dy(30.0, 31.0, 32.0, text)
    found = first(data)
    assert found["outcome"] == "BLOCKED_DATA"
    assert words in found["reason"]
    assert "S4" in found["reason"]


@pytest.mark.parametrize("basis", [None, "", "  ", "total", "Total-Fusion", "four acid"])
def test_an_unknown_or_missing_basis_blocks_and_names_the_sample(basis):
    data = dy(30.0, 31.0, 32.0)
    if basis is None:
        del data["samples"][1]["basis"]
    else:
        data["samples"][1]["basis"] = basis
    found = first(data)
    assert found["outcome"] == "BLOCKED_DATA"
    assert "The basis of S2 is not known" in found["reason"]
    assert found["mean"] == pytest.approx(31)


def test_mixed_bases_block_and_are_listed():
    data = dy(30.0, 31.0, 32.0)
    data["samples"][2]["basis"] = "leachable 0.5 M, pH 4, 2:1, 4 h"
    assert first(data)["reason"] == (
        "Unlike bases never mix in one decision (leachable 0.5 M, pH 4, 2:1, 4 h: S3; total-fusion: S1 and S2)."
    )


def test_another_basis_than_the_policys_blocks():
    found = first(dy(30.0, 31.0, 32.0, basis="leachable"))
    assert found["outcome"] == "BLOCKED_DATA"
    assert (
        found["reason"] == "The results of S1, S2 and S3 are total-fusion, and the policy is about leachable."
    )
    assert first(dy(30.0, 31.0, 32.0, basis="total-fusion"))["outcome"] == "FLAGGED"


def test_a_sample_without_results_needs_no_basis():
    data = dy(*[30.0 + n / 10 for n in range(10)])
    data["samples"].append({"id": "S11", "values": {}})
    assert first(data)["outcome"] == "FLAGGED"


def test_an_open_incident_blocks_every_criterion():
    data = both(HIGH, ("6 ppm", "6 ppm", "6 ppm"))
    data["samples"][0]["incident"] = "the seal was broken."
    answered = decide(data)
    assert [one["outcome"] for one in answered["criteria"]] == ["BLOCKED_DATA"] * 2
    assert answered["sentence"] == "Blocked by its data. An incident of S1 is open: the seal was broken."


@pytest.mark.parametrize("verdict", ["fail", "none"])
def test_qc_blocks_its_own_criterion_and_keeps_the_numbers(verdict):
    data = both(HIGH, ("6 ppm", "6.1 ppm", "6.2 ppm"))
    data["qc"]["Tb"] = verdict
    answered = decide(data)
    assert [one["outcome"] for one in answered["criteria"]] == ["FLAGGED", "BLOCKED_QC"]
    assert answered["criteria"][1]["mean"] == pytest.approx(6.1)
    said = {"fail": "QC of Tb failed", "none": "There is no QC for Tb"}[verdict]
    assert answered["sentence"] == f"Blocked by quality control. {said}, so Tb4O7 cannot be relied on."


def test_qc_that_is_not_stated_counts_as_passed_with_a_warning():
    data = dy(30.0, 31.0, 32.0)
    data["qc"] = {}
    assert decide(data)["warnings"] == ["Nothing is said about the QC of Dy: taken as passed."]
    del data["qc"]
    assert decide(data)["decision"] == "FLAGGED"
    data["qc"] = {"Dy": "warn"}
    assert decide(data)["warnings"] == ["QC of Dy passed with a warning."]


# --- The batch ---------------------------------------------------------------------------------------

#: Tb's values and QC by the outcome that they have
TBS = {
    "FLAGGED": (("6 ppm", "6.1 ppm", "6.2 ppm"), "pass"),
    "NOT_FLAGGED": (("1 ppm", "1.1 ppm", "1.2 ppm"), "pass"),
    "INCONCLUSIVE": (("3 ppm", "5 ppm", "6 ppm"), "pass"),
    "BLOCKED_QC": (("6 ppm", "6.1 ppm", "6.2 ppm"), "fail"),
    "BLOCKED_DATA": (("6 ppm", "6.1 ppm", "6.2"), "pass"),
}
DYS = {
    "FLAGGED": (HIGH, "pass"),
    "NOT_FLAGGED": (LOW, "pass"),
    "INCONCLUSIVE": (OPEN, "pass"),
    "BLOCKED_QC": (HIGH, "fail"),
    "BLOCKED_DATA": (("30 ppm", "31 ppx", "32 ppm"), "pass"),
}
ORDER = ["BLOCKED_DATA", "NOT_FLAGGED", "BLOCKED_QC", "INCONCLUSIVE", "FLAGGED"]


@pytest.mark.parametrize(("one", "other"), list(itertools.product(ORDER, ORDER)))
def test_the_batch_is_the_first_of_the_order(one, other):
    data = both(DYS[one][0], TBS[other][0])
    data["qc"] |= {"Dy": DYS[one][1], "Tb": TBS[other][1]}
    answered = decide(data)
    assert [found["outcome"] for found in answered["criteria"]] == [one, other]
    assert answered["decision"] == min(one, other, key=ORDER.index)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"preliminary": True}, " Provisional: a certificate is preliminary."),
        ({"awaited": 3}, " Provisional: 3 samples are awaited."),
        (
            {"awaited": 1, "preliminary": True},
            " Provisional: a certificate is preliminary and 1 sample is awaited.",
        ),
    ],
)
def test_provisional_is_said_and_changes_no_decision(more, words):
    plain = decide(dy(30.0, 31.0, 32.0))
    answered = decide(dy(30.0, 31.0, 32.0) | more)
    assert (plain["provisional"], answered["provisional"]) == (False, True)
    assert answered["sentence"] == plain["sentence"] + words
    assert answered["criteria"] == plain["criteria"]
    assert answered["decision"] == "FLAGGED"


# --- What would settle it ----------------------------------------------------------------------------


def test_the_number_of_more_samples_is_the_smallest_that_decides():
    """Mean 27, s = 3 on 3 sites: with m more, lower = 27 − t(0.95, m + 2)·3/√(m + 3) ≥ 25 first holds for m = 6.

    t(0.95, 7) = 1.895 over 8 sites: 24.990; t(0.95, 8) = 1.860 over 9: 25.140.
    """
    found = first(dy(24.0, 27.0, 30.0))
    assert found["more_samples"] == 6
    assert found["reason"].endswith("6 more sites like these would settle it.")


def test_more_samples_can_settle_a_rejection():
    """Mean 23, s = 3: upper = 23 + t(0.99, m + 2)·3/√(m + 3) < 25; t(0.99, 14) = 2.624 over 15 sites: 25.033, over 16
    t(0.99, 15) = 2.602: 24.952."""
    found = first(dy(20.0, 23.0, 26.0))
    assert found["more_samples"] == 13


def test_two_sites_are_told_how_many_more():
    assert first(dy(60.0, 60.0))["more_samples"] == 1


def test_bias_alone_can_make_it_unreachable():
    found = first(dy(25.5, 26.0, 26.5, bias={"relative": 0.1, "df": 20}))
    assert found["more_samples"] is None
    assert "unreachable by sampling" in found["reason"]


def test_what_is_decided_needs_no_more():
    assert first(dy(30.0, 31.0, 32.0))["more_samples"] is None
    assert first(dy(3.0, 3.1, 3.2))["more_samples"] is None


# --- Words -------------------------------------------------------------------------------------------


def test_a_flag_in_words():
    assert decide(dy(30.0, 33.0, 27.0, 31.0, 29.0))["sentence"] == (
        "Flagged at 95 % confidence: Dy2O3 is 30 ppm (lower bound 27.87 ppm, threshold 25 ppm, 5 sites)."
    )


def test_a_rejection_in_words():
    assert decide(both(HIGH, ("1 ppm", "1.1 ppm", "1.2 ppm")))["sentence"] == (
        "Not flagged, at 99.5 % confidence: Tb4O7 is 1.1 ppm (upper bound 1.673 ppm, threshold 4 ppm, 3 sites)."
    )


def test_an_open_criterion_in_words():
    """Of 27 sites 27 − 1.706·6.083/√27 = 25.003; of 26 it is 24.96."""
    assert decide(both(OPEN, ("6 ppm", "6.1 ppm", "6.2 ppm")))["sentence"] == (
        "Inconclusive at 95 % confidence: Dy2O3 is 27 ppm (threshold 25 ppm, 3 sites). The bounds, 16.75 ppm and"
        " 61.85 ppm, lie on either side of 25 ppm. 24 more sites like these would settle it."
    )
