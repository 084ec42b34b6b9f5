"""Policies, pins, exclusions and what a case is gathered from: without a worker, exact."""

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assays.grading import services
from assays.grading.casework import gather
from assays.grading.deciding import decide_batch
from assays.grading.estimator import answer, evaluate, read_case
from assays.grading.models import Decision, Exclusion, PinnedPolicy, Policy
from assays.grading.notices import mail_managers
from assays.grading.screening import screen_batch
from assays.grading.thresholds import thresholds_of
from assays.quality import services as quality
from assays.runs import services as runs
from assays.runs.models import Run
from lims.errors import Conflict, Invalid, NotPermitted
from samples.registry.models import Hold
from tests.assays.grading.ground import GOOD_QC, RICH, TESTS, Ground, make_ground
from tests.support.people import person

pytestmark = pytest.mark.django_db

SHARE = {"analyte": "Dy", "metric": "share", "oxide": "Dy2O3", "of": "TREO", "threshold_pct": 3.0}
FLOOR = {"analyte": "TREO", "metric": "grade", "oxide": "TREO", "threshold_ppm": 100_000}


@pytest.fixture
def ground() -> Ground:
    return make_ground()


def approved(
    ground: Ground, number: str = "NFC-1", values: Any = RICH, qc: Any = GOOD_QC, **more: Any
) -> Run:
    """Have a run committed, pinned, judged and approved, as the workers would."""
    run = ground.commit(number, ground.written(number, values, qc, **more))
    services.pin_policy(actor=TESTS, batch=ground.batch)
    quality.evaluate_run(actor=TESTS, run=run, thresholds=thresholds_of(run))
    run.refresh_from_db()
    runs.approve_run(actor=ground.reviewer, run=run, version=run.version)
    return run


def made(ground: Ground, **change: Any) -> Policy:
    given = {
        "actor": ground.manager,
        "owner": ground.owner,
        "name": "Other",
        "material_type": "MIXED_CONCENTRATE",
        "basis": "total-fusion",
        "criteria": [SHARE, FLOOR],
        "rationale": "x",
    }
    return services.make_policy(**(given | change))


def test_versions_follow_one_another_and_one_is_in_force(ground: Ground) -> None:
    first, second = made(ground), made(ground, name="OTHER")
    assert (first.version, second.version) == (1, 2)
    services.put_in_force(actor=ground.manager, policy=first)
    services.put_in_force(actor=ground.manager, policy=second)
    first.refresh_from_db()
    assert (first.state, first.retired_at is not None) == ("RETIRED", True)
    with pytest.raises(Conflict):
        services.put_in_force(actor=ground.manager, policy=first)


@pytest.mark.parametrize(
    ("criteria", "code"),
    [
        ([SHARE], "share-without-floor"),
        ([SHARE | {"oxide": "Tb4O7"}, FLOOR], "oxide-of-another"),
        ([FLOOR | {"threshold_ppm": -1}], "number-impossible"),
        ([FLOOR | {"treshold": 1}], "field-unknown"),
        ([], "criteria-none"),
    ],
)
def test_criteria_that_cannot_decide_are_refused(ground: Ground, criteria: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        made(ground, criteria=criteria)
    assert code in {problem.code for problem in refused.value.problems}
    assert not Policy.objects.filter(name="Other").exists()


def test_policies_are_the_owners(ground: Ground) -> None:
    for who in (person("field_coordinator", "irel"), person("manager", "midwest"), ground.technician):
        with pytest.raises(NotPermitted):
            made(ground, actor=who)


def test_a_pin_is_made_once_and_another_policy_needs_a_reason(ground: Ground) -> None:
    assert services.pin_policy(actor=TESTS, batch=ground.batch) is not None
    assert services.pin_policy(actor=TESTS, batch=ground.batch) is None
    other = made(ground)
    with pytest.raises(Invalid) as refused:
        services.agree_policy(actor=ground.manager, batch=ground.batch, policy=other, reason="x")
    assert refused.value.problems[0].code == "policy-of-another"
    draft = made(ground, name="Clay for magnets", material_type="ION_ADSORPTION_CLAY", criteria=[FLOOR])
    with pytest.raises(Conflict):
        services.agree_policy(actor=ground.manager, batch=ground.batch, policy=draft, reason="x")
    services.put_in_force(actor=ground.manager, policy=draft)
    pin = services.agree_policy(
        actor=ground.manager, batch=ground.batch, policy=draft, reason="Agreed in May"
    )
    assert (pin.at_receipt, pin.reason, PinnedPolicy.objects.count()) == (False, "Agreed in May", 2)


def test_an_exclusion_after_results_needs_a_second_person(ground: Ground) -> None:
    before = services.exclude_sample(actor=ground.manager, sample=ground.samples[0], reason="Wet")
    approved(ground)
    after = services.exclude_sample(actor=ground.manager, sample=ground.samples[1], reason="Odd")
    assert (before.when, after.when) == ("before", "after")
    case = gather(ground.batch, ground.policy, []).case
    assert [one.get("excluded") for one in case["samples"][:3]] == ["before", None, None]
    with pytest.raises(NotPermitted):
        services.agree_exclusion(actor=ground.manager, exclusion=after)
    services.agree_exclusion(actor=ground.second, exclusion=after)
    with pytest.raises(Conflict):
        services.agree_exclusion(actor=ground.second, exclusion=Exclusion.objects.get(pk=after.pk))
    case = gather(ground.batch, ground.policy, []).case
    assert [one.get("excluded") for one in case["samples"][:3]] == ["before", "after", None]


def test_a_decision_can_be_made_again_from_its_case(ground: Ground) -> None:
    approved(ground)
    decision = decide_batch(actor=TESTS, batch=ground.batch)
    assert decision is not None
    again = answer(evaluate(read_case(decision.case)))
    assert (again["decision"], again["criteria"]) == (decision.outcome, decision.criteria)
    assert decide_batch(actor=TESTS, batch=ground.batch) is None, "nothing changed"
    assert Decision.objects.count() == 1
    assert decision.case["policy"]["bias"] == {
        "Dy": {"relative": 0.03, "df": 20},
        "Tb": {"relative": 0.03, "df": 20},
    }


def test_negatives_and_oxides_do_not_stop_a_decision(ground: Ground) -> None:
    values = [("-0.5", "4.5"), *RICH[1:]]
    approved(ground, values=values)
    decision = decide_batch(actor=TESTS, batch=ground.batch)
    assert decision is not None
    assert "left out" in " ".join(decision.warnings)
    assert decision.criteria[0]["n"] == 7


def test_a_case_takes_the_same_queries_however_many_samples(ground: Ground) -> None:
    approved(ground, values=RICH[:1])
    with CaptureQueriesContext(
        connection,
    ) as few:
        gather(ground.batch, ground.policy, [])
    again = ground.written("NFC-1", RICH, GOOD_QC, comments="Corrected copy")
    run = ground.commit("NFC-1", again)
    runs.approve_run(actor=ground.reviewer, run=run, version=run.version)
    with CaptureQueriesContext(connection) as many:
        gather(ground.batch, ground.policy, [])
    assert len(many) == len(few)


def test_thorium_holds_once_and_nothing_changed_nothing_is_kept(ground: Ground) -> None:
    approved(ground, th_u=("240", "20"))
    assert len(screen_batch(actor=TESTS, batch=ground.batch)) == 8
    assert screen_batch(actor=TESTS, batch=ground.batch) == []
    assert Hold.objects.filter(kind="RADIOLOGICAL").count() == 8
    assert "1.22 of 1 Bq/g" in Hold.objects.first().reason  # type: ignore[union-attr]  # there are eight


def test_thresholds_are_the_lowest_of_the_runs_batches(ground: Ground) -> None:
    run = approved(ground)
    assert thresholds_of(run) == {"Dy": ("Dy2O3", Decimal(25)), "Tb": ("Tb4O7", Decimal("4.0"))}


def test_the_news_goes_to_the_owners_managers_alone(ground: Ground) -> None:
    approved(ground)
    decision = decide_batch(actor=TESTS, batch=ground.batch)
    assert decision is not None
    assert mail_managers(decision) == 2
    assert sorted(one.to[0] for one in mail.outbox) == ["manager@irel.test", "second@irel.test"]
    assert f"/decisions/{decision.pk}/" in mail.outbox[0].body
