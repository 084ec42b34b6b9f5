"""What differs between policies and between decisions, in sentences: exact, and silent about what is the same."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.reports.differences import differences, policy_differences

POLICY = {
    "criteria": [
        {"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3", "threshold_ppm": 25},
        {"analyte": "Tb", "metric": "grade", "oxide": "Tb4O7", "threshold_ppm": 4.0},
    ],
    "alpha": 0.05,
    "alpha_reject": 0.01,
    "weighting": "equal",
    "basis": "total-fusion",
}
SAMPLE = {
    "id": "KC000001X",
    "site": "pit 1",
    "basis": "total-fusion",
    "values": {"Dy": "30.1 ppm", "Tb": "5.3 ppm"},
}
DECISION = {
    "outcome": "FLAGGED",
    "provisional": False,
    "criteria": [{"name": "Dy₂O₃", "outcome": "FLAGGED", "shown": "30.6 to 37.5 ppm around 33.2 (8 sites)"}],
    "case": {"policy": POLICY, "samples": [SAMPLE], "qc": {"Dy": "pass"}},
    "certificates": ["VA1"],
    "versions": [("Computation", "2026.1")],
}


def changed(path, value):
    made = copy.deepcopy(DECISION)
    place = made
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return made


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"criteria": POLICY["criteria"][:1]}, ["Tb₄O₇ is asked for no longer (it was 4 ppm)."]),
        (
            {"criteria": [{**POLICY["criteria"][0], "threshold_ppm": 28}, POLICY["criteria"][1]]},
            ["Dy₂O₃ must reach 28 ppm instead of 25 ppm."],
        ),
        (
            {"criteria": [*POLICY["criteria"], {"analyte": "TREO", "metric": "grade", "oxide": "TREO", "threshold_ppm": 800}]},
            ["TREO must reach 800 ppm; it was not asked for."],
        ),
        ({"alpha": 0.1}, ["A flag takes 90 % confidence instead of 95 %."]),
        ({"alpha_reject": 0.05}, ["No flag takes 95 % confidence instead of 99 %."]),
        ({"weighting": "mass"}, ["Now sites weigh by dry mass; before, every site weighs the same."]),
        (
            {"prior": {"relative": 0.5, "df": 8}},
            ["What earlier batches tell of the spread: 50 % with 8 degrees of freedom instead of none."],
        ),
        ({"repeatability": 0.02}, ["The least spread: 2 % instead of none."]),
        ({}, []),
    ],
)  # fmt: skip
def test_what_a_policy_asks_otherwise(change, said):
    assert policy_differences(POLICY, POLICY | change) == said


def test_another_basis_is_named():
    (said,) = policy_differences(POLICY, POLICY | {"basis": "leachable"})
    assert said.startswith("Results count on leachable")


@pytest.mark.parametrize(
    ("path", "value", "where", "said"),
    [
        (("outcome",), "INCONCLUSIVE", "outcome", ["Flagged became inconclusive."]),
        (("provisional",), True, "outcome", ["It is provisional now."]),
        (("case", "qc", "Dy"), "fail", "qc", ["Dy: QC says fail, before pass."]),
        (("case", "blank_excess"), {"Dy": "0.4 ppm"}, "qc", ["Dy: blanks may have carried over 0.4 ppm, before nothing."]),
        (("case", "samples", 0, "excluded"), "after", "samples", ["KC-000001-X is left out (after its results were seen)."]),
        (("case", "samples", 0, "incident"), "Seal broken", "samples", ["KC-000001-X: an incident keeps it out: Seal broken."]),
        (("case", "samples", 0, "site"), "pit 2", "samples", ["KC-000001-X: its site is pit 2; before, pit 1."]),
        (("case", "samples", 0, "mass_kg"), 2.1, "samples", ["KC-000001-X: its dry mass is 2.1 kg; before, not known."]),
        (("case", "samples"), [], "samples", ["KC-000001-X is in the batch no longer."]),
        (("certificates",), ["VA1", "VA2"], "certificates", ["VA2 came in."]),
        (("certificates",), [], "certificates", ["VA1 counts no longer."]),
        (("versions",), [("Computation", "2026.2")], "computed", ["Computation: 2026.2 instead of 2026.1."]),
        (("case", "look"), 2, "computed", ["It is look 2, before look at a frozen plan."]),
    ],
)  # fmt: skip
def test_what_a_decision_rests_on_otherwise(path, value, where, said):
    assert list(getattr(differences(DECISION, changed(path, value)), where)) == said


def test_a_value_that_changed_is_a_row_and_one_that_came_has_no_before():
    found = differences(
        DECISION,
        changed(("case", "samples", 0, "values"), {"Dy": "31 ppm", "Tb": "5.3 ppm", "U": "<0.05 ppm"}),
    )
    assert [(one.tag, one.name, one.before, one.after) for one in found.values] == [
        ("KC-000001-X", "Dy", "30.1 ppm", "31 ppm"),
        ("KC-000001-X", "U", "", "<0.05 ppm"),
    ]


def test_a_criterion_that_turned_says_from_what_to_what():
    row = {"name": "Dy₂O₃", "outcome": "INCONCLUSIVE", "shown": "20 to 37 ppm around 30 (8 sites)"}
    found = differences(DECISION, changed(("criteria",), [row]))
    assert list(found.outcome) == [
        (
            "Dy₂O₃: inconclusive (flagged before), 20 to 37 ppm around 30 (8 sites);"
            " before, 30.6 to 37.5 ppm around 33.2 (8 sites)."
        )
    ]


@given(st.sampled_from(["equal", "mass"]), st.floats(0.001, 0.4), st.floats(0.001, 0.4))
def test_nothing_differs_from_itself(weighting, alpha, alpha_reject):
    policy = POLICY | {"weighting": weighting, "alpha": alpha, "alpha_reject": alpha_reject}
    assert policy_differences(policy, copy.deepcopy(policy)) == []
    assert not differences(DECISION, copy.deepcopy(DECISION))
