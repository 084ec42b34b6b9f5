"""Every named constraint of custody is seen to reject what it is there for, past the services."""

from decimal import Decimal

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, transaction

from lims.errors import Conflict, Invalid
from lims.ids import uuid7
from lims.verbs import SystemActor, acting, verb
from samples.custody import incident_services, road_services
from samples.custody.happenings import Here
from samples.custody.models import (
    Consignment,
    ConsignmentItem,
    CustodyEvent,
    DocumentCheck,
    Incident,
    Seal,
)
from samples.registry.models import Sample, Tag
from tests.samples.custody.conftest import CAME, LEFT

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(ground, custodian, on_road, receive, register):
    """Return one good row of everything, by its model; a fourth bag is registered and nothing more."""
    register(4)
    receive(on_road, 1, mass_g=Decimal(1000))
    incident = Incident.objects.get()
    incident_services.explain_incident(actor=custodian, incident=incident, explanation="It rained.")
    road_services.record_event(
        actor=custodian,
        consignment=on_road,
        kind="CHECKPOINT",
        here=Here(LEFT, Decimal("25.8"), Decimal("97.7"), Decimal(9)),
    )
    return {
        Consignment: on_road,
        ConsignmentItem: ConsignmentItem.objects.get(sample__tag__code=ground.tags[0]),
        Seal: Seal.objects.get(number="A-0"),
        DocumentCheck: DocumentCheck.objects.order_by("pk")[0],
        CustodyEvent: CustodyEvent.objects.get(kind="CHECKPOINT"),
        Incident: Incident.objects.get(),
    }


OTHER = {"sample": 4}
AGAIN = {"sample": 4, "number": "B-1"}
#: constraint → the model, and what a second row like the good one is changed to
BROKEN = {
    "consignment_code_once": (Consignment, {}),
    "consignment_state_known": (Consignment, {"code": "X", "state": "LOST"}),
    "consignment_dispatched_whole": (Consignment, {"code": "X", "manifest_sha256": ""}),
    "consignment_dose_whole": (Consignment, {"code": "X", "dose_1m_usv_h": None}),
    "consignment_item_once": (ConsignmentItem, {"state": "MISSING"}),
    "sample_in_one_consignment": (ConsignmentItem, {"consignment": "another"}),
    "consignment_item_state_known": (ConsignmentItem, OTHER | {"state": "LOST"}),
    "consignment_item_mass_positive": (ConsignmentItem, OTHER | {"sealed_mass_g": Decimal(0)}),
    "consignment_item_received_whole": (
        ConsignmentItem,
        OTHER | {"state": "RECEIVED", "received_at": CAME, "condition": "INTACT"},
    ),
    "seal_used_once": (Seal, {"sample": 4, "maker": "ACME", "number": "a-0"}),
    "seal_one_on_a_bag": (Seal, {"number": "B-1"}),
    "seal_state_known": (Seal, AGAIN | {"state": "LOST", "ended_at": CAME}),
    "seal_named": (Seal, {"sample": 4, "number": ""}),
    "seal_ended_with_time": (Seal, AGAIN | {"ended_at": CAME}),
    "document_once": (DocumentCheck, {}),
    "document_kind_known": (DocumentCheck, {"kind": "LETTER"}),
    "document_reference_given": (DocumentCheck, {"consignment": "another", "reference": ""}),
    "custody_event_kind_known": (CustodyEvent, {"kind": "DREAMT"}),
    "custody_event_of_something": (CustodyEvent, {"consignment": None}),
    "custody_event_place_whole": (CustodyEvent, {"latitude": None}),
    "custody_event_mass_positive": (CustodyEvent, {"gross_mass_g": Decimal(0)}),
    "incident_once": (Incident, {}),
    "incident_kind_known": (Incident, {"kind": "FUNNY"}),
    "incident_state_known": (Incident, {"kind": "LOST", "state": "FUNNY"}),
    "incident_of_something": (Incident, {"sample": None, "consignment": None}),
    "incident_explained_whole": (Incident, {"kind": "LOST", "explanation": ""}),
    "incident_judged_by_another": (
        Incident,
        {"kind": "LOST", "state": "CLEARED", "judgement": "yes", "judged_by": "the same"},
    ),
    "incident_judged_with_reason": (Incident, {"kind": "LOST", "state": "CLEARED"}),
}


MODELS = {Consignment, ConsignmentItem, CustodyEvent, DocumentCheck, Incident, Seal}
#: those of tests/samples/test_road_constraints.py
ON_THE_ROAD = {
    "consignment_cancelled_whole",
    "consignment_sent_by_returns",
    "custody_event_drying_positive",
    "custody_event_confirmed_whole",
}


def test_each_constraint_of_custody_is_here():
    declared = {
        constraint.name
        for model in apps.get_app_config("samples").get_models()
        if model in MODELS
        for constraint in model._meta.constraints
    }
    assert declared - ON_THE_ROAD == set(BROKEN)


def changed(change, ground, good):
    """Return a change with its stand-ins replaced: the n-th bag, another consignment, who explained it."""
    made = dict(change)
    if made.get("sample") is not None:
        made["sample"] = Sample.objects.get(tag=Tag.objects.get(code=ground.tags[made["sample"]]))
    if made.get("consignment") is not None:
        with acting(SystemActor("tests"), verb_name="tests"):
            made["consignment"] = Consignment.objects.create(
                code="C99-0001",
                owner=ground.owner,
                carrier=good.consignment.carrier,
                destination=good.consignment.destination,
            )
    if "judged_by" in made:
        made["judged_by"] = good.explained_by
    return made


def broken(name, ground, whole):
    """Return a second row that breaks the constraint `name`."""
    model, change = BROKEN[name]
    again = model.objects.get(pk=whole[model].pk)
    replaced = changed(change, ground, again)
    again.pk = uuid7()
    again._state.adding = True
    for field, value in replaced.items():
        setattr(again, field, value)
    return again


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_rejects(name, ground, whole):
    row = broken(name, ground, whole)
    with (
        pytest.raises(IntegrityError) as caught,
        transaction.atomic(),
        acting(SystemActor("tests"), verb_name="tests"),
    ):
        row.save(force_insert=True)
    assert caught.value.__cause__.diag.constraint_name == name


@verb
def save(*, actor, row):
    """Save a row as a service would."""
    row.save(force_insert=True)


@pytest.mark.parametrize("name", BROKEN)
def test_what_the_database_rejects_becomes_a_problem_with_a_code(name, ground, whole):
    row = broken(name, ground, whole)
    with pytest.raises((Conflict, Invalid)) as caught, transaction.atomic():
        save(actor=SystemActor("tests"), row=row)
    code = "seal-used" if name == "seal_used_once" else name.replace("_", "-")
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_custody_event_is_never_changed(whole, change):
    rows = CustodyEvent.objects.filter(pk=whole[CustodyEvent].pk)
    with (
        pytest.raises(DatabaseError, match=r"permission denied|append-only"),
        transaction.atomic(),
        acting(SystemActor("tests"), verb_name="tests"),
    ):
        rows.update(note="it was not so") if change == "update" else rows.delete()
    assert rows.get().note == ""
