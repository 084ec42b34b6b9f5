"""The way back, and single bags: turned round, sent to the owner, sealed anew, stored, disposed of; consignments given up."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from lims.errors import Conflict, Invalid, NotPermitted
from lims.ids import uuid7
from samples.custody import bag_services, permissions, receiving, road_services, services
from samples.custody.happenings import Here
from samples.custody.manifest import manifest_digest
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent, Incident, Seal
from samples.custody.page_queries import awaited_by, loose_bags, returnable
from samples.custody.queries import consignments_for
from samples.custody.returning import send_back, turn_back
from samples.custody.whereabouts import whereabouts
from tests.samples.custody.conftest import CAME, LEFT
from tests.support.people import organisation

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def bag(consignment, ground, n):
    return consignment.items.get(sample__tag__code=ground.tags[n]).sample


def codes(caught):
    return [(problem.code, problem.place.field) for problem in caught.value.problems]


@pytest.fixture
def in_laboratory(on_road, receive, receptionist):
    """Return the consignment after its three bags were received."""
    for n in range(3):
        receive(on_road, n)
    return receiving.finish_receipt(actor=receptionist, consignment=on_road, here=Here(CAME))


# --- Turned back ----------------------------------------------------------------------------------------


def turned(consignment, actor, **changed):
    given = {"here": Here(LEFT + HOUR), "reason": "The bridge is out"}
    return turn_back(actor=actor, consignment=consignment, **(given | changed))


def test_a_consignment_is_turned_round_to_its_owner(on_road, custodian, ground, receptionist):
    assert on_road in awaited_by(receptionist)
    turned(on_road, custodian)
    on_road.refresh_from_db()
    assert (on_road.returning, on_road.turned_back_at, on_road.state) == (True, LEFT + HOUR, "DISPATCHED")
    assert (on_road.destination, on_road.planned_arrival) == (on_road.owner, None)
    event = CustodyEvent.objects.filter(kind="DEPARTED").order_by("id").last()
    laboratory = organisation("nfc")
    assert event.note == f"Turned back on the way to {laboratory}: The bridge is out"
    assert list(awaited_by(ground.coordinator)) == [on_road]
    assert not consignments_for(receptionist).exists()


def test_the_owners_people_receive_what_comes_back_and_nothing_else(on_road, custodian, ground, receptionist):
    assert permissions.can_receive(ground.coordinator, on_road) is False
    turned(on_road, custodian)
    on_road.refresh_from_db()
    assert permissions.can_receive(ground.coordinator, on_road) is True
    assert permissions.can_receive(receptionist, on_road) is False
    assert permissions.can_receive(custodian, on_road) is False


def test_it_is_turned_once_and_only_before_receipt(on_road, ready, custodian, receive, person):
    with pytest.raises(Invalid) as caught:
        turned(on_road, custodian, reason=" ")
    assert codes(caught) == [("field-required", "reason")]
    with pytest.raises(NotPermitted):
        turned(on_road, person("technician", "nfc"))
    receive(on_road, 0)
    with pytest.raises(Conflict) as caught:
        turned(on_road, custodian)
    assert codes(caught)[0][0] == "bag-received"


def test_it_is_turned_once(on_road, custodian):
    turned(on_road, custodian)
    with pytest.raises(Conflict) as caught:
        turned(on_road, custodian)
    assert codes(caught)[0][0] == "turned-already"


def test_what_came_back_may_travel_again(on_road, custodian, ground, receive, packing):
    turned(on_road, custodian)
    on_road.refresh_from_db()
    for n in range(3):
        receive(on_road, n, actor=ground.coordinator)
    receiving.finish_receipt(actor=ground.coordinator, consignment=on_road, here=Here(CAME))
    again = services.start_consignment(
        actor=ground.coordinator,
        owner=ground.owner,
        carrier=organisation("hillroad"),
        destination=organisation("nfc"),
    )
    bags = [bag(on_road, ground, n) for n in range(3)]
    assert set(loose_bags(again)) == set(bags)
    assert len(services.pack(actor=ground.coordinator, consignment=again, samples=bags)) == 3
    assert not loose_bags(again).exists()


# --- Sent back ------------------------------------------------------------------------------------------


def sent(actor, bags, **changed):
    given = {"carrier": organisation("hillroad"), "here": Here(CAME + DAY)}
    return send_back(actor=actor, samples=bags, **(given | changed))


def test_a_laboratory_sends_sealed_bags_to_their_owner(in_laboratory, ground, receptionist):
    bags = [bag(in_laboratory, ground, 0), bag(in_laboratory, ground, 2)]
    assert returnable(receptionist).count() == 3
    pk = uuid7()
    new = sent(receptionist, bags, consignment_id=pk)
    new.refresh_from_db()
    assert (new.pk, new.state, new.returning) == (pk, "DISPATCHED", True)
    assert (new.owner, new.destination) == (ground.owner, ground.owner)
    assert (new.carrier, new.dispatched_at) == (organisation("hillroad"), CAME + DAY)
    assert new.sent_by == organisation("nfc")
    # Whoever sent the bags follows them, although the consignment is no longer on its way to them.
    assert new in consignments_for(receptionist)
    items = list(new.items.select_related("sample__tag"))
    assert {item.sample for item in items} == set(bags)
    assert {item.sealed_mass_g for item in items} == {Decimal(2150)}
    assert new.manifest_sha256 == manifest_digest(items)
    told = CustodyEvent.objects.filter(consignment=new).order_by("id")
    assert [(one.kind, one.from_organisation.code, one.to_organisation.code) for one in told] == [
        ("HANDED_OVER", "NFC", "HILLROAD"),
        ("DEPARTED", "HILLROAD", "HILLROAD"),
    ]
    assert whereabouts([bags[0].pk])[bags[0].pk].organisation == organisation("hillroad")
    assert [item.sample for item in returnable(receptionist)] == [bag(in_laboratory, ground, 1)]
    assert not Incident.objects.exists()


def test_an_opened_bag_is_sealed_anew_before_it_travels(in_laboratory, ground, receptionist):
    going = bag(in_laboratory, ground, 0)
    bag_services.open_bag(actor=receptionist, sample=going, here=Here(CAME + HOUR))
    with pytest.raises(Invalid) as caught:
        sent(receptionist, [going])
    assert codes(caught) == [("sample-not-sealed", "samples")]
    bag_services.reseal_bag(
        actor=receptionist,
        sample=going,
        maker="Acme",
        number="R-1",
        mass_g=Decimal(2148),
        here=Here(CAME + 2 * HOUR),
    )
    new = sent(receptionist, [going])
    assert new.items.get().sealed_mass_g == Decimal(2148)


def test_only_what_the_laboratory_has_goes_back(in_laboratory, ground, receptionist, custodian, sealed):
    mine, loose = bag(in_laboratory, ground, 0), sealed(9)
    with pytest.raises(Invalid) as caught:
        sent(receptionist, [mine, loose])
    assert codes(caught) == [("bag-not-here", "samples")]
    with pytest.raises(Invalid) as caught:
        sent(receptionist, [])
    assert codes(caught) == [("bags-missing", "samples")]
    with pytest.raises(NotPermitted):
        sent(custodian, [mine])
    with pytest.raises(Invalid) as caught:
        sent(receptionist, [mine], carrier=organisation("nfc"))
    assert codes(caught) == [("part-does-not-fit", "carrier")]
    sent(receptionist, [mine])
    with pytest.raises(Conflict) as caught:
        sent(receptionist, [mine])
    assert codes(caught)[0][0] == "sample-in-one-consignment"
    assert Consignment.objects.filter(returning=True).count() == 1


def test_what_is_gone_goes_nowhere(in_laboratory, ground, receptionist, person):
    one, two = bag(in_laboratory, ground, 0), bag(in_laboratory, ground, 1)
    bag_services.report_lost(actor=receptionist, sample=one, here=Here(CAME + HOUR))
    bag_services.dispose_bag(
        actor=person("manager", "nfc"), sample=two, reason="Hold time is over", here=Here(CAME + HOUR)
    )
    with pytest.raises(Conflict) as caught:
        sent(receptionist, [one, two])
    assert sorted(code for code, _ in codes(caught)) == ["bag-disposed", "bag-lost"]


# --- Single bags ----------------------------------------------------------------------------------------


def resealed(actor, sample, **changed):
    given = {"maker": "Acme", "number": "N-1", "mass_g": Decimal(2150), "here": Here(LEFT + HOUR)}
    return bag_services.reseal_bag(actor=actor, sample=sample, **(given | changed))


def test_a_bag_is_sealed_anew_at_an_inspection_and_that_it_was_opened_stays(on_road, custodian, ground):
    sample = bag(on_road, ground, 0)
    new = resealed(custodian, sample, number=" N - 1 ", here=Here(LEFT + HOUR, id=uuid7()))
    assert (new.maker, new.number, new.state, new.applied_by) == ("Acme", "N-1", "APPLIED", custodian)
    assert Seal.objects.get(number="A-0").state == "REMOVED"
    told = list(CustodyEvent.objects.filter(sample=sample).order_by("id").values_list("kind", flat=True))
    assert sorted(told) == ["OPENED", "SEALED", "SEALED"]
    event = CustodyEvent.objects.get(sample=sample, kind="SEALED", seals_found=[["Acme", "N-1"]])
    assert (event.gross_mass_g, event.to_organisation) == (Decimal(2150), on_road.carrier)
    assert Incident.objects.get().kind == "OPENED_OUTSIDE"


def test_a_new_seal_on_an_open_bag_says_nothing_more(on_road, custodian, ground):
    sample = bag(on_road, ground, 0)
    bag_services.open_bag(actor=custodian, sample=sample, here=Here(LEFT + HOUR))
    resealed(custodian, sample)
    assert CustodyEvent.objects.filter(kind="OPENED").count() == 1
    assert Incident.objects.get().kind == "OPENED_OUTSIDE"


def test_what_an_inspector_kept_shows_in_the_mass(on_road, custodian, ground):
    resealed(custodian, bag(on_road, ground, 0), mass_g=Decimal("2128.5"))  # 1 % of 2150 g is 21.5 g
    assert {one.kind for one in Incident.objects.all()} == {"OPENED_OUTSIDE"}
    resealed(custodian, bag(on_road, ground, 1), number="N-2", mass_g=Decimal("2128.4"))
    found = Incident.objects.get(kind="MASS_OUT_OF_TOLERANCE")
    assert (found.sample, found.facts["difference_g"]) == (bag(on_road, ground, 1), "-21.6")


def test_the_new_seal_is_looked_for_from_then_on(on_road, custodian, ground):
    resealed(custodian, bag(on_road, ground, 0))
    seals = [("Acme", "N-1"), ("Acme", "A-1"), ("Acme", "A-2")]
    given = {"actor": custodian, "consignment": on_road, "to_name": "U Ba", "to_document": "1"}
    road_services.hand_over(seals=seals, here=Here(LEFT + 2 * HOUR), **given)
    assert [one.kind for one in Incident.objects.all()] == ["OPENED_OUTSIDE"]


def test_a_used_seal_and_a_bag_that_never_had_one_are_refused(on_road, custodian, ground, register):
    with pytest.raises(Conflict) as caught:
        resealed(custodian, bag(on_road, ground, 0), number="A-1")
    assert codes(caught)[0][0] == "seal-used"
    assert Seal.objects.get(number="A-0").state == "APPLIED"
    with pytest.raises(Conflict) as caught:
        resealed(ground.coordinator, register(8))
    assert codes(caught) == [("bag-never-sealed", "sample")]
    with pytest.raises(Invalid) as caught:
        resealed(custodian, bag(on_road, ground, 0), mass_g=Decimal(0))
    assert codes(caught) == [("mass-not-positive", "mass_g")]


def test_a_bag_is_stored_where_somebody_says(in_laboratory, ground, receptionist):
    sample = bag(in_laboratory, ground, 0)
    event = bag_services.store_bag(
        actor=receptionist, sample=sample, place=" Room 2,  shelf B ", here=Here(CAME + HOUR)
    )
    event.refresh_from_db()
    assert (event.kind, event.place, event.to_organisation) == (
        "STORED",
        "Room 2, shelf B",
        organisation("nfc"),
    )
    with pytest.raises(Invalid) as caught:
        bag_services.store_bag(actor=receptionist, sample=sample, place=" ", here=Here(CAME))
    assert codes(caught) == [("field-required", "place")]


def test_managers_dispose_of_a_bag_once_and_it_stays_gone(in_laboratory, ground, receptionist, person):
    sample = bag(in_laboratory, ground, 0)
    gone = {"sample": sample, "reason": "Hold time is over", "here": Here(CAME + DAY, note="Bin 4")}
    with pytest.raises(NotPermitted):
        bag_services.dispose_bag(actor=receptionist, **gone)
    event = bag_services.dispose_bag(actor=person("manager", "nfc"), **gone)
    assert (event.kind, event.note) == ("DISPOSED", "Hold time is over Bin 4")
    for act in (
        lambda: bag_services.dispose_bag(actor=ground.manager, **gone),
        lambda: bag_services.store_bag(actor=ground.manager, sample=sample, place="x", here=Here(CAME)),
        lambda: resealed(ground.manager, sample, number="Z-1"),
    ):
        with pytest.raises(Conflict) as caught:
            act()
        assert codes(caught) == [("bag-disposed", "sample")]
    assert whereabouts([sample.pk])[sample.pk].is_lost


def test_what_travels_is_not_disposed_of_and_what_is_gone_is_not_packed(on_road, ground, sealed, packing):
    with pytest.raises(Conflict) as caught:
        bag_services.dispose_bag(
            actor=ground.manager, sample=bag(on_road, ground, 0), reason="x", here=Here(LEFT + HOUR)
        )
    assert codes(caught) == [("bag-travels", "sample")]
    loose = sealed(9)
    bag_services.dispose_bag(actor=ground.manager, sample=loose, reason="x", here=Here(LEFT))
    other = services.start_consignment(
        actor=ground.manager, owner=ground.owner, carrier=on_road.carrier, destination=on_road.destination
    )
    with pytest.raises(Invalid) as caught:
        services.pack(actor=ground.manager, consignment=other, samples=[loose])
    assert codes(caught) == [("bag-disposed", "samples")]


# --- Given up -------------------------------------------------------------------------------------------


def test_a_cancelled_consignment_sets_its_bags_free(ready, ground):
    bags = list(ready.items.values_list("sample", flat=True))
    done = services.cancel_consignment(actor=ground.manager, consignment=ready, reason="No lorry")
    done.refresh_from_db()
    assert (done.state, done.cancel_reason, done.cancelled_by) == ("CANCELLED", "No lorry", ground.manager)
    assert done.cancelled_at is not None
    assert not ConsignmentItem.objects.exists()
    assert Seal.objects.filter(sample__in=bags, state="APPLIED").count() == 3
    other = services.start_consignment(
        actor=ground.manager, owner=ground.owner, carrier=ready.carrier, destination=ready.destination
    )
    assert other.code != ready.code
    assert loose_bags(other).count() == 3


@pytest.mark.parametrize(("reason", "code"), [("", "field-required"), ("x" * 501, "text-too-long")])
def test_a_consignment_is_given_up_for_a_reason(ready, ground, reason, code):
    with pytest.raises(Invalid) as caught:
        services.cancel_consignment(actor=ground.manager, consignment=ready, reason=reason)
    assert codes(caught) == [(code, "reason")]
    assert ready.items.count() == 3


def test_what_has_left_is_not_cancelled(on_road, ground):
    with pytest.raises(Conflict) as caught:
        services.cancel_consignment(actor=ground.manager, consignment=on_road, reason="x")
    assert codes(caught) == [("consignment-not-so", "state")]


# --- Pages ----------------------------------------------------------------------------------------------


def test_turning_back_and_cancelling_have_pages(signed_in, on_road, custodian, ground, packing):
    client = signed_in(custodian)
    url = reverse("custody:turn_back", args=[on_road.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "Snow"}).status_code == 302
    page = client.get(reverse("custody:consignment", args=[on_road.pk])).content.decode()
    assert "On the way back" in page
    assert "It cannot be turned back" in client.get(url).content.decode()


def test_cancelling_has_a_page_that_says_what_it_means(signed_in, ready, ground):
    client, url = signed_in(ground.coordinator), reverse("custody:cancel", args=[ready.pk])
    assert "3 bags are free again" in client.get(url).content.decode()
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "No lorry"}).status_code == 302
    page = client.get(reverse("custody:consignment", args=[ready.pk])).content.decode()
    assert "No lorry" in page
    assert "It cannot be cancelled" in client.get(url).content.decode()


def test_the_laboratory_ticks_what_it_sends_back(signed_in, in_laboratory, ground, receptionist):
    client, url = signed_in(receptionist), reverse("custody:send_back")
    page = client.get(url).content.decode()
    assert page.count('name="samples"') == 3
    line = in_laboratory.items.get(sample__tag__code=ground.tags[0])
    carrier = str(organisation("hillroad").pk)
    assert client.post(url, {"carrier": carrier}).status_code == 422
    assert client.post(url, {"samples": [str(line.pk)], "carrier": carrier}).status_code == 302
    assert Consignment.objects.get(returning=True).items.get().sample == line.sample
    assert "No sealed bag is here" not in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("act", "given", "kind"),
    [
        ("open_bag", {}, "OPENED"),
        ("reseal_bag", {"maker": "Acme", "number": "N-1", "mass_g": "2.15 kg"}, "SEALED"),
        ("store_bag", {"kept_at": "Room 2"}, "STORED"),
        ("report_lost", {}, "LOST"),
        ("dispose_bag", {"reason": "Hold time is over"}, "DISPOSED"),
    ],
)
def test_every_act_on_a_bag_has_a_page(signed_in, in_laboratory, ground, person, act, given, kind):
    sample = bag(in_laboratory, ground, 0)
    client, url = signed_in(person("manager", "nfc")), reverse(f"custody:{act}", args=[sample.pk])
    assert url in client.get(reverse("registry:sample", args=[sample.pk])).content.decode()
    assert client.get(url).status_code == 200
    assert client.post(url, given)["Location"] == reverse("registry:sample", args=[sample.pk])
    assert CustodyEvent.objects.filter(sample=sample, kind=kind).order_by("id").last().recorded_by.name == (
        "Manager of NFC"
    )
    if given:
        assert client.post(url, {}).status_code == 422


def test_who_may_do_nothing_with_a_bag_is_offered_nothing(signed_in, in_laboratory, ground, person):
    sample = bag(in_laboratory, ground, 0)
    page = signed_in(person("auditor", "mines")).get(reverse("registry:sample", args=[sample.pk]))
    assert "This bag" not in page.content.decode()


# --- API ------------------------------------------------------------------------------------------------


def test_the_api_does_all_of_it(signed_in, on_road, ready, custodian, ground):
    client = signed_in(custodian)
    sample = bag(on_road, ground, 0)
    told = {"content_type": "application/json"}
    at = (LEFT + HOUR).isoformat()
    anew = {"sample": str(sample.pk), "maker": "Acme", "number": "N-1", "mass_g": "2150", "at": at}
    answer = client.post(reverse("api-seal-anew"), anew, **told)
    assert (answer.status_code, answer.json()["number"]) == (201, "N-1")
    turn = reverse("api-consignment-turn-back", args=[on_road.pk])
    answer = client.post(turn, {"at": at, "reason": "Snow"}, **told)
    assert (answer.status_code, answer.json()["returning"]) == (200, True)
    events = reverse("api-custody-event-list")
    stored = {"kind": "STORED", "sample": str(sample.pk), "at": at, "place": "Depot"}
    assert client.post(events, stored, **told).status_code == 201
    lacking = stored | {"place": ""}
    assert client.post(events, lacking, **told).json()["problems"][0]["code"] == "field-required"
    gone = {"kind": "DISPOSED", "sample": str(sample.pk), "at": at, "reason": "x"}
    assert client.post(events, gone, **told).status_code == 403


def test_the_api_cancels_and_sends_back(signed_in, in_laboratory, packing, ground, receptionist):
    told = {"content_type": "application/json"}
    other = services.start_consignment(
        actor=ground.manager, owner=ground.owner, carrier=packing.carrier, destination=packing.destination
    )
    cancel = reverse("api-consignment-cancel", args=[other.pk])
    answer = signed_in(ground.coordinator).post(cancel, {"reason": "No lorry"}, **told)
    assert (answer.status_code, answer.json()["state"]) == (200, "CANCELLED")
    back = {
        "samples": [str(bag(in_laboratory, ground, 0).pk)],
        "carrier": str(organisation("hillroad").pk),
        "at": (CAME + DAY).isoformat(),
    }
    answer = signed_in(receptionist).post(reverse("api-consignment-send-back"), back, **told)
    assert answer.status_code == 201
    made = Consignment.objects.get(pk=answer.json()["id"])
    assert (made.code, made.returning) == (answer.json()["code"], True)
