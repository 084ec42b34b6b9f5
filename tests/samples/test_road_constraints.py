"""Every named constraint of the road's tables is seen to reject what it is there for, past the services."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Model

from lims.ids import uuid7
from lims.verbs import SystemActor, acting
from samples.custody.models import (
    Consignment,
    ConsignmentLeg,
    CustodyEvent,
    CustodyLimit,
    Document,
    EventPhotograph,
    Incident,
    IncidentAttachment,
    Outsider,
    PaperForm,
    Route,
    RouteLeg,
    Scale,
    ScaleCheck,
    TagReplacement,
)
from samples.field.models import Device, Operation, OutboxFile, PartialPhotograph, Refusal
from samples.registry.models import BlindItem, Photograph, PlannedSite, SamplingPlan, Tag, TagBlock
from tests.samples.custody import conftest as road
from tests.samples.custody.conftest import LEFT

pytestmark = pytest.mark.django_db

ground, register, sealed, packing = road.ground, road.register, road.sealed, road.packing
HASH = "0" * 64


@pytest.fixture
def whole(ground, packing, sealed):
    """Return one good row of every table of the road, by its model."""
    sample, owner, user = sealed(0), ground.owner, ground.coordinator
    event = CustodyEvent.objects.get(kind="SEALED")
    made: dict[type[Model], Model] = {Consignment: packing, CustodyEvent: event}

    def good(model, **facts):
        made[model] = model.objects.create(**facts)
        return made[model]

    with acting(SystemActor("tests"), verb_name="tests"):
        good(TagBlock, owner=owner, coordinator=user, first=ground.tags[0], last=ground.tags[9], count=10)
        plan = good(SamplingPlan, batch=ground.batch, planned_number=20)
        good(PlannedSite, plan=plan, position=1, name="Pit 1", planned_number=5)
        good(BlindItem, sample=sample, kind="CRM", material="OREAS 460")
        facts = {
            "owner": owner,
            "sha256": HASH,
            "media_type": "image/jpeg",
            "width": 4,
            "height": 3,
            "size": 9,
        }
        photograph = good(Photograph, **facts)
        route = good(Route, owner=owner, name="Pangwa to Hyderabad")
        places = {"from_name": "Pangwa", "to_name": "Tengchong", "mode": "road", "grace_hours": Decimal(4)}
        good(RouteLeg, route=route, position=1, hours=Decimal(8), **places)
        good(ConsignmentLeg, consignment=packing, position=1, due_at=LEFT, **places)
        scale = good(Scale, owner=owner, name="Camp scale", division_g=Decimal(5))
        good(ScaleCheck, scale=scale, nominal_g=Decimal(1000), read_g=Decimal(1000), passed=True, at=LEFT)
        facts = {"kind": "EXPORT_PAPER", "authority": "Customs", "number": "E-1", "issued_on": "2026-11-01"}
        good(Document, owner=owner, **facts)
        good(PaperForm, owner=owner, number="F26-000001")
        good(CustodyLimit, owner=owner, name="least_g", value=Decimal(25), rationale="Old scales.")
        incident = good(Incident, kind="CLOCK", batch=ground.batch, blocking=False, detail="Two days ahead.")
        good(EventPhotograph, event=event, photograph=photograph)
        facts = {"sha256": HASH, "name": "note.pdf", "media_type": "application/pdf", "size": 3}
        good(IncidentAttachment, incident=incident, **facts)
        one, two = Outsider.objects.create(name="A"), Outsider.objects.create(name="B")
        tags = dict(zip(("old_tag", "new_tag"), Tag.objects.order_by("code")[:2], strict=True))
        witnessed = {"witness_one": one, "witness_two": two, "photograph": photograph, "at": LEFT}
        good(TagReplacement, sample=sample, reason="Torn.", **tags, **witnessed)
        device = good(Device, person=user, name="Phone", public_key="A" * 43, token_digest=HASH)
        facts = {"payload": "{}", "signature": "", "made_at": LEFT, "state": "APPLIED"}
        good(Operation, id=uuid7(), device=device, sequence=1, kind="pack", **facts)
        good(Refusal, device=device, payload="{}", code="x", message="y")
        good(PartialPhotograph, device=device, sha256=HASH, size=9)
        good(OutboxFile, sha256=HASH, operations=1)
    return made


AWAY = {"latitude": Decimal("28.6"), "longitude": Decimal("77.2")}
#: constraint → the model, and what a second row like the good one is changed to
BROKEN = {
    "tag_block_once": (TagBlock, {}),
    "tag_block_counted": (TagBlock, {"first": "KC0000099", "count": 0}),
    "tag_block_in_order": (TagBlock, {"first": "ZZ0000010", "last": "AA0000010"}),
    "plan_number_positive": (SamplingPlan, {"planned_number": 0}),
    "planned_site_once": (PlannedSite, {"name": "pit 1"}),
    "planned_site_named": (PlannedSite, {"name": ""}),
    "planned_site_number_positive": (PlannedSite, {"name": "Pit 2", "planned_number": 0}),
    "planned_site_place_whole": (PlannedSite, {"name": "Pit 2", "latitude": Decimal(26)}),
    "planned_site_in_region": (PlannedSite, {"name": "Pit 2"} | AWAY),
    "blind_item_kind_known": (BlindItem, {"kind": "GOLD"}),
    "blind_item_material_given": (BlindItem, {"material": ""}),
    "photograph_type_known": (Photograph, {"media_type": "image/gif"}),
    "photograph_hash_whole": (Photograph, {"sha256": "x"}),
    "photograph_in_bounds": (Photograph, {"width": 1601}),
    "consignment_cancelled_whole": (Consignment, {"code": "X", "state": "CANCELLED"}),
    "consignment_sent_by_returns": (Consignment, {"code": "X", "sent_by": "laboratory"}),
    "custody_event_drying_positive": (CustodyEvent, {"drying_loss_g": Decimal(-1)}),
    "custody_event_confirmed_whole": (CustodyEvent, {"confirmed_how": "PIN"}),
    "route_name_once": (Route, {"name": "pangwa TO hyderabad"}),
    "route_named": (Route, {"name": ""}),
    "route_leg_once": (RouteLeg, {}),
    "route_leg_mode_known": (RouteLeg, {"position": 2, "mode": "ship"}),
    "route_leg_named": (RouteLeg, {"position": 2, "to_name": ""}),
    "route_leg_takes_time": (RouteLeg, {"position": 2, "hours": Decimal(0)}),
    "route_leg_place_whole": (RouteLeg, {"position": 2, "to_latitude": Decimal(26)}),
    "consignment_leg_once": (ConsignmentLeg, {}),
    "consignment_leg_mode_known": (ConsignmentLeg, {"position": 2, "mode": "ship"}),
    "consignment_leg_grace_positive": (ConsignmentLeg, {"position": 2, "grace_hours": Decimal(-1)}),
    "consignment_leg_done_whole": (ConsignmentLeg, {"position": 2, "done_event": "event"}),
    "scale_name_once": (Scale, {"name": "camp SCALE"}),
    "scale_named": (Scale, {"name": ""}),
    "scale_division_positive": (Scale, {"name": "X", "division_g": Decimal(0)}),
    "scale_capacity_over_division": (Scale, {"name": "X", "capacity_g": Decimal(5)}),
    "scale_check_weighed": (ScaleCheck, {"nominal_g": Decimal(0)}),
    "document_number_once": (Document, {"number": "e-1", "authority": "CUSTOMS"}),
    "owner_document_kind_known": (Document, {"kind": "LETTER"}),
    "document_named": (Document, {"authority": ""}),
    "document_quantity_positive": (Document, {"number": "X", "most_bags": 0}),
    "document_expires_after_issue": (Document, {"number": "X", "expires_on": "2026-10-31"}),
    "paper_form_once": (PaperForm, {}),
    "paper_form_entered_or_spoilt": (
        PaperForm,
        {
            "number": "X",
            "entered_at": LEFT,
            "photograph": "photograph",
            "spoilt_at": LEFT,
            "spoilt_reason": "wet",
        },
    ),
    "paper_form_entered_whole": (PaperForm, {"number": "X", "entered_at": LEFT}),
    "paper_form_spoilt_with_reason": (PaperForm, {"number": "X", "spoilt_at": LEFT}),
    "custody_limit_not_negative": (CustodyLimit, {"value": Decimal(-1)}),
    "custody_limit_with_reason": (CustodyLimit, {"rationale": ""}),
    "event_photograph_once": (EventPhotograph, {}),
    "incident_attachment_once": (IncidentAttachment, {}),
    "incident_attachment_named": (IncidentAttachment, {"sha256": "1" * 64, "name": ""}),
    "incident_attachment_sized": (IncidentAttachment, {"sha256": "1" * 64, "size": 0}),
    "tag_replaced_by_another": (TagReplacement, {"old_tag": "third", "new_tag": "third"}),
    "tag_replaced_with_reason": (TagReplacement, {"old_tag": "third", "new_tag": "fourth", "reason": ""}),
    "tag_replaced_before_two": (
        TagReplacement,
        {"old_tag": "third", "new_tag": "fourth", "witness_two": "the first"},
    ),
    "device_named": (Device, {"token_digest": "1" * 64, "name": ""}),
    "device_key_form": (Device, {"token_digest": "1" * 64, "public_key": "short"}),
    "device_revoked_with_reason": (Device, {"token_digest": "1" * 64, "revoked_at": LEFT}),
    "operation_sequence_once": (Operation, {}),
    "operation_state_known": (Operation, {"sequence": 2, "state": "LOST"}),
    "operation_settled_whole": (Operation, {"sequence": 2, "state": "RELEASED"}),
    "partial_photograph_once": (PartialPhotograph, {}),
    "partial_photograph_hash_whole": (PartialPhotograph, {"sha256": "x"}),
    "partial_photograph_no_more_than_whole": (PartialPhotograph, {"sha256": "1" * 64, "received": 10}),
}


def test_each_constraint_of_the_road_is_here():
    tables = {
        *(model for model, _ in BROKEN.values()),
        *(model for model in apps.get_app_config("samples").get_models() if "field" in model.__module__),
    } - {Consignment, CustodyEvent, Incident}
    declared = {constraint.name for model in tables for constraint in model._meta.constraints}
    elsewhere = {
        "consignment_cancelled_whole",
        "consignment_sent_by_returns",
        "custody_event_drying_positive",
        "custody_event_confirmed_whole",
    }
    assert declared == set(BROKEN) - elsewhere


def broken(name, ground, whole):
    """Return a second row that breaks the constraint `name`."""
    model, change = BROKEN[name]
    stands_for = {
        "event": whole[CustodyEvent],
        "laboratory": whole[Consignment].destination,
        "photograph": whole[Photograph],
        "third": Tag.objects.get(code=ground.tags[2]),
        "fourth": Tag.objects.get(code=ground.tags[3]),
        "the first": whole[TagReplacement].witness_one,
    }
    again = model.objects.get(pk=whole[model].pk)
    again.pk = uuid7()
    again._state.adding = True
    for field, value in change.items():
        setattr(again, field, stands_for.get(value, value) if isinstance(value, str) else value)
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


def test_a_clock_that_is_off_concerns_a_batch_and_blocks_nothing(whole):
    incident = whole[Incident]
    incident.pk, incident.blocking = uuid7(), True
    incident._state.adding = True
    with (
        pytest.raises(IntegrityError, match="incident_of_something"),
        transaction.atomic(),
        acting(SystemActor("tests"), verb_name="tests"),
    ):
        incident.save(force_insert=True)


def test_a_leg_may_be_late_without_an_event(whole):
    leg = whole[ConsignmentLeg]
    with acting(SystemActor("tests"), verb_name="tests"), transaction.atomic():
        leg.overdue_at = LEFT + timedelta(hours=5)
        leg.save(update_fields=["overdue_at"])
    assert ConsignmentLeg.objects.get().done_at is None
