"""Receiving bag by bag: what each check opens at its boundary, what is refused, and how a receipt ends."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lims.errors import Conflict, Invalid, NotFound, NotPermitted
from lims.work.models import Request
from samples.custody import receiving, road_services, services
from samples.custody.happenings import Here
from samples.custody.models import ConsignmentItem, CustodyEvent, Incident, Seal
from samples.registry.models import BatchParty
from samples.registry.rules import make_tag, show_tag
from tests.samples.custody.conftest import CAME, LEFT, SEALED, complete
from tests.samples.custody.test_services import foreign_bag

pytestmark = pytest.mark.django_db


def codes(caught):
    return [(problem.code, problem.place.field) for problem in caught.value.problems]


def incidents():
    """Return kind → detail of every incident there is."""
    return {incident.kind: incident.detail for incident in Incident.objects.all()}


def asked(kind, batch):
    """Return how often work of a kind was requested for a batch."""
    return Request.objects.filter(kind=kind, key=str(batch.pk)).count()


def finish(consignment, actor, at=CAME + timedelta(hours=1), **place):
    return receiving.finish_receipt(actor=actor, consignment=consignment, here=Here(at, **place))


def test_a_bag_as_it_was_sealed_is_received_without_an_incident(on_road, receive, receptionist, ground):
    item = receive(on_road, tag=show_tag(ground.tags[0]).lower(), mass_g=Decimal("2150.4"))
    item.refresh_from_db()
    assert (item.state, item.received_at, item.received_by) == ("RECEIVED", CAME, receptionist)
    assert (item.received_mass_g, item.condition) == (Decimal("2150.400"), "INTACT")
    event = CustodyEvent.objects.get(kind="RECEIVED")
    assert (event.sample, event.consignment, event.recorded_by) == (item.sample, on_road, receptionist)
    assert (event.from_organisation, event.to_organisation) == (on_road.carrier, on_road.destination)
    assert (event.gross_mass_g, event.seals_found) == (Decimal("2150.400"), [["Acme", "A-0"]])
    assert incidents() == {}
    assert Seal.objects.get(number="A-0").state == "APPLIED"


def test_the_first_bag_of_a_batch_pins_its_policy_and_every_bag_asks_for_a_decision(on_road, receive, ground):
    receive(on_road, 0)
    assert (asked("assays.pin_policy", ground.batch), asked("assays.decide_batch", ground.batch)) == (1, 1)
    receive(on_road, 1)
    assert (asked("assays.pin_policy", ground.batch), asked("assays.decide_batch", ground.batch)) == (1, 2)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"mass_g": Decimal("2171.5")}, {}),
        (
            {"mass_g": Decimal("2171.501")},
            {"MASS_OUT_OF_TOLERANCE": "Received at 2171.501 g; sealed at 2150 g."},
        ),
        ({"mass_g": Decimal("2128.5")}, {}),
        (
            {"mass_g": Decimal("2128.499")},
            {"MASS_OUT_OF_TOLERANCE": "Received at 2128.499 g; sealed at 2150 g."},
        ),
        ({"seals": [(" ACME", "a - 0")]}, {}),
        ({"seals": []}, {"SEAL_MISMATCH": "Applied: Acme A-0; found: none."}),
        ({"seals": [("Acme", "A-9")]}, {"SEAL_MISMATCH": "Applied: Acme A-0; found: Acme A-9."}),
        (
            {"seals": [("Acme", "A-0"), ("Acme", "A-9")]},
            {"SEAL_MISMATCH": "Applied: Acme A-0; found: Acme A-0, Acme A-9."},
        ),
        (
            {"seals": [("acme", "a-1")]},
            {
                "SEAL_MISMATCH": "Applied: Acme A-0; found: acme a-1.",
                "SEAL_REUSED": "Used before: Acme A-1.",
            },
        ),
        ({"condition": "DAMAGED"}, {}),
        ({"condition": "OPENED"}, {"SEAL_BROKEN": "The bag was found opened."}),
        ({"here": Here(LEFT)}, {}),
        (
            {"here": Here(LEFT - timedelta(minutes=1))},
            {"CLOCK": "Received at 2026-11-04 13:59 UTC, before it left at 2026-11-04 14:00."},
        ),
    ],
)
def test_each_check_at_its_boundary(on_road, receive, changed, expected):
    item = receive(on_road, **changed)
    assert incidents() == expected
    for incident in Incident.objects.all():
        assert (incident.sample, incident.consignment) == (item.sample, on_road)
        assert incident.event == CustodyEvent.objects.get(kind="RECEIVED")
        assert incident.blocking is (incident.kind != "CLOCK")


def test_the_mass_is_compared_with_the_last_weighing_too(on_road, receive, ground, custodian):
    """A bag is weighed at the border at 2 130 g: 2 170 is near what was sealed, but not near that."""
    from lims.verbs import acting  # noqa: PLC0415  # a weighing has no verb of its own yet
    from samples.custody.happenings import happened  # noqa: PLC0415

    sample = on_road.items.get(sample__tag__code=ground.tags[0]).sample
    with acting(custodian, verb_name="weigh"):
        happened("CHECKPOINT", Here(LEFT), sample=sample, gross_mass_g=Decimal(2130), recorded_by=custodian)
    receive(on_road, mass_g=Decimal(2170))
    assert incidents() == {"MASS_OUT_OF_TOLERANCE": "Received at 2170 g; weighed last at 2130 g."}


def test_an_opened_bag_ends_the_life_of_its_seal(on_road, receive, receptionist):
    receive(on_road, condition="OPENED")
    seal = Seal.objects.get(number="A-0")
    assert (seal.state, seal.ended_at, seal.ended_by) == ("BROKEN", CAME, receptionist)


def test_a_seal_taken_from_another_bag_is_one_used_before(on_road, receive):
    receive(on_road, 0, condition="OPENED")
    receive(on_road, 1, seals=[("Acme", "A-1"), ("Acme", "A-0")])
    assert Incident.objects.get(kind="SEAL_REUSED").detail == "Used before: Acme A-0."


def test_a_bag_is_received_once(on_road, receive):
    receive(on_road)
    with pytest.raises(Conflict) as caught:
        receive(on_road, mass_g=Decimal(1))
    assert codes(caught) == [("bag-received", "tag")]
    assert CustodyEvent.objects.filter(kind="RECEIVED").count() == 1
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("changed", "problem", "code", "field"),
    [
        ({"tag": "KC-000001-0"}, Invalid, "tag-check-character", "tag"),
        ({"tag": "?"}, Invalid, "tag-malformed", "tag"),
        ({"tag": make_tag("ZZ", 1)}, NotFound, "tag-unknown", "tag"),
        ({"mass_g": Decimal(0)}, Invalid, "mass-not-positive", "mass_g"),
        ({"mass_g": Decimal(100_001)}, Invalid, "mass-too-large", "mass_g"),
        ({"condition": "WET"}, Invalid, "choice-unknown", "condition"),
        ({"here": Here(CAME.replace(year=2126))}, Invalid, "date-in-future", "at"),
    ],
)
def test_a_bag_is_refused_where_it_is_wrong(on_road, receive, changed, problem, code, field):
    with pytest.raises(problem) as caught:
        receive(on_road, **changed)
    assert codes(caught) == [(code, field)]
    assert not CustodyEvent.objects.filter(kind="RECEIVED").exists()


def test_a_free_tag_and_another_owners_bag_are_unknown(on_road, receive, ground, person):
    foreign = foreign_bag(person("manager", "midwest"))
    for tag in (ground.tags[9], foreign.tag.code):
        with pytest.raises(NotFound) as caught:
            receive(on_road, tag=tag)
        assert codes(caught) == [("tag-unknown", "tag")]


def test_an_unexpected_bag_is_received_and_compared_with_its_sealing(on_road, receive, sealed, ground):
    other = sealed(5, mass_g=1800)
    item = receive(on_road, 5, mass_g=Decimal(1801))
    assert (item.state, item.sample, item.sealed_mass_g) == ("UNEXPECTED", other, Decimal(1800))
    assert incidents() == {"UNEXPECTED_BAG": f"{other} is not on the manifest."}
    with pytest.raises(Conflict) as caught:
        receive(on_road, 5)
    assert codes(caught) == [("bag-received", "tag")]


def test_an_unexpected_bag_of_another_batch_lets_the_laboratory_see_that(on_road, receive, ground):
    from samples.registry import sample_services  # noqa: PLC0415  # only here
    from samples.registry import services as registry  # noqa: PLC0415

    batch = registry.open_batch(
        actor=ground.manager, mine=ground.mine, material_type="HARD_ROCK", campaign="other"
    )
    sample_services.register_sample(
        actor=ground.manager,
        batch=batch,
        tag_code=ground.tags[8],
        mass_g=Decimal(900),
        collected_at=SEALED,
    )
    item = receive(on_road, 8, mass_g=Decimal(900), seals=[])
    assert (item.state, item.sealed_mass_g) == ("UNEXPECTED", Decimal(900))
    assert [(p.organisation, p.part) for p in BatchParty.objects.filter(batch=batch)] == [
        (on_road.destination, "TESTER")
    ]
    assert asked("assays.pin_policy", batch) == 1


# --- The end of a receipt -----------------------------------------------------------------------------


def test_a_whole_receipt_ends_received(on_road, receive, receptionist):
    for n in range(3):
        receive(on_road, n)
    done = finish(on_road, receptionist)
    assert done.state == "RECEIVED"
    arrived = CustodyEvent.objects.get(kind="ARRIVED")
    assert (arrived.to_organisation, arrived.to_person) == (on_road.destination, receptionist)
    with pytest.raises(Conflict) as caught:
        finish(on_road, receptionist)
    assert codes(caught) == [("consignment-not-so", "state")]


def test_a_partial_receipt_is_a_state_and_goes_on_with_another_person(
    on_road, receive, receptionist, person, ground
):
    receive(on_road, 0)
    done = finish(on_road, receptionist)
    states = dict(ConsignmentItem.objects.values_list("sample__tag__code", "state"))
    assert done.state == "PARTLY_RECEIVED"
    assert states == {ground.tags[0]: "RECEIVED", ground.tags[1]: "MISSING", ground.tags[2]: "MISSING"}
    technician = person("technician", "nfc")
    receive(done, 1, actor=technician)
    assert finish(done, technician).state == "PARTLY_RECEIVED"
    receive(done, 2, actor=technician)
    assert finish(done, technician).state == "RECEIVED"
    assert incidents() == {}


def test_a_missing_bag_may_travel_again(on_road, receive, receptionist, ground):
    receive(on_road, 0)
    finish(on_road, receptionist)
    late = ConsignmentItem.objects.get(sample__tag__code=ground.tags[1]).sample
    again = services.start_consignment(
        actor=ground.manager, owner=ground.owner, carrier=on_road.carrier, destination=on_road.destination
    )
    services.pack(actor=ground.manager, consignment=again, samples=[late])
    complete(ground, again)
    sent = services.dispatch(actor=ground.manager, consignment=again, here=Here(LEFT))
    assert receive(sent, 1).state == "RECEIVED"


def test_nothing_received_is_no_receipt(on_road, receptionist):
    with pytest.raises(Conflict) as caught:
        finish(on_road, receptionist)
    assert codes(caught) == [("receipt-empty", None)]
    assert set(ConsignmentItem.objects.values_list("state", flat=True)) == {"PACKED"}


def test_the_arrival_is_compared_with_the_last_place_on_the_road(on_road, receive, receptionist, custodian):
    near = {"latitude": Decimal("25.86"), "longitude": Decimal("97.74"), "accuracy_m": Decimal(10)}
    road_services.record_event(
        actor=custodian, consignment=on_road, kind="CHECKPOINT", here=Here(CAME - timedelta(hours=1), **near)
    )
    receive(on_road, 0)
    finish(on_road, receptionist, at=CAME, latitude=Decimal("17.38"), longitude=Decimal("78.48"))
    assert incidents().keys() == {"IMPOSSIBLE_TRAVEL"}
    assert Incident.objects.get().sample is None


def test_what_is_being_packed_is_not_received(ready, receive, receptionist):
    for call in (lambda: receive(ready), lambda: finish(ready, receptionist)):
        with pytest.raises(Conflict) as caught:
            call()
        assert codes(caught) == [("consignment-not-so", "state")]


@pytest.mark.parametrize(
    ("role", "where"),
    [
        ("manager", "irel"),
        ("field_coordinator", "irel"),
        ("custodian", "hillroad"),
        ("manager", "midwest"),
        ("reviewer", "nfc"),
        ("manager", "mines"),
        ("administrator", "mines"),
    ],
)
def test_only_the_laboratory_that_awaits_it_receives(on_road, receive, person, role, where):
    stranger = person(role, where)
    for call in (lambda: receive(on_road, actor=stranger), lambda: finish(on_road, stranger)):
        with pytest.raises(NotPermitted):
            call()


def test_another_laboratory_receives_nothing(on_road, receive, receptionist):
    from lims.accounts.models import Membership, Organisation, User  # noqa: PLC0415  # only here
    from lims.verbs import SystemActor, acting  # noqa: PLC0415

    with acting(SystemActor("tests"), verb_name="tests"):
        other = Organisation.objects.create(code="LAB2", name="Another laboratory", kind="LABORATORY")
        user = User.objects.create(email="r@lab2.test", name="R")
        Membership.objects.create(user=user, organisation=other, role="RECEPTIONIST")
    with pytest.raises(NotPermitted):
        receive(on_road, actor=user)
