"""Reads of custody: who sees what, who has what, how far a receipt is, and in how many queries."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lims.errors import NotFound
from lims.ids import uuid7
from samples.custody import bag_services, queries, road_services, services
from samples.custody.happenings import Here
from samples.custody.models import Consignment, CustodyEvent, Incident, Seal
from samples.custody.whereabouts import whereabouts
from tests.samples.custody.conftest import CAME, LEFT, SEALED

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
#: role and organisation → who sees IREL's consignment while it is packed, and once it is on the road
VIEWERS = {
    ("field_coordinator", "irel"): (True, True),
    ("manager", "irel"): (True, True),
    ("auditor", "irel"): (True, True),
    ("custodian", "hillroad"): (True, True),
    ("receptionist", "nfc"): (False, True),
    ("reviewer", "nfc"): (False, True),
    ("manager", "mines"): (True, True),
    ("auditor", "midwest"): (True, True),
    ("manager", "midwest"): (False, False),
}


@pytest.mark.parametrize(("who", "sees"), VIEWERS.items(), ids=["-".join(who) for who in VIEWERS])
def test_who_sees_a_consignment_and_what_belongs_to_it(ground, ready, person, receive, who, sees):
    viewer = person(*who)
    assert Consignment.objects.visible_to(viewer).exists() is sees[0]
    sent = services.dispatch(actor=ground.coordinator, consignment=ready, here=Here(LEFT))
    receive(sent, 0, mass_g=Decimal(1000))
    assert Consignment.objects.visible_to(viewer).exists() is sees[1]
    assert Incident.objects.visible_to(viewer).exists() is sees[1]
    assert queries.happenings_for(viewer).count() == (CustodyEvent.objects.count() if sees[1] else 0)
    assert queries.seals_for(viewer).count() == (3 if sees[1] else 0)


def test_what_is_not_there_or_not_theirs_is_unknown(ready, person, ground):
    stranger = person("manager", "midwest")
    sample = ready.items.first().sample
    for call, code in (
        (lambda: queries.consignment_for(stranger, ready.pk), "consignment-unknown"),
        (lambda: queries.consignment_for(ground.manager, uuid7()), "consignment-unknown"),
        (lambda: queries.incident_for(ground.manager, uuid7()), "incident-unknown"),
        (lambda: queries.item_for(ready, uuid7()), "bag-unknown"),
        (lambda: queries.bags_named(stranger, [sample.pk]), "sample-unknown"),
    ):
        with pytest.raises(NotFound) as caught:
            call()
        assert caught.value.problems[0].code == code


def test_bags_are_returned_in_the_order_in_which_they_were_named(ready, ground):
    bags = [item.sample for item in ready.items.order_by("-sample__tag__code")]
    ids = [bag.pk for bag in bags]
    assert queries.bags_named(ground.manager, [*ids, ids[0]]) == bags


def test_a_consignment_is_counted(on_road, receive, ground, receptionist):
    found = queries.consignment_for(ground.manager, on_road.pk)
    assert (found.bags, found.received, found.missing, found.mass_g) == (3, 0, 0, Decimal(6450))
    receive(on_road, 0)
    found = queries.consignment_for(ground.manager, on_road.pk)
    assert (found.bags, found.received, found.missing) == (3, 1, 0)


def test_a_receipt_in_four_numbers(on_road, receive, sealed, ground):
    sealed(5)
    receive(on_road, 1, here=Here(CAME))
    receive(on_road, 0, mass_g=Decimal(1000), here=Here(CAME + HOUR))
    receive(on_road, 5, here=Here(CAME + 2 * HOUR))
    found = queries.receipt_of(on_road)
    assert (found.expected, found.received, found.missing, found.problems) == (3, 3, 1, 2)
    rows = [(row.item.sample.tag.code, row.seals, len(row.incidents)) for row in found.rows]
    assert rows == [
        (ground.tags[0], "Acme A-0", 1),
        (ground.tags[5], "Acme A-5", 1),
        (ground.tags[1], "Acme A-1", 0),
        (ground.tags[2], "Acme A-2", 0),
    ]
    assert found.last is not None
    assert found.last.item.sample.tag.code == ground.tags[5]


def test_a_receipt_asks_three_queries(on_road, receive, django_assert_num_queries):
    for n in range(3):
        receive(on_road, n, mass_g=Decimal(1000))
        with django_assert_num_queries(3):
            queries.receipt_of(on_road)


def test_the_first_receipt_of_a_batch(on_road, receive, ground):
    assert queries.first_receipt_at(ground.batch) is None
    receive(on_road, 1, here=Here(CAME + HOUR))
    receive(on_road, 0, here=Here(CAME))
    assert queries.first_receipt_at(ground.batch) == CAME


def test_the_custody_line_of_consignment_batch_and_bag(on_road, receive, custodian, ground):
    road_services.record_event(
        actor=custodian, consignment=on_road, kind="CHECKPOINT", here=Here(LEFT + HOUR)
    )
    item = receive(on_road, 0)
    road = ["CHECKPOINT", "DEPARTED", "HANDED_OVER"]
    for line in (queries.events_of(on_road), queries.custody_line(ground.batch)):
        assert sorted(event.kind for event in line) == road
        assert line[-1].kind == "CHECKPOINT"
    of_bag = [event.kind for event in queries.events_of_sample(item.sample)]
    assert (of_bag[0], of_bag[-1], sorted(of_bag[1:-1])) == ("SEALED", "RECEIVED", road)


# --- Whereabouts ----------------------------------------------------------------------------------------


def who_has(sample):
    found = whereabouts([sample.pk]).get(sample.pk)
    return found and (found.organisation.code if found.organisation else None, found.since)


def test_a_bag_is_where_it_was_taken_last(ready, register, ground, custodian, receive, person):
    sample = ready.items.get(sample__tag__code=ground.tags[0]).sample
    assert who_has(register(7)) is None
    assert who_has(sample) == ("IREL", SEALED)
    sent = services.dispatch(actor=ground.coordinator, consignment=ready, here=Here(LEFT))
    assert who_has(sample) == ("HILLROAD", LEFT)
    road_services.hand_over(
        actor=custodian, consignment=sent, here=Here(LEFT + HOUR), to_name="U Ba", to_document="NRC 1"
    )
    found = whereabouts([sample.pk])[sample.pk]
    assert (found.outsider.name, found.person, found.since) == ("U Ba", None, LEFT + HOUR)
    receive(sent, 0)
    assert who_has(sample) == ("NFC", CAME)
    # The others are still with the carrier.
    other = sent.items.get(sample__tag__code=ground.tags[1]).sample
    assert who_has(other) == ("HILLROAD", LEFT + HOUR)


def test_nobody_has_what_is_lost(on_road, custodian):
    sample = on_road.items.first().sample
    bag_services.report_lost(actor=custodian, sample=sample, here=Here(LEFT + HOUR))
    found = whereabouts([sample.pk])[sample.pk]
    assert (found.is_lost, found.organisation, found.since) == (True, None, LEFT + HOUR)


def test_whereabouts_ask_three_queries(on_road, receive, django_assert_num_queries):
    ids = [item.sample_id for item in on_road.items.all()]
    receive(on_road, 0)
    for some in (ids[:1], ids):
        with django_assert_num_queries(3):
            found = whereabouts(some)
        assert found.keys() == set(some)


def test_a_seal_is_shown_after_it_was_taken_off(on_road, receive, receptionist):
    item = receive(on_road, 0)
    bag_services.open_bag(actor=receptionist, sample=item.sample, here=Here(CAME))
    assert Seal.objects.get(sample=item.sample).state == "REMOVED"
    row = next(row for row in queries.receipt_of(on_road).rows if row.item.pk == item.pk)
    assert row.seals == "Acme A-0"
