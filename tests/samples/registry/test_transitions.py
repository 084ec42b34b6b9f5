"""Every pair of states, in Python and in PostgreSQL itself: what the tables allow happens, what they do not is refused."""

from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from lims.errors import Conflict
from lims.ids import uuid7
from lims.transitions import check_transition
from lims.verbs import SystemActor, acting
from samples.registry.models import Batch, Sample, SampleList, Tag
from samples.registry.rules import BATCH_TRANSITIONS, LIST_TRANSITIONS, SAMPLE_TRANSITIONS
from tests.samples.registry.conftest import COLLECTED, Ground

pytestmark = pytest.mark.django_db

MACHINES: dict[type[models.Model], Any] = {
    Batch: BATCH_TRANSITIONS,
    Sample: SAMPLE_TRANSITIONS,
    SampleList: LIST_TRANSITIONS,
}
PAIRS = [
    pytest.param(model, before, after, id=f"{model.__name__}-{before}-{after}")
    for model, table in MACHINES.items()
    for before in table
    for after in table
    if before != after
]


def beginning_as(ground: Ground, model: type[models.Model], state: str) -> Any:
    """Return a row that is inserted in this state, past the services."""
    fresh: dict[type[models.Model], dict[str, Any]] = {
        Batch: {
            "code": "B99-0001",
            "mine": ground.mine,
            "owner": ground.owner,
            "material_type": "HARD_ROCK",
            "campaign": "x",
        },
        Sample: {
            "batch": ground.batch,
            "tag": Tag.objects.get(code=ground.tags[0]),
            "mass_g": 2150,
            "collected_at": COLLECTED,
            "withdrawn_reason": "burst" if state == "WITHDRAWN" else "",
        },
        SampleList: {
            "batch": ground.batch,
            "file_name": "list.csv",
            "sha256": "0" * 64,
            "uploaded_by": ground.manager,
        },
    }
    with acting(SystemActor("tests"), verb_name="insert"):
        return model._default_manager.create(id=uuid7(), state=state, **fresh[model])


@pytest.mark.parametrize(("model", "before", "after"), PAIRS)
def test_states_follow_one_another_as_declared(
    ground: Ground, model: type[models.Model], before: str, after: str
) -> None:
    row, table = beginning_as(ground, model, before), MACHINES[model]
    reason = {"withdrawn_reason": "burst" if after == "WITHDRAWN" else ""} if model is Sample else {}

    def move() -> None:
        with acting(SystemActor("tests"), verb_name="move"):
            model._default_manager.filter(pk=row.pk).update(state=after, **reason)

    if after in table[before]:
        check_transition(table, before, after)
        move()
    else:
        with pytest.raises(Conflict) as refused:
            check_transition(table, before, after)
        assert refused.value.problems[0].code == "transition-refused"
        with pytest.raises(IntegrityError, match=f"{before} cannot become {after}"), transaction.atomic():
            move()
    row.refresh_from_db()
    assert row.state == (after if after in table[before] else before)


def test_no_state_machine_was_forgotten() -> None:
    ours = [m for m in apps.get_app_config("samples").get_models() if "registry" in m.__module__]
    assert {model for model in ours if hasattr(model, "transitions")} == set(MACHINES)
