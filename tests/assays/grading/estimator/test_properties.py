"""What must hold for any numbers: order, units, forms, order of bounds, censoring, weights."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.chemistry.oxides import factor
from tests.assays.grading.estimator.cases import DY, ELEMENTS, SHARE, TREO, case, decide, dy, first, sample
from tests.assays.grading.estimator.test_share import OXIDES, row

GRADES = st.lists(st.floats(0.01, 10_000).map(lambda x: float(f"{x:.6g}")), min_size=3, max_size=12)
BIAS = st.sampled_from([{"relative": 0, "df": 20}, {"relative": 0.03, "df": 20}, {"relative": 0.2, "df": 3}])
PRIOR = st.sampled_from([None, {"relative": 0.5, "df": 8}])
NUMBERS = ("n", "n_eff", "mean", "s", "u", "df", "lower", "upper")


def same(one, other, names=NUMBERS):
    """Compare numbers, null with null only."""
    for name in names:
        assert one[name] == (
            None if other[name] is None else pytest.approx(other[name], rel=1e-6, abs=1e-9)
        ), name


@given(GRADES, BIAS, PRIOR)
def test_the_mean_lies_between_its_bounds(values, bias, prior):
    found = first(dy(*values, bias=bias, prior=prior))
    assert found["lower"] <= found["mean"] <= found["upper"]
    assert found["u"] >= 0


@given(GRADES, BIAS, st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter(values, bias, random):
    data = dy(*values, bias=bias)
    shuffled = copy.deepcopy(data)
    random.shuffle(shuffled["samples"])
    same(first(shuffled), first(data))
    assert first(shuffled)["outcome"] == first(data)["outcome"]


@given(GRADES, BIAS)
def test_units_and_forms_do_not_matter(values, bias):
    plain = dy(*values, bias=bias)
    other = copy.deepcopy(plain)
    written = [
        lambda x: ("Dy2O3", f"{x / 10_000!r} %"),
        lambda x: ("Dy2O3", f"{x * 1000!r} ppb"),
        lambda x: ("Dy2O3", f"{x!r} g/t"),
        lambda x: ("Dy", f"{x / factor('Dy2O3')!r} mg/kg"),
    ]
    for number, (one, x) in enumerate(zip(other["samples"], values, strict=True)):
        name, text = written[number % 4](x)
        one["values"] = {name: text}
    same(first(other), first(plain))


@given(GRADES, BIAS, PRIOR, st.floats(0.01, 50))
def test_everything_scales_with_the_values(values, bias, prior, times):
    """With a threshold that grows along, the outcome stays."""
    plain = first(dy(*values, bias=bias, prior=prior))
    criterion = DY | {"threshold_ppm": 25 * times}
    rows = [sample(n, {"Dy2O3": f"{x * times!r} ppm"}) for n, x in enumerate(values, 1)]
    scaled = first(case(rows, criterion, bias=bias, prior=prior))
    for name in ("mean", "s", "u", "lower", "upper"):
        assert scaled[name] == pytest.approx(plain[name] * times, rel=1e-6, abs=1e-9)
    if min(abs(plain["lower"] - 25), abs(plain["upper"] - 25)) > 1e-6:
        assert (scaled["outcome"], scaled["more_samples"]) == (plain["outcome"], plain["more_samples"])


@given(GRADES, st.floats(0.1, 1e6))
def test_equal_masses_are_equal_weights(values, mass):
    rows = [sample(n, {"Dy2O3": f"{x!r} ppm"}, mass_kg=mass) for n, x in enumerate(values, 1)]
    same(first(case(rows, weighting="mass")), first(case(rows)))


@given(GRADES, st.lists(st.floats(0.5, 50), min_size=12, max_size=12), st.floats(1e-3, 1e3))
def test_the_unit_of_masses_does_not_matter(values, masses, times):
    def weighted(scale):
        rows = [
            sample(n, {"Dy2O3": f"{x!r} ppm"}, mass_kg=m * scale)
            for n, (x, m) in enumerate(zip(values, masses, strict=False), 1)
        ]
        return first(case(rows, weighting="mass"))

    same(weighted(times), weighted(1.0))


@given(GRADES)
def test_sites_of_one_sample_are_samples(values):
    plain = dy(*values)
    sited = copy.deepcopy(plain)
    for one in sited["samples"]:
        one["site"] = f"pit {one['id']}"
    assert first(sited) == first(plain)


@given(GRADES, st.integers(0, 11), BIAS)
def test_a_sites_samples_count_once_however_many(values, number, bias):
    data = dy(*values, bias=bias)
    chosen = data["samples"][number % len(values)]
    chosen["site"] = "pit"
    more = copy.deepcopy(data)
    more["samples"].append(chosen | {"id": "again"})
    same(first(more), first(data))


@given(GRADES, st.integers(0, 11), st.sampled_from([0.0, 0.01, 0.5, 0.99, 1.0]), BIAS)
def test_below_detection_encloses_whatever_it_really_is_in_mean(values, number, part, bias):
    """The true value lies between 0 and L, so the clipped mean is no higher, and the mean at the limit no lower."""
    number %= len(values)
    limit = values[number]
    censored, true = list[float | str](values), list[float | str](values)
    censored[number] = f"<{limit!r} ppm"
    true[number] = part * limit
    low, found, high = (first(dy(*which, bias=bias)) for which in (censored, true, values))
    assert low["mean"] <= found["mean"] * (1 + 1e-9)
    assert found["mean"] <= high["mean"] * (1 + 1e-9)
    assert low["upper"] == high["upper"]
    assert low["lower"] == first(dy(*[*values[:number], 0.0, *values[number + 1 :]], bias=bias))["lower"]


@given(GRADES, st.integers(0, 11))
def test_over_range_is_never_rejected(values, number):
    texts = [f"{x!r} ppm" for x in values]
    texts[number % len(texts)] = f">{texts[number % len(texts)]}"
    found = first(dy(*texts))
    assert found["upper"] is None
    assert found["outcome"] in {"FLAGGED", "INCONCLUSIVE"}


@given(GRADES, BIAS, st.integers(1, 6))
def test_each_look_asks_for_more(values, bias, look):
    data = dy(*values, bias=bias)
    bounds = [first(data | {"look": k})["lower"] for k in (look, look + 1)]
    assert bounds[1] <= bounds[0] <= first(data)["lower"]


@given(GRADES, BIAS, st.integers(0, 1000).map(lambda n: n / 10))
def test_blank_excess_only_lowers(values, bias, excess):
    data = dy(*values, bias=bias)
    found, plain = first(data | {"blank_excess": {"Dy2O3": f"{excess!r} ppm"}}), first(data)
    assert found["lower"] == pytest.approx(plain["lower"] - excess, rel=1e-6, abs=1e-6)
    assert found["upper"] == plain["upper"]


@given(GRADES, BIAS)
def test_a_prior_only_widens_the_spread(values, bias):
    plain, informed = (
        first(dy(*values, bias=bias)),
        first(dy(*values, bias=bias, prior={"relative": 0.5, "df": 8})),
    )
    assert informed["s"] >= plain["s"]
    assert informed["mean"] == plain["mean"]


@given(GRADES, BIAS)
def test_more_samples_as_told_do_settle_it(values, bias):
    """Copies of the whole plan keep the mean; spread over more sites it is no wider than was promised."""
    data = dy(*values, bias=bias)
    found = first(data)
    if found["more_samples"] is None or found["more_samples"] > 60:
        return
    copies = -(-found["more_samples"] // len(values)) + 1
    many = [sample(n, {"Dy2O3": f"{x!r} ppm"}) for n, x in enumerate(values * copies, 1)]
    assert first(case(many, bias=bias))["outcome"] in {"FLAGGED", "NOT_FLAGGED"}


SHARES = st.lists(st.tuples(st.floats(0.5, 50), st.floats(100, 10_000)), min_size=3, max_size=6)


@given(SHARES, st.floats(0.01, 50))
def test_a_share_knows_no_unit(pairs, times):
    plain = first(case([row(n, x, y) for n, (x, y) in enumerate(pairs, 1)], SHARE, TREO))
    scaled = first(case([row(n, x * times, y * times) for n, (x, y) in enumerate(pairs, 1)], SHARE, TREO))
    same(scaled, plain)
    assert 0 < plain["mean"] < 100
    assert plain["lower"] <= plain["mean"] <= plain["upper"]


@given(SHARES)
def test_the_answer_is_json_without_surprises(pairs):
    answered = decide(case([row(n, x, y) for n, (x, y) in enumerate(pairs, 1)], SHARE, TREO))
    assert list(answered) == ["decision", "provisional", "sentence", "criteria", "warnings"]
    for one in answered["criteria"]:
        assert list(one) == [
            "analyte", "outcome", "n", "n_eff", "mean", "s", "u", "df", "lower", "upper", "threshold", "censored",
            "reason", "more_samples",
        ]  # fmt: skip
        assert one["reason"].endswith(".")


AMOUNT = st.sampled_from([0.0, 1e-300, 1e-9, 0.05, 1.0, 25.0, 1e3, 1e5, 1e6])
TEXT = st.tuples(
    st.sampled_from(["", "", "", "<", ">"]), AMOUNT, st.sampled_from(["ppm", "ppm", "ppm", "ppx", ""])
).map(lambda parts: f"{parts[0]}{parts[1]!r} {parts[2]}")
ODD = st.fixed_dictionaries(
    {"values": st.dictionaries(st.sampled_from(["Dy", "Tb", "La"]), TEXT)},
    optional={
        "mass_kg": st.sampled_from([1e-300, 1.0, 9e11]),
        "site": st.sampled_from(["a", "b"]),
        "excluded": st.sampled_from(["before", "after"]),
    },
)
POLICY = st.fixed_dictionaries(
    {"alpha": st.sampled_from([0.05, 1e-300, 0.499]), "alpha_reject": st.sampled_from([0.01, 1e-300])},
    optional={
        "weighting": st.just("mass"),
        "bias": st.sampled_from([None, {"relative": 9, "df": 1e-300}, {"relative": 1e-12, "df": 1e300}]),
        "prior": st.sampled_from([{"relative": 9, "df": 1e300}, {"relative": 1e-12, "df": 1e-300}]),
        "repeatability": st.sampled_from([0, 0.02]),
    },
)


@given(st.lists(ODD, max_size=6), POLICY, st.sampled_from([None, 1, 9999]))
def test_any_case_that_can_be_read_is_answered_in_json(samples, policy, look):
    """However odd the numbers: no bound is infinite, and no arithmetic breaks."""
    rest = {f"{OXIDES.get(e, e + '2O3')}": "10 ppm" for e in ELEMENTS if e not in {"Dy", "Tb", "La"}}
    rows = [sample(n, rest | one.pop("values"), **one) for n, one in enumerate(map(dict, samples), 1)]
    data = case(rows, DY, SHARE, TREO, **policy) | {"look": look}
    answered = json.loads(json.dumps(decide(data), allow_nan=False))
    assert answered["decision"] in {"FLAGGED", "NOT_FLAGGED", "INCONCLUSIVE", "BLOCKED_QC", "BLOCKED_DATA"}
    for one in answered["criteria"]:
        if one["outcome"] == "FLAGGED":
            assert one["lower"] >= one["threshold"]
        if one["outcome"] == "NOT_FLAGGED":
            assert one["upper"] < one["threshold"]
