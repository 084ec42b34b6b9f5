"""What a case may be: every problem is named, each at its place; nothing is guessed."""

import copy
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.grading.estimator import read_case
from lims.errors import Invalid

GOOD = {
    "policy": {
        "criteria": [
            {"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3", "threshold_ppm": 25},
            {"analyte": "Tb", "metric": "share", "oxide": "Tb4O7", "of": "TREO", "threshold_pct": 0.5},
            {"analyte": "TREO", "metric": "grade", "oxide": "TREO", "threshold_ppm": 100000},
        ],
        "alpha": 0.05,
        "alpha_reject": 0.01,
        "weighting": "mass",
        "bias": {"relative": 0.03, "df": 20},
        "prior": {"relative": 0.5, "df": 8},
        "repeatability": 0.02,
        "basis": "total-fusion",
    },
    "samples": [
        {
            "id": "S1",
            "site": "pit 3",
            "mass_kg": 2.1,
            "basis": "total-fusion",
            "values": {"Dy": "28.4 ppm", "Tb4O7": "0.00053 %"},
            "duplicates": {"Dy": ["27.9 ppm"]},
        },
        {"id": "S2", "mass_kg": 1.8, "basis": "total-fusion", "values": {"Dy": "<0.05 ppm", "Tb": "4.98 g/t"}, "excluded": "after", "incident": "open"},
    ],
    "qc": {"Dy": "pass", "Tb": "fail", "TREO": "none"},
    "blank_excess": {"Dy": "0.4 ppm", "Tb4O7": "0.1 ppm"},
    "look": 1,
    "preliminary": False,
    "awaited": 2,
}  # fmt: skip
GONE = object()


def changed(path, value):
    """Return the good case with something else at a path such as samples.0.id; GONE takes it away."""
    case = copy.deepcopy(GOOD)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inside = case
    for step in way:
        inside = inside[step]
    if value is GONE:
        del inside[last]
    else:
        inside[last] = value
    return case


def problems_of(case):
    with pytest.raises(Invalid) as refusal:
        read_case(case)
    return [(problem.place.field, problem.code) for problem in refusal.value.problems]


def test_the_whole_of_it_is_read():
    case = read_case(GOOD)
    assert [one.name for one in case.rule.criteria] == ["Dy2O3", "Tb4O7/TREO", "TREO"]
    assert (case.rule.alpha, case.rule.alpha_reject, case.rule.weighting) == (0.05, 0.01, "mass")
    assert (case.rule.bias[""].relative, case.rule.bias[""].df) == (0.03, 20)
    assert case.rule.prior is not None
    assert (case.rule.prior.relative, case.rule.prior.df, case.rule.repeatability) == (0.5, 8, 0.02)
    one, two = case.samples
    assert (one.id, one.site, one.mass_kg, one.basis, one.excluded) == (
        "S1",
        "pit 3",
        2.1,
        "total-fusion",
        None,
    )
    assert one.values["Dy"].low == pytest.approx((28.4 + 27.9) / 2)
    assert one.values["Tb"].low == pytest.approx(5.3 / 1.176167, rel=1e-6)
    assert (two.values["Dy"].low, two.values["Dy"].high, two.values["Dy"].below) == (0, 0.05, True)
    assert (two.excluded, two.incident) == ("after", "open")
    assert case.qc == {"Dy": "pass", "Tb": "fail", "TREO": "none"}
    assert case.blank_excess == {"Dy": 0.4, "Tb": pytest.approx(0.1 / 1.176167, rel=1e-6)}
    assert (case.look, case.preliminary, case.awaited) == (1, False, 2)


@pytest.mark.parametrize(
    "path",
    ["policy.weighting", "policy.bias", "policy.prior", "policy.repeatability", "policy.basis", "samples.0.site",
     "samples.0.mass_kg", "samples.0.basis", "samples.1.excluded", "samples.0.duplicates", "samples.1.incident", "qc",
     "blank_excess", "look", "preliminary", "awaited", "policy.bias.df"],
)  # fmt: skip
def test_what_may_be_absent(path):
    assert read_case(changed(path, GONE)).rule.alpha == 0.05


@pytest.mark.parametrize(
    "path",
    ["samples.0.site", "samples.0.mass_kg", "samples.0.basis", "samples.0.excluded", "look", "policy.prior"],
)
def test_null_is_absent(path):
    assert read_case(changed(path, None)) == read_case(
        changed(path, GONE) if path != "samples.0.excluded" else GOOD
    )


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("policy", "policy"),
        ("samples", "samples"),
        ("policy.criteria", "policy.criteria"),
        ("policy.alpha", "policy.alpha"),
        ("policy.alpha_reject", "policy.alpha_reject"),
        ("policy.criteria.0.analyte", "policy.criteria[0].analyte"),
        ("policy.criteria.0.metric", "policy.criteria[0].metric"),
        ("policy.criteria.0.oxide", "policy.criteria[0].oxide"),
        ("policy.criteria.0.threshold_ppm", "policy.criteria[0].threshold_ppm"),
        ("policy.criteria.1.threshold_pct", "policy.criteria[1].threshold_pct"),
        ("policy.bias.relative", "policy.bias.relative"),
        ("policy.prior.df", "policy.prior.df"),
        ("samples.0.id", "samples[0].id"),
        ("samples.1.values", "samples[1].values"),
    ],
)
def test_what_may_not_be_absent(path, place):
    found = problems_of(changed(path, GONE))
    assert (place, "field-required") in found


WRONG = [
    ("policy.criteria", [], "policy.criteria", "criteria-none"),
    ("policy.criteria", {}, "policy.criteria", "list-expected"),
    ("policy.criteria.0", "Dy", "policy.criteria[0]", "object-expected"),
    ("policy.criteria.0.analyte", "Xx", "policy.criteria[0].analyte", "analyte-unknown"),
    ("policy.criteria.0.analyte", "O", "policy.criteria[0].analyte", "analyte-unknown"),
    ("policy.criteria.0.oxide", "Tb4O7", "policy.criteria[0].oxide", "oxide-of-another"),
    ("policy.criteria.0.oxide", "Dy", "policy.criteria[0].oxide", "oxide-of-another"),
    ("policy.criteria.2.oxide", "HREO", "policy.criteria[2].oxide", "oxide-of-another"),
    ("policy.criteria.0.metric", "mean", "policy.criteria[0].metric", "choice-unknown"),
    ("policy.criteria.0.of", "TREO", "policy.criteria[0].of", "field-unknown"),
    ("policy.criteria.0.threshold_pct", 3, "policy.criteria[0].threshold_pct", "field-unknown"),
    ("policy.criteria.1.of", "Dy", "policy.criteria[1].of", "share-malformed"),
    ("policy.criteria.1.threshold_pct", 101, "policy.criteria[1].threshold_pct", "number-impossible"),
    ("policy.criteria.0.threshold_ppm", 1_000_001, "policy.criteria[0].threshold_ppm", "number-impossible"),
    ("policy.criteria.0.threshold_ppm", 0, "policy.criteria[0].threshold_ppm", "number-impossible"),
    ("policy.criteria.0.threshold_ppm", -25, "policy.criteria[0].threshold_ppm", "number-impossible"),
    ("policy.criteria.0.threshold_ppm", math.nan, "policy.criteria[0].threshold_ppm", "not-a-number"),
    ("policy.criteria.0.threshold_ppm", math.inf, "policy.criteria[0].threshold_ppm", "not-a-number"),
    ("policy.criteria.0.threshold_ppm", 10**400, "policy.criteria[0].threshold_ppm", "not-a-number"),
    ("policy.criteria.0.threshold_ppm", True, "policy.criteria[0].threshold_ppm", "not-a-number"),
    ("policy.criteria.0.threshold_ppm", "25", "policy.criteria[0].threshold_ppm", "not-a-number"),
    ("policy.alpha", 0, "policy.alpha", "number-impossible"),
    ("policy.alpha", 0.5, "policy.alpha", "number-impossible"),
    ("policy.alpha_reject", 1, "policy.alpha_reject", "number-impossible"),
    ("policy.weighting", "count", "policy.weighting", "choice-unknown"),
    ("policy.repeatability", -0.1, "policy.repeatability", "number-impossible"),
    ("policy.bias.relative", -0.1, "policy.bias.relative", "number-impossible"),
    ("policy.bias.df", 0, "policy.bias.df", "number-impossible"),
    ("policy.bias.sd", 1, "policy.bias.sd", "field-unknown"),
    ("policy.bias", {"Xx": {"relative": 0.1}}, "policy.bias.Xx", "analyte-unknown"),
    ("policy.prior.relative", 0, "policy.prior.relative", "number-impossible"),
    ("policy.prior", 0.5, "policy.prior", "object-expected"),
    ("policy.owner", "me", "policy.owner", "field-unknown"),
    ("note", "x", "note", "field-unknown"),
    ("samples", {}, "samples", "list-expected"),
    ("samples.0", [], "samples[0]", "object-expected"),
    ("samples.0.id", 1, "samples[0].id", "text-expected"),
    ("samples.0.id", " ", "samples[0].id", "text-expected"),
    ("samples.1.id", "S1", "samples[1].id", "duplicate-id"),
    ("samples.1.id", " S1 ", "samples[1].id", "duplicate-id"),
    ("samples.0.mass_kg", 0, "samples[0].mass_kg", "number-impossible"),
    ("samples.0.mass_kg", -2.1, "samples[0].mass_kg", "number-impossible"),
    ("samples.0.mass_kg", "2.1", "samples[0].mass_kg", "not-a-number"),
    ("samples.0.mass_kg", 1e300, "samples[0].mass_kg", "number-impossible"),
    ("samples.0.mass_kg", False, "samples[0].mass_kg", "not-a-number"),
    ("samples.0.basis", 3, "samples[0].basis", "text-expected"),
    ("samples.0.site", "", "samples[0].site", "text-expected"),
    ("samples.0.excluded", "later", "samples[0].excluded", "choice-unknown"),
    ("samples.0.excluded", True, "samples[0].excluded", "choice-unknown"),
    ("samples.0.weight", 1, "samples[0].weight", "field-unknown"),
    ("samples.0.values", [], "samples[0].values", "object-expected"),
    ("samples.0.values.Dy", 28.4, "samples[0].values.Dy", "text-expected"),
    ("samples.0.values.Dy", None, "samples[0].values.Dy", "text-expected"),
    ("samples.0.values.Dy", "28,4 ppm", "samples[0].values.Dy", "quantity-malformed"),
    ("samples.0.values.Dy", "28.4.1 ppm", "samples[0].values.Dy", "quantity-malformed"),
    ("samples.0.values.Dy", "1 000 ppm", "samples[0].values.Dy", "quantity-malformed"),
    ("samples.0.values.Dy", "NaN ppm", "samples[0].values.Dy", "quantity-malformed"),
    ("samples.0.values.Dy", "-1 ppm", "samples[0].values.Dy", "quantity-negative"),
    ("samples.0.values.Dy", "100.1 %", "samples[0].values.Dy", "number-impossible"),
    ("samples.0.values.Dy", "1e12 ppb", "samples[0].values.Dy", "number-impossible"),
    ("samples.0.values.Dy", "1e400 ppm", "samples[0].values.Dy", "number-impossible"),
    ("samples.0.values.Dy", "1e4000 ppm", "samples[0].values.Dy", "quantity-malformed"),
    ("samples.0.values.Xx", "1 ppm", "samples[0].values.Xx", "analyte-unknown"),
    ("samples.0.values.dy", "1 ppm", "samples[0].values.dy", "analyte-unknown"),
    ("samples.0.values.Dy2O3", "1 ppm", "samples[0].values.Dy2O3", "analyte-twice"),
    ("samples.0.values.Tb2O3", "1 ppm", "samples[0].values.Tb2O3", "analyte-twice"),
    ("samples.0.duplicates.Tb", ["1 ppm"], "samples[0].duplicates.Tb", "duplicate-without-value"),
    ("samples.0.duplicates.Dy", "1 ppm", "samples[0].duplicates.Dy", "list-expected"),
    ("samples.0.duplicates.Dy", ["1 ppm", "-1 ppm"], "samples[0].duplicates.Dy[1]", "quantity-negative"),
    ("qc", [], "qc", "object-expected"),
    ("qc.Dy", "ok", "qc.Dy", "choice-unknown"),
    ("qc.Dy", True, "qc.Dy", "choice-unknown"),
    ("qc.Xx", "pass", "qc.Xx", "analyte-unknown"),
    ("blank_excess.Dy", 0.4, "blank_excess.Dy", "text-expected"),
    ("blank_excess.Dy", "<0.4 ppm", "blank_excess.Dy", "quantity-malformed"),
    ("blank_excess.Dy", "0.4 mg/L", "blank_excess.Dy", "unit-of-liquid"),
    ("blank_excess.Dy", "0.4", "blank_excess.Dy", "quantity-malformed"),
    ("blank_excess.Dy2O3", "0.4 ppm", "blank_excess.Dy2O3", "analyte-twice"),
    ("blank_excess.Dy", "1e400 ppm", "blank_excess.Dy", "number-impossible"),
    ("blank_excess.Xx", "0.4 ppm", "blank_excess.Xx", "analyte-unknown"),
    ("look", 0, "look", "number-impossible"),
    ("look", 1.5, "look", "number-impossible"),
    ("look", True, "look", "number-impossible"),
    ("awaited", -1, "awaited", "number-impossible"),
    ("preliminary", "no", "preliminary", "true-or-false-expected"),
    ("preliminary", 1, "preliminary", "true-or-false-expected"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place", "code"), WRONG)
def test_each_problem_is_named_at_its_place(path, value, place, code):
    found = problems_of(changed(path, value))
    assert (place, code) in found
    assert all(field.startswith(place.split("[", maxsplit=1)[0].split(".")[0]) for field, _ in found)


def test_all_problems_are_named_at_once():
    case = changed("policy.alpha", 2)
    case["samples"][0]["values"]["Dy"] = "a lot"
    case["samples"][1]["id"] = "S1"
    assert problems_of(case) == [
        ("policy.alpha", "number-impossible"),
        ("samples[0].values.Dy", "quantity-malformed"),
        ("samples[1].id", "duplicate-id"),
    ]


@pytest.mark.parametrize("data", [None, 1, "case", [], True])
def test_what_is_no_object_is_no_case(data):
    assert problems_of(data)[0] == (None, "object-expected")


@pytest.mark.parametrize("text", ["1 ppx", "1", "1 kg", "1 mg/L", "<1 ug/l"])
def test_an_unusable_unit_is_no_error_of_the_input(text):
    case = read_case(changed("samples.0.values.Dy", text))
    assert set(case.samples[0].unreadable) == {"Dy"}
    assert "Dy" not in case.samples[0].values


def test_an_unusable_unit_of_a_duplicate_takes_its_value_along():
    assert set(read_case(changed("samples.0.duplicates.Dy", ["1 ppx"])).samples[0].unreadable) == {"Dy"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.just("1 ppm"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["policy", "samples", "id", "values", "Dy", "criteria", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
PATHS = ["policy", "samples", "qc", "look", "policy.criteria", "policy.criteria.0", "policy.bias", "policy.prior",
         "samples.0", "samples.0.values", "samples.0.values.Dy", "samples.0.duplicates", "samples.0.mass_kg"]  # fmt: skip


@given(st.sampled_from(PATHS), JSON)
def test_anything_is_a_case_or_a_list_of_named_problems(path, value):
    try:
        read_case(changed(path, value))
    except Invalid as refusal:
        for problem in refusal.problems:
            assert problem.code
            assert problem.message
            json.dumps(problem.as_dict())
