"""Two at once: one seal on one bag, one receipt of a bag, codes given once, a manifest that is locked."""

from decimal import Decimal

import pytest

from samples.custody import incident_services, receiving, services
from samples.custody.happenings import Here
from samples.custody.models import (
    Consignment,
    ConsignmentItem,
    CustodyEvent,
    Incident,
    Seal,
)
from tests.samples.custody.conftest import CAME, LEFT, SEALED
from tests.samples.registry.test_races import at_once
from tests.support.people import organisation

pytestmark = pytest.mark.django_db(transaction=True)


def sealing(ground, sample, number):
    def act():
        return services.seal_sample(
            actor=ground.coordinator,
            sample=sample,
            maker="Acme",
            number=number,
            mass_g=Decimal(2150),
            here=Here(SEALED),
        )

    return act


def test_one_seal_goes_on_one_bag(ground, register):
    bags = [register(n) for n in range(4)]
    answers = at_once(
        *(sealing(ground, bag, number) for bag, number in zip(bags, ["a-1", "A-1"] * 2, strict=True))
    )
    assert answers.count("seal-used") == 3
    assert Seal.objects.count() == CustodyEvent.objects.count() == 1


def test_one_bag_takes_one_seal(ground, register):
    bag = register(0)
    answers = at_once(*(sealing(ground, bag, f"A-{n}") for n in range(4)))
    assert answers.count("seal-one-on-a-bag") == 3
    assert Seal.objects.count() == CustodyEvent.objects.count() == 1


def test_two_people_receive_the_same_bag(ground, on_road, person):
    people = [person("receptionist", "nfc"), person("technician", "nfc"), person("manager", "nfc")]

    def receiving_as(who):
        return lambda: receiving.receive_bag(
            actor=who,
            consignment=on_road,
            tag=ground.tags[0],
            mass_g=Decimal(1000),
            seals=[],
            condition="INTACT",
            here=Here(CAME),
        )

    answers = at_once(*(receiving_as(who) for who in people))
    assert answers.count("bag-received") == 2
    assert CustodyEvent.objects.filter(kind="RECEIVED").count() == 1
    assert Incident.objects.count() == 2


def test_an_unexpected_bag_is_received_once(ground, on_road, register, person):
    register(7)
    receptionist = person("receptionist", "nfc")

    def receive():
        return receiving.receive_bag(
            actor=receptionist,
            consignment=on_road,
            tag=ground.tags[7],
            mass_g=Decimal(2150),
            seals=[],
            condition="INTACT",
            here=Here(CAME),
        )

    assert at_once(*[receive] * 3).count("bag-received") == 2
    assert ConsignmentItem.objects.filter(state="UNEXPECTED").count() == 1


def test_codes_are_given_once(ground):
    def begin():
        return services.start_consignment(
            actor=ground.coordinator,
            owner=ground.owner,
            carrier=organisation("hillroad"),
            destination=organisation("nfc"),
        ).code

    organisation("hillroad"), organisation("nfc")
    codes = sorted(at_once(*[begin] * 5))
    assert [int(code[-4:]) for code in codes] == [1, 2, 3, 4, 5]


def test_nothing_is_packed_into_what_leaves(ground, ready, sealed):
    """Whichever comes first, what left is what the manifest says."""
    bag = sealed(5)
    answers = at_once(
        lambda: services.dispatch(actor=ground.manager, consignment=ready, here=Here(LEFT)),
        lambda: services.pack(actor=ground.coordinator, consignment=ready, samples=[bag]),
        lambda: services.dispatch(actor=ground.coordinator, consignment=ready, here=Here(LEFT)),
    )
    assert sum(answer == "consignment-not-so" for answer in (answers[0], answers[2])) == 1
    from samples.custody.manifest import manifest_digest  # noqa: PLC0415  # only here

    left = Consignment.objects.get(pk=ready.pk)
    items = list(left.items.select_related("sample__tag"))
    assert len(items) == (3 if answers[1] == "consignment-not-so" else 4)
    assert left.manifest_sha256 == manifest_digest(items)


def test_one_bag_is_packed_into_one_consignment(ground, packing, sealed):
    other = services.start_consignment(
        actor=ground.manager, owner=ground.owner, carrier=packing.carrier, destination=packing.destination
    )
    bag = sealed(0)
    answers = at_once(
        *(
            lambda consignment=consignment: services.pack(
                actor=ground.coordinator, consignment=consignment, samples=[bag]
            )
            for consignment in (packing, other)
        )
    )
    assert answers.count("sample-in-one-consignment") == 1
    assert ConsignmentItem.objects.count() == 1


def test_an_incident_is_decided_on_once(ground, on_road, receive, person):
    receive(on_road, 0, mass_g=Decimal(1000))
    incident = Incident.objects.get()
    incident_services.explain_incident(
        actor=person("receptionist", "nfc"), incident=incident, explanation="wet"
    )
    verbs = (incident_services.clear_incident, incident_services.uphold_incident)
    answers = at_once(
        *(lambda verb=verb: verb(actor=ground.manager, incident=incident, reason="So.") for verb in verbs)
    )
    assert answers.count("transition-refused") == 1
