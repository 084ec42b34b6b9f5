"""b of methods and spreads of deposits: the arithmetic against an independent one, proposals, and their adoption."""

import math
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assays.catalogue import services as catalogue
from assays.catalogue.models import Method
from assays.grading import services
from assays.grading.adopting import adopt_evidence
from assays.grading.casework import gather
from assays.grading.deciding import decide_batch
from assays.grading.models import Decision
from assays.grading.proposals import bias_proposals, prior_proposals
from assays.grading.uncertainty import (
    Components,
    adopted_b,
    adopted_prior,
    components,
    pooled_spread,
)
from lims.errors import Invalid, NotPermitted
from tests.assays.grading.ground import TESTS, Ground, make_ground
from tests.assays.grading.test_services import approved
from tests.support.people import person

DEVIATIONS = st.floats(-0.5, 0.5, allow_nan=False)
LATER = timezone.localdate() + timedelta(days=365)
#: first and second reading of CRM-7 (Dy, Tb) in five runs: certified 24 and 4
READINGS = [(("24.1", "4.02"), ("23.8", "3.97")), (("24.4", "4.05"), ("24.2", "4.03")), (("23.7", "3.95"), ("23.9", "3.99")),
            (("24.3", "4.06"), ("24.5", "4.04")), (("24.0", "4.01"), ("24.2", "3.98"))]  # fmt: skip


# --- The arithmetic ---------------------------------------------------------------------------------


@given(st.lists(st.tuples(DEVIATIONS, DEVIATIONS), min_size=5, max_size=30))
def test_variance_components_are_those_of_a_balanced_analysis_of_variance(runs):
    found = components(runs, 0.01)
    table = np.array(runs)
    within = table.var(axis=1, ddof=1).mean()
    between = 2 * table.mean(axis=1).var(ddof=1)
    assert found is not None
    assert math.isclose(found.s_within, math.sqrt(within), rel_tol=1e-9, abs_tol=1e-12)
    assert math.isclose(found.s_run**2, max(0.0, (between - within) / 2), rel_tol=1e-7, abs_tol=1e-12)
    assert math.isclose(found.bias, table.mean(), rel_tol=1e-9, abs_tol=1e-12)
    assert (found.runs, found.results) == (len(runs), 2 * len(runs))


@given(st.lists(st.lists(DEVIATIONS, min_size=1, max_size=4), min_size=5, max_size=20), st.floats(0, 0.2))
def test_b_is_never_below_any_of_its_parts_and_more_runs_of_a_batch_never_make_it_larger(runs, reference):
    found = components(runs, reference)
    assert found is not None
    b = found.relative()
    assert b >= max(abs(found.bias), found.u_reference, found.s_run) * (1 - 1e-12)
    assert found.relative(4) <= found.relative(2) <= b
    assert 4 <= found.df <= 20


def test_one_result_a_run_puts_all_scatter_between_runs():
    found = components([[0.01], [0.03], [-0.01], [0.02], [0.0]], 0.0)
    assert found is not None
    assert found.s_within == 0
    assert math.isclose(found.s_run, np.std([0.01, 0.03, -0.01, 0.02, 0.0], ddof=1))


@pytest.mark.parametrize("runs", [[], [[0.01]] * 4, [[0.01, 0.02]] * 4 + [[]]])
def test_fewer_than_five_runs_say_nothing(runs):
    assert components(runs, 0.01) is None


def test_b_by_hand():
    # 0.02² + 0.01² + 0.015² (1/2 + 1/25) + 0.01²/50 = 0.0006235
    assert math.isclose(Components(0.02, 0.01, 0.015, 0.01, 25, 50).relative(2), math.sqrt(0.0006235))


@given(st.lists(st.tuples(st.floats(0.01, 3), st.integers(2, 30)), min_size=1, max_size=12))
def test_a_pooled_spread_lies_between_the_smallest_and_the_largest(batches):
    found = pooled_spread(batches)
    df = sum(n - 1 for _, n in batches)
    if df < 4:
        assert found is None
        return
    assert found is not None
    assert found.df == df
    assert min(cv for cv, _ in batches) <= found.relative * (1 + 1e-9)
    assert found.relative <= max(cv for cv, _ in batches) * (1 + 1e-9)


def test_batches_without_spread_propose_none():
    assert pooled_spread([(0.0, 9), (0.0, 9)]) is None


def test_what_is_adopted_is_found_by_method_and_analyte_and_by_deposit():
    made_of = {"bias": 0.02, "u_reference": 0.01, "s_run": 0.015, "s_within": 0.01, "runs": 25, "results": 50}
    lines = [{"method": "m", "analyte": "Dy", "df": 20, **made_of}]
    b, df = adopted_b(lines, "m", "Dy", 1) or (0, 0)
    assert (round(b, 6), df) == (0.027129, 20)
    assert adopted_b(lines, "m", "Tb", 1) is None
    assert adopted_b(lines, "other", "Dy", 1) is None
    priors = [{"mine": "a", "relative": 0.4, "df": 9, "batches": ["B-1"]}]
    assert adopted_prior(priors, "a", "B-2") == {"relative": 0.4, "df": 9}
    assert adopted_prior(priors, "a", "B-1") is None
    assert adopted_prior(priors, "b", "B-2") is None


# --- Proposals and adoption -------------------------------------------------------------------------


@pytest.fixture
def ground(db) -> Ground:
    return make_ground()


def five_runs(ground: Ground) -> None:
    for place, (first, second) in enumerate(READINGS):
        qc = [("CRM-7", *first), ("LIME", "<0.05", "<0.01"), ("CRM-7", *second)]
        approved(ground, f"NFC-{place + 1}", qc=qc)


def test_five_runs_of_a_material_propose_b(ground):
    five_runs(ground)
    found = {one.analyte: one for one in bias_proposals(ground.manager, ground.policy)}
    assert set(found) == {"Dy", "Tb"}
    dy = found["Dy"]
    deviations = [[(float(dy) - 24) / 24 for dy, _ in pair] for pair in READINGS]
    expected = components(deviations, 0.6 / 24)
    assert expected is not None
    assert math.isclose(dy.made_of.relative(), expected.relative(), rel_tol=1e-12)
    assert (dy.material, dy.code, dy.suggested, dy.u95_known) == ("CRM-7", "NFC-MS", True, False)
    assert (dy.made_of.runs, dy.made_of.results) == (5, 10)


def test_the_u95_of_the_certificate_goes_before_its_standard_deviation(ground):
    five_runs(ground)
    material = catalogue.add_material(
        actor=TESTS, code="CRM-7", lot="2", kind="CRM", description="Clay", maker="Somebody"
    )
    catalogue.certify(
        actor=TESTS,
        material=material,
        analyte="Dy",
        basis="total-fusion",
        value_ppm=Decimal(24),
        sd_ppm=Decimal("0.6"),
        u95_ppm=Decimal("0.24"),
    )
    (dy,) = [one for one in bias_proposals(ground.manager, ground.policy) if one.analyte == "Dy"]
    assert dy.u95_known
    assert math.isclose(dy.made_of.u_reference, 0.005)


def test_four_runs_propose_nothing_and_others_see_nothing(ground):
    for place, (first, second) in enumerate(READINGS[:4]):
        qc = [("CRM-7", *first), ("LIME", "<0.05", "<0.01"), ("CRM-7", *second)]
        approved(ground, f"NFC-{place + 1}", qc=qc)
    assert bias_proposals(ground.manager, ground.policy) == []
    assert bias_proposals(person("manager", "midwest"), ground.policy) == []


def test_a_final_batch_proposes_the_spread_of_its_deposit(ground):
    approved(ground)
    decision = decide_batch(actor=TESTS, batch=ground.batch)
    assert decision is not None
    (found,) = prior_proposals(ground.policy)
    cvs = {row["analyte"]: row["s"] / row["mean"] for row in decision.criteria}
    assert math.isclose(found.relative, max(cvs.values()), rel_tol=1e-9)
    assert (found.df, found.batches, found.mine) == (7, (ground.batch.code,), ground.batch.mine_id)


def test_adopting_makes_a_draft_with_the_numbers_of_the_moment(ground):
    five_runs(ground)
    decide_batch(actor=TESTS, batch=ground.batch)
    dy = next(one for one in bias_proposals(ground.manager, ground.policy) if one.analyte == "Dy")
    mine = str(ground.batch.mine_id)
    made = adopt_evidence(
        actor=ground.manager,
        policy=ground.policy,
        biases=[dy.key],
        priors=[mine],
        review_on=LATER,
        rationale="A year of CRM-7",
    )
    assert (made.state, made.version, made.name) == ("DRAFT", 2, ground.policy.name)
    (line,) = made.biases
    assert (line["analyte"], line["runs"], line["review_on"]) == ("Dy", 5, LATER.isoformat())
    assert math.isclose(line["relative"], dy.made_of.relative())
    assert [one["mine"] for one in made.priors] == [mine]
    made.refresh_from_db()
    method = Method.objects.get(code="NFC-MS")
    assert adopted_b(made.biases, str(method.pk), "Dy", 1) == (dy.made_of.relative(), 4)


def test_a_batch_is_judged_by_what_its_policy_adopted_and_never_by_its_own_spread(ground):
    five_runs(ground)
    decided = decide_batch(actor=TESTS, batch=ground.batch)
    assert decided is not None
    assert decided.case["policy"]["bias"]["Dy"] == {"relative": 0.03, "df": 20}
    dy = next(one for one in bias_proposals(ground.manager, ground.policy) if one.analyte == "Dy")
    made = adopt_evidence(
        actor=ground.manager,
        policy=ground.policy,
        biases=[dy.key],
        priors=[str(ground.batch.mine_id)],
        review_on=LATER,
        rationale="A year of CRM-7",
    )
    case = gather(ground.batch, made, [decided]).case
    # The values that count come from one run: the newest. Tb has nothing adopted: what the method states.
    assert case["policy"]["bias"] == {
        "Dy": {"relative": dy.made_of.relative(1), "df": 4},
        "Tb": {"relative": 0.03, "df": 20},
    }
    assert "prior" not in case["policy"]
    made.priors = [{**made.priors[0], "batches": ["ANOTHER"]}]
    prior = gather(ground.batch, made, [decided]).case["policy"]["prior"]
    assert prior == {"relative": made.priors[0]["relative"], "df": 7}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"biases": [], "priors": []}, "nothing-chosen"),
        ({"biases": ["x|Dy|CRM-7"]}, "proposal-gone"),
        ({"priors": ["not a mine"]}, "proposal-gone"),
        ({"review_on": date(2020, 1, 1)}, "review-date-past"),
    ],
)
def test_what_cannot_be_adopted_is_refused_and_makes_no_version(ground, change, code):
    approved(ground)
    decide_batch(actor=TESTS, batch=ground.batch)
    given = {
        "actor": ground.manager,
        "policy": ground.policy,
        "priors": [str(ground.batch.mine_id)],
        "review_on": LATER,
        "rationale": "x",
    }
    with pytest.raises(Invalid) as refused:
        adopt_evidence(**(given | change))
    assert refused.value.problems[0].code == code
    assert Decision.objects.get().policy.owner.policies.count() == 1


def test_only_the_owners_managers_adopt(ground):
    with pytest.raises(NotPermitted):
        adopt_evidence(actor=ground.head, policy=ground.policy, priors=["x"], review_on=LATER, rationale="x")
    assert services.policy_in_force(ground.batch) == ground.policy
