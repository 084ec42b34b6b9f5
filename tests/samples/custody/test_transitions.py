"""Every pair of states of custody, in Python and in PostgreSQL itself."""

from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from lims.errors import Conflict
from lims.ids import uuid7
from lims.transitions import check_transition
from lims.verbs import SystemActor, acting
from samples.custody.models import Consignment, ConsignmentItem, Incident, Seal
from samples.custody.rules import (
    CONSIGNMENT_TRANSITIONS,
    INCIDENT_TRANSITIONS,
    ITEM_TRANSITIONS,
    SEAL_TRANSITIONS,
)
from tests.samples.custody.conftest import CAME, LEFT, SEALED
from tests.support.people import organisation

pytestmark = pytest.mark.django_db

MACHINES: dict[type[models.Model], Any] = {
    Consignment: CONSIGNMENT_TRANSITIONS,
    ConsignmentItem: ITEM_TRANSITIONS,
    Seal: SEAL_TRANSITIONS,
    Incident: INCIDENT_TRANSITIONS,
}
PAIRS = [
    pytest.param(model, before, after, id=f"{model.__name__}-{before}-{after}")
    for model, table in MACHINES.items()
    for before in table
    for after in table
    if before != after
]


def with_state(model: type[models.Model], state: str) -> dict[str, Any]:
    """Return the state with what the constraints ask beside it."""
    beside: dict[type[models.Model], dict[str, Any]] = {Consignment: {}, ConsignmentItem: {}, Seal: {}}
    if model is Consignment and state not in {"PACKING", "CANCELLED"}:
        beside[Consignment] = {"dispatched_at": LEFT, "manifest_sha256": "0" * 64}
    if model is Consignment and state == "CANCELLED":
        beside[Consignment] = {"cancelled_at": LEFT, "cancel_reason": "no lorry"}
    elif model is Consignment:
        beside[Consignment] |= {"cancelled_at": None, "cancel_reason": ""}
    if model is ConsignmentItem and state in {"RECEIVED", "UNEXPECTED"}:
        beside[ConsignmentItem] = {"received_at": CAME, "received_mass_g": 2150, "condition": "INTACT"}
    elif model is ConsignmentItem:
        beside[ConsignmentItem] = {"received_at": None, "received_mass_g": None, "condition": ""}
    if model is Seal:
        beside[Seal] = {"ended_at": None if state == "APPLIED" else CAME}
    if model is Incident:
        beside[Incident] = {
            "explanation": "" if state == "OPEN" else "rain",
            "judgement": "so it was" if state in {"CLEARED", "UPHELD"} else "",
        }
    return {"state": state} | beside[model]


@pytest.fixture
def beginning_as(ground: Any, register: Any, packing: Any) -> Any:
    """Return a function that inserts a row of a model in a state, past the services."""

    def one(model: type[models.Model], state: str) -> Any:
        sample = register(0)
        fresh: dict[type[models.Model], dict[str, Any]] = {
            Consignment: {
                "code": "C99-0001",
                "owner": ground.owner,
                "carrier": organisation("hillroad"),
                "destination": organisation("nfc"),
            },
            ConsignmentItem: {"consignment": packing, "sample": sample, "sealed_mass_g": 2150},
            Seal: {"maker": "Acme", "number": "1", "sample": sample, "applied_at": SEALED},
            Incident: {"kind": "LOST", "sample": sample, "blocking": True, "detail": "gone"},
        }
        with acting(SystemActor("tests"), verb_name="insert"):
            return model._default_manager.create(id=uuid7(), **fresh[model], **with_state(model, state))

    return one


@pytest.mark.parametrize(("model", "before", "after"), PAIRS)
def test_states_follow_one_another_as_declared(
    beginning_as: Any, model: type[models.Model], before: str, after: str
) -> None:
    row, table = beginning_as(model, before), MACHINES[model]

    def move() -> None:
        with acting(SystemActor("tests"), verb_name="move"):
            model._default_manager.filter(pk=row.pk).update(**with_state(model, after))

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
    ours = [m for m in apps.get_app_config("samples").get_models() if "custody" in m.__module__]
    assert {model for model in ours if hasattr(model, "transitions")} == set(MACHINES)
