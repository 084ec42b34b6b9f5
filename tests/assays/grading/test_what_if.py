"""What a policy would say of batches that another one decided: exact, and without a trace."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assays.grading import services
from assays.grading.deciding import decide_batch
from assays.grading.models import Decision, PinnedPolicy, Policy
from assays.grading.what_if import GRID, batches_for, remember, remembered, what_if
from lims.errors import NotPermitted
from lims.ledger.models import Entry
from lims.work.models import Request
from lims.work.runner import look
from tests.assays.grading.ground import POOR, TESTS, Ground, make_ground
from tests.assays.grading.test_services import approved
from tests.support.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground() -> Ground:
    return make_ground()


def draft(ground: Ground, dy: float = 25, **change: Any) -> Policy:
    given: dict[str, Any] = {
        "actor": ground.manager,
        "owner": ground.owner,
        "name": "Clay for magnets",
        "material_type": "ION_ADSORPTION_CLAY",
        "basis": "total-fusion",
        "criteria": [{"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3", "threshold_ppm": dy}],
        "rationale": "Tried",
    }
    return services.make_policy(**(given | change))


def decided(ground: Ground, **given: Any) -> Decision:
    approved(ground, **given)
    made = decide_batch(actor=TESTS, batch=ground.batch)
    assert made is not None
    return made


def test_a_stricter_draft_would_turn_a_flag_and_nothing_is_written(ground):
    standing = decided(ground)
    policy = draft(ground, dy=50)
    entries, decisions = Entry.objects.count(), Decision.objects.count()
    (line,) = what_if(policy).lines
    assert (standing.outcome, line.before, line.after) == ("FLAGGED", "FLAGGED", "NOT_FLAGGED")
    assert line.changes
    assert line.decision_id == str(standing.pk)
    assert line.criteria[0]["threshold"] == 50
    assert (Entry.objects.count(), Decision.objects.count()) == (entries, decisions)
    assert PinnedPolicy.objects.filter(policy=policy).count() == 0


def test_the_same_rule_changes_nothing(ground):
    decided(ground)
    (line,) = what_if(ground.policy).lines
    assert not line.changes
    assert line.before_policy["criteria"] == ground.policy.criteria


def test_the_curve_is_the_estimators_own_at_each_threshold(ground):
    decided(ground)
    (line,) = what_if(draft(ground, dy=30)).lines
    for times, outcome in zip(GRID, line.curves[0], strict=True):
        (alone,) = what_if(draft(ground, dy=30 * times)).lines
        assert alone.after == outcome, times
    assert (line.curves[0][0], line.curves[0][-1]) == ("FLAGGED", "NOT_FLAGGED")
    assert line.curves[0][GRID.index(1.0)] == line.after


def test_batches_without_a_decision_and_of_other_materials_are_not_asked_about(ground):
    approved(ground, values=POOR)
    assert what_if(draft(ground)).lines == []
    decide_batch(actor=TESTS, batch=ground.batch)
    assert [one.batch for one in what_if(draft(ground)).lines] == [ground.batch.code]
    other = draft(ground, name="Rock", material_type="HARD_ROCK")
    assert list(batches_for(other)) == []


def test_it_reads_the_decisions_of_all_batches_in_one_question(ground):
    decided(ground)
    policy = draft(ground)
    with CaptureQueriesContext(connection) as asked:
        what_if(policy)
    assert sum('FROM "assays_decision"' in one["sql"] and "EXISTS" not in one["sql"] for one in asked) == 1


def test_a_worker_computes_it_for_whoever_asked(ground):
    decided(ground)
    policy = draft(ground, dy=50)
    cache.delete(f"what-if:{policy.pk}")
    services.ask_what_if(actor=ground.manager, policy=policy)
    assert Request.objects.filter(kind=services.WHAT_IF, key=str(policy.pk), sweep=True).exists()
    assert look(services.WHAT_IF, str(policy.pk))
    found = remembered(policy)
    assert found is not None
    assert [(one.before, one.after) for one in found.lines] == [("FLAGGED", "NOT_FLAGGED")]
    assert not Request.objects.filter(kind=services.WHAT_IF).exists()


def test_what_is_remembered_comes_back_as_it_was(ground):
    decided(ground)
    found = what_if(draft(ground))
    remember(found)
    assert remembered(Policy.objects.get(pk=found.policy_id)) == found


def test_only_the_owners_people_may_ask(ground):
    policy = draft(ground)
    with pytest.raises(NotPermitted):
        services.ask_what_if(actor=ground.technician, policy=policy)
    with pytest.raises(NotPermitted):
        services.ask_what_if(actor=person("manager", "midwest"), policy=policy)
