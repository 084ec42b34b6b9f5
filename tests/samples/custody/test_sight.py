"""A laboratory learns from custody neither the mine, nor places, nor who carried the bags; others only rounded places."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse

from samples.custody import incident_services, road_services, services
from samples.custody.happenings import Here
from samples.custody.models import Incident
from samples.custody.queries import events_of, events_of_sample, incidents_for
from samples.custody.seen import seen_events, seen_incident, sight_on
from samples.registry.sight import Sight, sight_of
from tests.samples.custody.conftest import LEFT, SEALED

pytestmark = pytest.mark.django_db

EXACT = ("26.051234", "98.351234", "25.861234", "97.741234")
#: what tells where bags come from, or who had them on the way
ORIGIN = (
    "Pangwa", "PW-2", "Chipwi", "Village cooperative", "November 2026", "shrine", "Maung Secret", "NRC-77",
    "Field coordinator of IREL", "26.1", "98.4", "25.9", "97.7", "Due-Pangwa",
)  # fmt: skip
VIEWERS = {
    ("field_coordinator", "irel"): Sight.FULL,
    ("auditor", "irel"): Sight.ROUNDED,
    ("custodian", "hillroad"): Sight.ROUNDED,
    ("manager", "mines"): Sight.ROUNDED,
    ("receptionist", "nfc"): Sight.BLIND,
    ("technician", "nfc"): Sight.BLIND,
    ("manager", "nfc"): Sight.BLIND,
    ("manager", "midwest"): Sight.NOTHING,
}


@pytest.fixture
def told(ground, packing, register, receive, custodian):
    """Return a consignment on which everybody on the road wrote down too much."""
    sample = register(0)
    services.seal_sample(
        actor=ground.coordinator,
        sample=sample,
        maker="Acme",
        number="A-0",
        mass_g=Decimal(2150),
        here=Here(SEALED, Decimal("26.051234"), Decimal("98.351234"), Decimal(4), "at the Pangwa shrine"),
    )
    services.pack(actor=ground.coordinator, consignment=packing, samples=[sample])
    for kind in ("EXPORT_PAPER", "PLANT_QUARANTINE", "RADIOLOGICAL_SURVEY", "DUE_DILIGENCE"):
        services.record_document(
            actor=ground.coordinator, consignment=packing, kind=kind, reference="Due-Pangwa-7"
        )
    services.record_dose_rate(
        actor=ground.coordinator,
        consignment=packing,
        instrument="RadEye",
        surface_usv_h=Decimal("0.1"),
        at_1m_usv_h=Decimal("0.1"),
    )
    place = (Decimal("25.861234"), Decimal("97.741234"), Decimal(6))
    sent = services.dispatch(actor=ground.coordinator, consignment=packing, here=Here(LEFT, *place, "Chipwi"))
    road_services.hand_over(
        actor=custodian,
        consignment=sent,
        here=Here(LEFT, *place, "at the Pangwa pass"),
        to_name="Maung Secret",
        to_document="NRC-77",
    )
    receive(sent, 0, mass_g=Decimal(1000))
    reported = incident_services.report_incident(
        actor=ground.coordinator, kind="OVERDUE_LEG", detail="Waited at Pangwa.", consignment=sent
    )
    for incident in (Incident.objects.get(kind="MASS_OUT_OF_TOLERANCE"), reported):
        incident_services.explain_incident(
            actor=ground.coordinator, incident=incident, explanation="Rain at Pangwa."
        )
        incident_services.clear_incident(
            actor=ground.manager, incident=incident, reason="Pangwa is always wet."
        )
    return sent


@pytest.mark.parametrize(("who", "sight"), VIEWERS.items(), ids=["-".join(who) for who in VIEWERS])
def test_a_consignment_is_seen_as_its_batches_are(told, ground, person, who, sight):
    viewer = person(*who)
    assert sight_on(viewer, told) is sight_of(viewer, ground.batch) is sight


@pytest.mark.parametrize(
    ("who", "latitude", "note", "taker"),
    [
        (
            ("field_coordinator", "irel"),
            "25.861234",
            "at the Pangwa pass",
            "Maung Secret for Hill Road Carriers",
        ),
        (("custodian", "hillroad"), "25.9", "at the Pangwa pass", "Maung Secret for Hill Road Carriers"),
        (("receptionist", "nfc"), None, "", "somebody for Hill Road Carriers"),
    ],
    ids=["full", "rounded", "blind"],
)
def test_an_event_is_seen_as_far_as_one_may_know(told, person, who, latitude, note, taker):
    seen = seen_events(events_of(told), sight_on(person(*who), told))
    over = next(event for event in seen if "for Hill Road" in event.taker)
    assert over.latitude == (None if latitude is None else Decimal(latitude))
    assert (over.note, over.taker) == (note, taker)


def test_a_laboratory_sees_its_own_people_and_masses(told, person, receptionist):
    sample = told.items.get().sample
    seen = seen_events(events_of_sample(sample), sight_on(receptionist, told))
    received = next(event for event in seen if event.kind == "RECEIVED")
    assert received.taker == "Receptionist of NFC, Hyderabad Assay Laboratory"
    assert (received.mass_g, received.seals) == (Decimal(1000), ("Acme A-0",))


def test_a_laboratory_reads_what_the_checks_found_and_no_words_of_the_owner(told, receptionist, ground):
    found = {one.kind: seen_incident(receptionist, one) for one in incidents_for(receptionist)}
    light = found["MASS_OUT_OF_TOLERANCE"]
    assert light.detail == "Received at 1000 g; sealed at 2150 g."
    assert (light.explanation, light.explained_by, light.judgement, light.judged_by) == ("", "", "", "")
    assert found["OVERDUE_LEG"].detail == ""
    ours = seen_incident(ground.manager, Incident.objects.get(kind="OVERDUE_LEG"))
    assert (ours.detail, ours.explanation) == ("Waited at Pangwa.", "Rain at Pangwa.")


def test_a_laboratory_reads_its_own_explanation(on_road, receive, receptionist, ground):
    receive(on_road, 0, mass_g=Decimal(1000))
    incident = Incident.objects.get()
    incident_services.explain_incident(actor=receptionist, incident=incident, explanation="A wet bag.")
    incident_services.clear_incident(actor=ground.manager, incident=incident, reason="Known at Pangwa.")
    seen = seen_incident(receptionist, incidents_for(receptionist).get())
    assert (seen.explanation, seen.explained_by, seen.judgement) == ("A wet bag.", "Receptionist of NFC", "")


def everything(client, consignment):
    """Return the text of all that a person can read of custody, by address."""
    sample = consignment.items.get().sample
    road = f"/api/v1/consignments/{consignment.pk}"
    addresses = [
        "/api/v1/consignments/",
        f"{road}/",
        *(f"{road}/{name}/" for name in ("bags", "papers", "events", "receipt")),
        "/api/v1/custody-events/",
        f"/api/v1/custody-events/?sample={sample.pk}",
        "/api/v1/seals/",
        "/api/v1/incidents/",
        *(f"/api/v1/incidents/{incident.pk}/" for incident in Incident.objects.all()),
        reverse("custody:consignments"),
        reverse("custody:consignment", args=[consignment.pk]),
        reverse("custody:incidents"),
        *(reverse("custody:incident", args=[incident.pk]) for incident in Incident.objects.all()),
        reverse("registry:sample", args=[sample.pk]),
        reverse("registry:batch", args=[sample.batch_id]),
    ]
    return {address: client.get(address, follow=True).content.decode() for address in addresses}


@pytest.mark.parametrize(
    ("who", "sight"),
    [(who, sight) for who, sight in VIEWERS.items() if sight < Sight.FULL],
    ids=["-".join(who) for who, sight in VIEWERS.items() if sight < Sight.FULL],
)
def test_nothing_leaks_on_any_page_or_answer(told, person, signed_in, who, sight):
    for address, text in everything(signed_in(person(*who)), told).items():
        for secret in EXACT + (ORIGIN if sight <= Sight.BLIND else ()):
            assert secret not in text, (address, secret)
        if sight is Sight.NOTHING:
            assert "A-0" not in text, address


def test_the_owner_sees_it_all(told, ground, signed_in):
    texts = everything(signed_in(ground.manager), told)
    assert "25.861234" in texts[f"/api/v1/consignments/{told.pk}/events/"]
    papers = json.loads(texts[f"/api/v1/consignments/{told.pk}/papers/"])
    assert {paper["reference"] for paper in papers} == {"Due-Pangwa-7"}
    assert "Rain at Pangwa." in texts["/api/v1/incidents/"]
