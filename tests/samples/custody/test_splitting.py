"""Some bags travel on by themselves: what moves, what stays, what both lines say, and two at once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from lims.errors import Conflict, Invalid, NotPermitted
from lims.ids import uuid7
from samples.custody import bag_services, incident_services, receiving, road_services, services
from samples.custody.happenings import Here
from samples.custody.manifest import manifest_digest
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent, Incident
from samples.custody.papers.drawdown import Used, used_of
from samples.custody.papers.services import add_document
from samples.custody.queries import blocking_incidents, consignments_for, events_of_sample, receipt_of
from samples.custody.splitting import split_consignment
from samples.custody.whereabouts import whereabouts
from samples.registry.models import BatchParty
from tests.samples.custody.conftest import CAME, LEFT, complete
from tests.samples.registry.test_races import at_once
from tests.support.people import organisation

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def bag(consignment, ground, n):
    return consignment.items.get(sample__tag__code=ground.tags[n]).sample


def split(consignment, actor, bags, **changed):
    return split_consignment(
        actor=actor, consignment=consignment, samples=bags, **({"here": Here(LEFT + 2 * HOUR)} | changed)
    )


def codes(caught):
    return [(problem.code, problem.place.field) for problem in caught.value.problems]


def test_bags_move_with_papers_dose_rate_and_a_manifest_of_their_own(on_road, custodian, ground):
    first = on_road.manifest_sha256
    going = [bag(on_road, ground, 0), bag(on_road, ground, 2)]
    pk = uuid7()
    new = split(on_road, custodian, going, consignment_id=pk, here=Here(LEFT + 2 * HOUR, note="Lorry full"))
    new.refresh_from_db()
    on_road.refresh_from_db()
    assert (new.pk, new.state, new.split_from) == (pk, "DISPATCHED", on_road)
    assert (new.owner, new.carrier, new.destination) == (on_road.owner, on_road.carrier, on_road.destination)
    assert (new.dispatched_at, new.dispatched_by) == (LEFT + 2 * HOUR, custodian)
    assert new.planned_arrival == on_road.planned_arrival
    assert (new.dose_surface_usv_h, new.dose_1m_usv_h, new.dose_instrument) == (
        Decimal("0.310"), Decimal("0.120"), "RadEye 7",
    )  # fmt: skip
    assert sorted(new.documents.values_list("kind", "reference")) == sorted(
        on_road.documents.values_list("kind", "reference")
    )
    lines = dict(
        ConsignmentItem.objects.filter(consignment=on_road).values_list("sample__tag__code", "state")
    )
    assert [lines[ground.tags[n]] for n in range(3)] == ["MOVED", "PACKED", "MOVED"]
    items = list(new.items.select_related("sample__tag"))
    assert {item.sample for item in items} == set(going)
    assert {(item.state, item.sealed_mass_g) for item in items} == {("PACKED", Decimal(2150))}
    assert new.manifest_sha256 == manifest_digest(items)
    # What left the mine stays what it was.
    assert on_road.manifest_sha256 == first != new.manifest_sha256
    old, came = CustodyEvent.objects.filter(kind="SPLIT").order_by("id")
    assert (old.consignment, old.at) == (on_road, LEFT + 2 * HOUR)
    assert old.note == f"2 bags travel on as {new.code}. Lorry full"
    assert (came.consignment, came.note) == (new, f"2 bags of {on_road.code}.")


def test_a_split_is_counted_nowhere_twice(on_road, custodian, ground):
    new = split(on_road, custodian, [bag(on_road, ground, 0)])
    seen = {one.pk: (one.bags, one.mass_g) for one in consignments_for(ground.coordinator)}
    assert seen == {on_road.pk: (2, Decimal(4300)), new.pk: (1, Decimal(2150))}
    assert [receipt_of(one).expected for one in (on_road, new)] == [2, 1]


def test_a_documents_quantity_is_not_drawn_twice(ground, packing, sealed, custodian):
    permit = add_document(
        actor=ground.coordinator,
        owner=ground.owner,
        kind="PLANT_QUARANTINE",
        authority="DPPQS",
        number="PQ-7",
        quantity_kg=Decimal(10),
    )
    services.pack(actor=ground.coordinator, consignment=packing, samples=[sealed(0), sealed(1)])
    complete_but(ground, packing, permit)
    left = services.dispatch(actor=ground.coordinator, consignment=packing, here=Here(LEFT))
    assert used_of([permit.pk]) == {permit.pk: Used(Decimal("4.3"), 2)}
    new = split(left, custodian, [bag(left, ground, 0)])
    assert new.documents.get(kind="PLANT_QUARANTINE").document == permit
    assert used_of([permit.pk]) == {permit.pk: Used(Decimal("4.3"), 2)}


def complete_but(ground, consignment, document):
    """Give a consignment its papers, one of them from the register."""
    services.record_document(
        actor=ground.coordinator, consignment=consignment, kind=document.kind, document=document
    )
    for kind in ("EXPORT_PAPER", "RADIOLOGICAL_SURVEY", "DUE_DILIGENCE"):
        services.record_document(
            actor=ground.coordinator, consignment=consignment, kind=kind, reference="No. 1"
        )
    services.record_dose_rate(
        actor=ground.coordinator,
        consignment=consignment,
        instrument="RadEye 7",
        surface_usv_h=Decimal("0.31"),
        at_1m_usv_h=Decimal("0.12"),
    )


def test_another_carrier_and_laboratory_are_the_owners_to_choose(on_road, custodian, ground):
    other = organisation("midwest")
    with pytest.raises(NotPermitted):
        split(on_road, custodian, [bag(on_road, ground, 0)], carrier=other)
    with pytest.raises(Invalid) as caught:
        split(on_road, ground.manager, [bag(on_road, ground, 0)], carrier=other)
    assert codes(caught) == [("part-does-not-fit", "carrier")]
    with pytest.raises(Invalid) as caught:
        split(on_road, ground.manager, [bag(on_road, ground, 0)], destination=other)
    assert codes(caught) == [("part-does-not-fit", "destination")]
    assert not Consignment.objects.exclude(pk=on_road.pk).exists()


def test_a_new_carrier_takes_over_and_sees_the_batch(on_road, ground):
    from lims.accounts import services as accounts  # noqa: PLC0415  # only here
    from lims.verbs import SystemActor  # noqa: PLC0415

    river = accounts.create_organisation(actor=SystemActor("tests"), name="River", code="RIV", kind="CARRIER")
    new = split(on_road, ground.manager, [bag(on_road, ground, 0)], carrier=river)
    assert new.carrier == river
    assert BatchParty.objects.filter(batch=ground.batch, organisation=river, part="HOLDER").exists()
    given = CustodyEvent.objects.get(kind="HANDED_OVER", consignment=new)
    assert (given.from_organisation, given.to_organisation) == (on_road.carrier, river)


@pytest.mark.parametrize(("who", "code"), [([], "split-empty"), ([0, 1, 2], "split-all")])
def test_some_bags_go_and_some_stay(on_road, custodian, ground, who, code):
    with pytest.raises(Invalid) as caught:
        split(on_road, custodian, [bag(on_road, ground, n) for n in who])
    assert codes(caught) == [(code, "samples")]


def test_what_is_not_in_it_or_no_longer_there_cannot_go(on_road, custodian, ground, sealed, receive):
    receive(on_road, 1)
    bags = [bag(on_road, ground, 0), bag(on_road, ground, 1), sealed(7)]
    with pytest.raises(Invalid) as caught:
        split(on_road, custodian, bags)
    assert codes(caught) == [("sample-elsewhere", "samples")] * 2
    assert not CustodyEvent.objects.filter(kind="SPLIT").exists()
    assert not ConsignmentItem.objects.filter(state="MOVED").exists()


def test_only_what_is_on_the_road_is_split(ready, ground, custodian):
    with pytest.raises(Conflict) as caught:
        split(ready, custodian, [bag(ready, ground, 0)])
    assert codes(caught) == [("consignment-not-so", "state")]


def test_a_bag_whose_seal_was_taken_off_moves_too(on_road, custodian, ground):
    going = bag(on_road, ground, 0)
    bag_services.open_bag(actor=custodian, sample=going, here=Here(LEFT + HOUR))
    new = split(on_road, custodian, [going])
    items = list(new.items.select_related("sample__tag"))
    assert new.manifest_sha256 == manifest_digest(items)


@pytest.mark.django_db(transaction=True)
def test_a_bag_has_the_line_of_both_but_only_what_happened_to_it(on_road, custodian, ground):
    going, staying = bag(on_road, ground, 0), bag(on_road, ground, 1)
    road_services.record_event(
        actor=custodian, consignment=on_road, kind="CHECKPOINT", here=Here(LEFT + HOUR)
    )
    new = split(on_road, custodian, [going])
    later = {"actor": custodian, "to_name": "U Ba", "to_document": "1", "here": Here(LEFT + 3 * HOUR)}
    road_services.hand_over(consignment=on_road, **later)
    ours = [(event.kind, event.consignment) for event in events_of_sample(going)]
    assert ours == [
        ("SEALED", None),
        ("HANDED_OVER", on_road),
        ("DEPARTED", on_road),
        ("CHECKPOINT", on_road),
        ("SPLIT", on_road),
        ("SPLIT", new),
    ]
    assert [event.kind for event in events_of_sample(staying)][-2:] == ["SPLIT", "HANDED_OVER"]
    there = whereabouts([going.pk, staying.pk])
    assert there[staying.pk].outsider.name == "U Ba"
    assert (there[going.pk].outsider, there[going.pk].organisation) == (None, on_road.carrier)


@pytest.mark.django_db(transaction=True)
def test_an_incident_before_the_split_goes_with_the_bags_and_a_later_one_does_not(on_road, custodian, ground):
    going, staying = bag(on_road, ground, 0), bag(on_road, ground, 1)
    report = {"actor": custodian, "kind": "CUSTODY_GAP", "consignment": on_road}
    incident_services.report_incident(detail="before", **report)
    split(on_road, custodian, [going])
    assert [one.detail for one in blocking_incidents(ground.batch)[going.pk]] == ["before"]
    with_time = incident_services.report_incident(detail="after", **report)
    found = blocking_incidents(ground.batch)
    assert with_time in found[staying.pk]
    assert with_time not in found.get(going.pk, [])


def test_both_parts_are_received(on_road, custodian, ground, receive, receptionist):
    new = split(on_road, custodian, [bag(on_road, ground, 0)])
    receive(new, 0)
    for n in (1, 2):
        receive(on_road, n)
    for one in (new, on_road):
        done = receiving.finish_receipt(actor=receptionist, consignment=one, here=Here(CAME))
        assert done.state == "RECEIVED"
    assert not Incident.objects.exists()


# --- Page and API ---------------------------------------------------------------------------------------


def test_the_page_lets_the_ticked_bags_go(signed_in, on_road, custodian, ground):
    client, url = signed_in(custodian), reverse("custody:split", args=[on_road.pk])
    page = client.get(url).content.decode()
    assert page.count('name="samples"') == 3
    assert 'name="carrier"' not in page
    item = on_road.items.get(sample__tag__code=ground.tags[1])
    assert client.post(url, {}).status_code == 422
    answer = client.post(url, {"samples": [str(item.pk)]})
    new = Consignment.objects.get(split_from=on_road)
    assert answer["Location"] == reverse("custody:consignment", args=[new.pk])
    assert on_road.code in client.get(answer["Location"]).content.decode()
    assert new.code in client.get(reverse("custody:consignment", args=[on_road.pk])).content.decode()
    assert 'name="carrier"' in signed_in(ground.manager).get(url).content.decode()


def test_the_api_does_the_same(signed_in, on_road, custodian, ground):
    going = bag(on_road, ground, 0)
    url = reverse("api-consignment-split", args=[on_road.pk])
    sent = {"samples": [str(going.pk)], "at": (LEFT + HOUR).isoformat(), "consignment_id": str(uuid7())}
    answer = signed_in(custodian).post(url, sent, content_type="application/json")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["id"], body["split_from_id"], body["bags"]) == (
        sent["consignment_id"], str(on_road.pk), 1,
    )  # fmt: skip


# --- Two at once ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_one_bag_is_split_off_once(on_road, custodian, ground):
    going = bag(on_road, ground, 0)
    answers = at_once(*[lambda: split(on_road, custodian, [going])] * 3)
    assert answers.count("sample-elsewhere") == 2
    assert ConsignmentItem.objects.filter(sample=going, state="PACKED").count() == 1
    assert Consignment.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_bag_is_split_off_or_received_never_both(on_road, custodian, ground, receive, receptionist):
    del receptionist
    going = bag(on_road, ground, 0)
    answers = at_once(
        lambda: split(on_road, custodian, [going]),
        lambda: receive(on_road, 0),
    )
    states = sorted(ConsignmentItem.objects.filter(sample=going).values_list("state", flat=True))
    refused = [answer for answer in answers if isinstance(answer, str)]
    assert len(refused) == 1
    assert states == (["RECEIVED"] if refused == ["sample-elsewhere"] else ["MOVED", "PACKED"])


@pytest.mark.django_db(transaction=True)
def test_two_hand_the_same_consignment_over(on_road, ground, person):
    """Both happened, as far as anybody tells; the second had not got it, and that is an incident."""
    one, two, three = person("custodian", "hillroad"), person("manager", "hillroad"), ground.manager

    def give(actor, taker):
        return lambda: road_services.hand_over(
            actor=actor, consignment=on_road, to_person=taker, here=Here(LEFT + HOUR)
        )

    at_once(give(three, one), give(three, two))
    assert CustodyEvent.objects.filter(kind="HANDED_OVER", to_person__isnull=False).count() == 2
    found = Incident.objects.get()
    assert found.kind in {"CUSTODY_GAP", "TWO_CLAIMS"}


@pytest.mark.django_db(transaction=True)
def test_a_consignment_leaves_or_is_cancelled_never_both(ground, ready):
    answers = at_once(
        lambda: services.dispatch(actor=ground.coordinator, consignment=ready, here=Here(LEFT)),
        lambda: services.cancel_consignment(actor=ground.manager, consignment=ready, reason="No lorry"),
    )
    assert answers.count("consignment-not-so") == 1
    ready.refresh_from_db()
    assert (ready.state, ready.items.count()) in {("DISPATCHED", 3), ("CANCELLED", 0)}


@pytest.mark.django_db(transaction=True)
def test_two_consignments_under_one_permit_for_one_exactly_one_leaves(ground, packing, sealed):
    permit = add_document(
        actor=ground.coordinator,
        owner=ground.owner,
        kind="PLANT_QUARANTINE",
        authority="DPPQS",
        number="PQ-7",
        quantity_kg=Decimal("2.15"),
    )
    other = services.start_consignment(
        actor=ground.manager, owner=ground.owner, carrier=packing.carrier, destination=packing.destination
    )
    for n, one in enumerate((packing, other)):
        services.pack(actor=ground.coordinator, consignment=one, samples=[sealed(n)])
        complete_but(ground, one, permit)
    answers = at_once(
        *(
            lambda one=one: services.dispatch(actor=ground.coordinator, consignment=one, here=Here(LEFT))
            for one in (packing, other)
        )
    )
    assert answers.count("document-exhausted") == 1
    assert Consignment.objects.filter(state="DISPATCHED").count() == 1
    assert used_of([permit.pk]) == {permit.pk: Used(Decimal("2.15"), 1)}


def test_a_complete_consignment_needs_no_register(ground, packing, sealed):
    services.pack(actor=ground.coordinator, consignment=packing, samples=[sealed(0)])
    complete(ground, packing)
    assert (
        services.dispatch(actor=ground.coordinator, consignment=packing, here=Here(LEFT)).state
        == "DISPATCHED"
    )
