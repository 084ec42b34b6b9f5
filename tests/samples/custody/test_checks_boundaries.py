"""Every custody check of METHODS.md section 6, tripped and not tripped at its boundary, with the facts that it leaves."""

import math
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lims.errors import Invalid, NotPermitted
from lims.ids import uuid7
from lims.verbs import SystemActor, acting
from samples.custody import bag_services, road_services, services
from samples.custody.checks import DEFAULT, EARTH_KM, LIMIT_WORDS, Fix, Limits, off_line_km, too_fast
from samples.custody.happenings import Here
from samples.custody.limits import limits_of, set_limit
from samples.custody.models import ConsignmentLeg, CustodyEvent, Incident, Scale
from tests.samples.custody.conftest import CAME, LEFT, SEALED

pytestmark = pytest.mark.django_db
#: where the road begins; a degree of latitude is 111.195 km
NORTH, EAST = Decimal("25.5"), Decimal("98.0")
KM = Decimal(str(180 / (math.pi * EARTH_KM)))


def at(minutes=0, *, north_km=0, accuracy_m=None, **more):
    """Return a happening so far north of the beginning, so much after the departure."""
    latitude = (NORTH + KM * Decimal(str(north_km))).quantize(Decimal("0.000001"))
    return Here(LEFT + timedelta(minutes=minutes), latitude, EAST, accuracy_m, **more)


def told(consignment, actor, here, kind="CHECKPOINT"):
    return road_services.record_event(actor=actor, consignment=consignment, kind=kind, here=here)


def found():
    return sorted(Incident.objects.values_list("kind", flat=True))


def only():
    incident = Incident.objects.get()
    return incident.kind, incident.facts


# --- Mass ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sealed_g", "found_g", "trips"),
    [
        # max(1 %, 20 g): 21.5 g of 2 150 g, 20 g of 1 000 g
        (2150, "2171.5", False),
        (2150, "2171.501", True),
        (2150, "2128.5", False),
        (2150, "2128.499", True),
        (1000, "1020", False),
        (1000, "1020.001", True),
        (1000, "980", False),
        (1000, "979.999", True),
    ],
)
def test_a_gross_mass(ground, packing, sealed, receive, sealed_g, found_g, trips):
    services.pack(actor=ground.coordinator, consignment=packing, samples=[sealed(0, mass_g=sealed_g)])
    receive(dispatched(ground, packing), 0, mass_g=Decimal(found_g))
    assert found() == (["MASS_OUT_OF_TOLERANCE"] if trips else [])
    if trips:
        facts = only()[1]
        assert facts["compared_with"] == "sealed"
        assert Decimal(facts["difference_g"]) == Decimal(found_g) - sealed_g
        assert Decimal(facts["tolerance_g"]) == max(Decimal(20), Decimal(sealed_g) / 100)


def dispatched(ground, consignment):
    from tests.samples.custody.conftest import complete  # noqa: PLC0415  # beside the others it would shadow a fixture

    complete(ground, consignment)
    return services.dispatch(actor=ground.coordinator, consignment=consignment, here=Here(LEFT))


def scale(ground, division_g):
    with acting(SystemActor("tests"), verb_name="tests"):
        return Scale.objects.create(
            owner=ground.owner, name=f"d {division_g}", division_g=Decimal(division_g)
        )


@pytest.mark.parametrize(("found_g", "trips"), [("2100", False), ("2099.999", True)])
def test_the_coarser_of_the_two_scales_counts(ground, packing, register, receive, found_g, trips):
    bag = register(0)
    services.seal_sample(
        actor=ground.coordinator,
        sample=bag,
        maker="Acme",
        number="A-0",
        mass_g=Decimal(2150),
        here=Here(SEALED),
        scale=scale(ground, 50),
    )
    services.pack(actor=ground.coordinator, consignment=packing, samples=[bag])
    on_road = dispatched(ground, packing)
    receive(on_road, 0, mass_g=Decimal(found_g), scale=scale(ground, 2))
    assert found() == (["MASS_OUT_OF_TOLERANCE"] if trips else [])
    if trips:
        assert only()[1]["divisions_g"] == ["2", "50"]


@pytest.mark.parametrize(
    ("found_g", "trips"), [("2028.5", False), ("2028.499", True), ("2171.5", False), ("2171.501", True)]
)
def test_a_declared_drying_loss_excuses_a_loss_and_never_a_gain(ground, on_road, receive, found_g, trips):
    receive(on_road, 0, mass_g=Decimal(found_g), drying_loss_g=Decimal(100))
    assert found() == (["MASS_OUT_OF_TOLERANCE"] if trips else [])
    if trips:
        assert only()[1]["drying_loss_g"] == "100"


# --- Seals ---------------------------------------------------------------------------------------


def test_the_seal_that_was_applied_is_none(ground, on_road, receive):
    receive(on_road, 0, seals=[(" ACME", "a - 0")])
    assert found() == []


def test_another_seal(ground, on_road, receive):
    receive(on_road, 0, seals=[("Acme", "B-0")])
    assert only() == ("SEAL_MISMATCH", {"applied": ["Acme A-0"], "found": ["Acme B-0"]})


def test_a_seal_that_was_used_before(ground, on_road, receive):
    receive(on_road, 0, seals=[("Acme", "A-1")])
    assert found() == ["SEAL_MISMATCH", "SEAL_REUSED"]
    assert Incident.objects.get(kind="SEAL_REUSED").facts["found"] == "Acme A-1"


def test_a_bag_that_is_damaged_and_one_that_is_open(ground, on_road, receive):
    receive(on_road, 0, condition="DAMAGED")
    assert found() == []
    receive(on_road, 1, condition="OPENED")
    assert found() == ["SEAL_BROKEN"]


def test_opened_in_the_laboratory_and_on_the_road(ground, on_road, receive, receptionist):
    item = receive(on_road, 0)
    bag_services.open_bag(actor=receptionist, sample=item.sample, here=Here(CAME))
    assert found() == []
    other = on_road.items.get(sample__tag__code=ground.tags[1]).sample
    bag_services.open_bag(actor=ground.coordinator, sample=other, here=Here(LEFT))
    assert found() == ["OPENED_OUTSIDE"]


# --- Clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "trips"), [(0, False), (-1, True)])
def test_behind_the_event_before(ground, on_road, custodian, minutes, trips):
    told(on_road, custodian, at(minutes))
    assert found() == (["CLOCK"] if trips else [])
    if trips:
        assert only()[1]["behind_s"] == "60"


# --- Speed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("km", "minutes", "accuracy_m", "trips"),
    [
        ("89.9", 60, None, False),
        ("90.1", 60, None, True),
        # Both accuracies are taken off.
        ("90.1", 60, Decimal(100), False),
        # Within 5 km nothing is told, even at one moment; beyond it is.
        ("4.99", 0, None, False),
        ("5.01", 0, None, True),
    ],
)
def test_speed_by_road(ground, on_road, custodian, km, minutes, accuracy_m, trips):
    told(on_road, custodian, at(0, accuracy_m=accuracy_m))
    told(on_road, custodian, at(minutes, north_km=km, accuracy_m=accuracy_m))
    assert found() == (["IMPOSSIBLE_TRAVEL"] if trips else [])
    if trips:
        assert only()[1]["limit_km_h"] == "90"


def leg(consignment, mode="road", *, to_km=400, position=1, done_at=None):
    with acting(SystemActor("tests"), verb_name="tests"):
        return ConsignmentLeg.objects.create(
            consignment=consignment,
            position=position,
            from_name="Pangwa",
            to_name="Town",
            from_latitude=NORTH,
            from_longitude=EAST,
            to_latitude=at(north_km=to_km).latitude,
            to_longitude=EAST,
            mode=mode,
            grace_hours=Decimal(4),
            due_at=CAME,
            done_at=done_at,
        )


@pytest.mark.parametrize(
    ("mode", "km", "trips"),
    [("rail", "159", False), ("rail", "161", True), ("air", "399", False), ("road", "91", True)],
)
def test_the_mode_of_the_leg_counts(ground, on_road, custodian, mode, km, trips):
    leg(on_road, "road", position=1, done_at=LEFT)
    leg(on_road, mode, position=2)
    told(on_road, custodian, at())
    told(on_road, custodian, at(60, north_km=km))
    assert found() == (["IMPOSSIBLE_TRAVEL"] if trips else [])


def test_places_between_which_nobody_told_of_one_are_compared_too(ground, on_road, custodian):
    told(on_road, custodian, at())
    told(on_road, custodian, Here(LEFT + timedelta(minutes=10)))
    told(on_road, custodian, at(20, north_km=300))
    assert found() == ["IMPOSSIBLE_TRAVEL"]


def test_accuracies_count_after_the_five_kilometres():
    one = Fix(25.5, 98.0, 1000, LEFT)
    two = Fix(25.5 + float(KM) * 6, 98.0, 1000, LEFT + timedelta(minutes=1))
    # 6 km apart is beyond 5 km; 4 km in a minute is 240 km/h.
    assert too_fast(one, two) == pytest.approx(240, rel=1e-6)


# --- Route ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("km", "trips"), [("-24.9", False), ("-25.1", True)])
def test_off_the_route(ground, on_road, custodian, km, trips):
    leg(on_road)
    told(on_road, custodian, at(600, north_km=km))
    assert found() == (["OFF_ROUTE"] if trips else [])
    if trips:
        incident = Incident.objects.get()
        assert (incident.blocking, incident.facts) == (False, {"off_route_km": "25.1", "limit_km": "25"})


def test_by_points_between(ground, on_road, custodian):
    leg(on_road)
    ConsignmentLeg.objects.get()
    with acting(SystemActor("tests"), verb_name="tests"):
        ConsignmentLeg.objects.update(via=[[float(NORTH) + 1, 99.5]])
    here = Here(LEFT + timedelta(hours=9), NORTH + 1, Decimal("99.5"))
    told(on_road, custodian, here)
    assert found() == []


def test_a_route_without_places_is_followed_by_nobody(ground, on_road, custodian):
    leg(on_road)
    with acting(SystemActor("tests"), verb_name="tests"):
        ConsignmentLeg.objects.update(
            from_latitude=None, from_longitude=None, to_latitude=None, to_longitude=None
        )
    told(on_road, custodian, at(600, north_km=-200))
    assert found() == []


@pytest.mark.parametrize(("km", "trips"), [("-24.9", False), ("-25.1", True)])
def test_a_flight_that_lands_elsewhere(ground, on_road, custodian, km, trips):
    leg(on_road, "air")
    told(on_road, custodian, at(600, north_km=km))
    assert found() == (["OFF_ROUTE"] if trips else [])


def test_how_far_from_no_line_and_from_one_point():
    here = Fix(25.5, 98.0, 5, LEFT)
    assert off_line_km(here, []) == math.inf
    assert off_line_km(here, [(26.5, 98.0)]) == pytest.approx(111.195, rel=1e-4)
    # Across the date line it is still a short way.
    assert off_line_km(Fix(0, 179.9, 5, LEFT), [(0, -179.9), (1, -179.9)]) == pytest.approx(22.24, rel=1e-3)


# --- Who had it ----------------------------------------------------------------------------------


def hand(consignment, giver, taker, *, minutes=30, device=None):
    here = at(minutes, device=device)
    return road_services.hand_over(actor=giver, consignment=consignment, here=here, to_person=taker)


def test_whoever_took_it_over_gives_it_on(ground, on_road, custodian, person):
    chief, second = person("manager", "hillroad"), person("custodian", "hillroad", nick="second")
    hand(on_road, custodian, chief)
    hand(on_road, chief, second, minutes=60)
    assert found() == []


def test_somebody_else_gives_it_on(ground, on_road, custodian, person):
    chief, second = person("manager", "hillroad"), person("custodian", "hillroad", nick="second")
    hand(on_road, custodian, chief)
    hand(on_road, second, custodian, minutes=60)
    kind, facts = only()
    assert (kind, facts["given_by"], facts["taken_by"]) == ("CUSTODY_GAP", second.name, chief.name)


def test_two_phones_that_could_not_know_of_each_other_claim_it(ground, on_road, custodian, person):
    chief, second = person("manager", "hillroad"), person("custodian", "hillroad", nick="second")
    hand(on_road, custodian, chief, device=uuid7())
    hand(on_road, custodian, second, minutes=40, device=uuid7())
    assert found() == ["TWO_CLAIMS"]


def test_after_the_other_was_known_it_is_a_gap(ground, on_road, custodian, person):
    chief, second = person("manager", "hillroad"), person("custodian", "hillroad", nick="second")
    hand(on_road, custodian, chief, device=uuid7())
    late = Here(timezone.now(), device=uuid7())
    road_services.hand_over(actor=custodian, consignment=on_road, here=late, to_person=second)
    assert found() == ["CUSTODY_GAP"]


# --- Limits --------------------------------------------------------------------------------------


def test_every_limit_is_explained():
    assert set(LIMIT_WORDS) == set(Limits.__dataclass_fields__)


def test_an_owner_sets_a_limit_with_a_reason(ground, on_road, receive):
    set_limit(
        actor=ground.manager, owner=ground.owner, name="least_g", value=Decimal(60), rationale="Wet season."
    )
    assert limits_of(ground.owner.pk) == Limits(least_g=Decimal(60))
    receive(on_road, 0, mass_g=Decimal(2090))
    assert found() == []
    receive(on_road, 1, mass_g=Decimal("2089.999"))
    assert found() == ["MASS_OUT_OF_TOLERANCE"]
    set_limit(
        actor=ground.manager, owner=ground.owner, name="least_g", value=Decimal(20), rationale="Dry again."
    )
    assert limits_of(ground.owner.pk) == DEFAULT


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("most_g", 1, "limit-unknown"),
        ("clock_s", 60, "limit-for-all"),
        ("least_g", 0, "limit-impossible"),
        ("least_g", 10_000, "limit-impossible"),
        ("least_g", "20.00001", "limit-impossible"),
        ("relative", 1, "limit-impossible"),
    ],
)
def test_a_limit_that_cannot_be(ground, name, value, code):
    with pytest.raises(Invalid) as caught:
        set_limit(actor=ground.manager, owner=ground.owner, name=name, value=Decimal(value), rationale="x")
    assert caught.value.problems[0].code == code


def test_only_the_owners_managers_set_limits(ground, person):
    for stranger in (ground.coordinator, person("manager", "midwest"), person("manager", "nfc")):
        with pytest.raises(NotPermitted):
            set_limit(actor=stranger, owner=ground.owner, name="least_g", value=Decimal(30), rationale="x")


def test_the_event_keeps_what_the_phone_said(ground, on_road, custodian):
    device = uuid7()
    off = LEFT + timedelta(days=2)
    told(on_road, custodian, at(5, device=device, device_at=off, place="  Kanpaiti   gate "))
    event = CustodyEvent.objects.get(kind="CHECKPOINT")
    assert (event.device, event.device_at, event.place) == (device, off, "Kanpaiti gate")
