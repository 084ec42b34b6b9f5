"""What the road's checks make of a line of events that phones, pages and paper tell in any order."""

import math
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.ids import uuid7
from lims.verbs import SystemActor, acting
from samples.custody import road_services
from samples.custody.checks import EARTH_KM, Fix, distance_km, off_line_km
from samples.custody.happenings import Here, happened
from samples.custody.models import ConsignmentLeg, Incident, PaperForm
from samples.custody.road_checks import check_giver, check_road, line_of_legs, mode_of
from samples.custody.rules import EventKind
from tests.samples.custody.conftest import CAME, LEFT
from tests.support.people import organisation

NORTH, EAST = Decimal("25.5"), Decimal("98.0")
#: a kilometre to the north, in degrees
KM = Decimal(str(180 / (math.pi * EARTH_KM)))
DEGREES = st.floats(-80, 80)
ROUND = st.floats(-180, 180)


def at(minutes=0, *, north_km=None, **more):
    """Return a happening so long after the departure; at a place if `north_km` tells how far north of the start."""
    if north_km is None:
        return Here(LEFT + timedelta(minutes=minutes), **more)
    latitude = (NORTH + KM * Decimal(str(north_km))).quantize(Decimal("0.000001"))
    return Here(LEFT + timedelta(minutes=minutes), latitude, EAST, **more)


def told(consignment, actor, here, kind="CHECKPOINT"):
    return road_services.record_event(actor=actor, consignment=consignment, kind=kind, here=here)


def hand(consignment, giver, taker, here):
    return road_services.hand_over(actor=giver, consignment=consignment, here=here, to_person=taker)


def found():
    return sorted(Incident.objects.values_list("kind", flat=True))


def paper(ground):
    with acting(SystemActor("tests"), verb_name="tests"):
        return PaperForm.objects.create(owner=ground.owner, number="F26-000001", printed_by=ground.manager)


@pytest.fixture
def drivers(person):
    """Return three who drive for the carrier."""
    return [person("custodian", "hillroad", nick=nick) for nick in ("one", "two", "three")]


# --- Clocks --------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestClock:
    def test_two_phones_may_tell_in_any_order(self, on_road, custodian):
        told(on_road, custodian, at(120, device=uuid7()))
        told(on_road, custodian, at(60, device=uuid7()))
        assert found() == []

    @pytest.mark.parametrize(("minutes", "kinds"), [(120, []), (119, ["CLOCK"])])
    def test_a_phone_is_not_behind_itself(self, on_road, custodian, minutes, kinds):
        phone = uuid7()
        told(on_road, custodian, at(120, device=phone))
        told(on_road, custodian, at(200, device=uuid7()))
        told(on_road, custodian, at(minutes, device=phone))
        assert found() == kinds
        for incident in Incident.objects.all():
            assert not incident.blocking
            assert incident.facts == {
                "at": (LEFT + timedelta(minutes=119)).isoformat(),
                "before_at": (LEFT + timedelta(minutes=120)).isoformat(),
                "behind_s": "60",
                "device": str(phone),
            }

    def test_what_is_keyed_in_from_paper_follows_no_clock(self, ground, on_road, custodian):
        told(on_road, custodian, at(120))
        told(on_road, custodian, at(60, paper_form=paper(ground)))
        assert found() == []


# --- Speed ---------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestSpeed:
    def test_a_place_told_late_is_compared_with_those_before_and_after_it(self, on_road, custodian):
        told(on_road, custodian, at(0, north_km=0, device=uuid7()))
        told(on_road, custodian, at(240, north_km=240, device=uuid7()))
        told(on_road, custodian, at(120, north_km=120, device=uuid7()))
        assert found() == []

    def test_a_place_told_late_from_which_nobody_reaches_the_next(self, on_road, custodian):
        told(on_road, custodian, at(0, north_km=0, device=uuid7()))
        told(on_road, custodian, at(240, north_km=240, device=uuid7()))
        told(on_road, custodian, at(180, north_km=100, device=uuid7()), "BORDER_CROSSED")
        incident = Incident.objects.get()
        assert incident.kind == "IMPOSSIBLE_TRAVEL"
        assert incident.detail == "From Border crossed to Checkpoint at 140 km/h."
        assert incident.facts == {
            "speed_km_h": "140.0",
            "limit_km_h": "90",
            "mode": "road",
            "distance_km": "140.0",
            "accuracies_m": ["0", "0"],
            "time_s": "3600",
        }
        assert incident.blocking

    def test_two_places_at_one_time(self, on_road, custodian):
        told(on_road, custodian, at(10, north_km=0))
        told(on_road, custodian, at(10, north_km=10))
        incident = Incident.objects.get()
        assert (incident.facts["speed_km_h"], incident.facts["time_s"]) == ("at once", "0")
        assert incident.detail == "Checkpoint and Checkpoint at one time."


def test_the_mode_and_the_line_of_legs_without_any():
    assert (mode_of([]), line_of_legs([])) == ("road", [])


def test_a_consignment_that_has_arrived_travels_as_it_did_last():
    done = [ConsignmentLeg(mode="road", done_at=LEFT), ConsignmentLeg(mode="rail", done_at=CAME)]
    assert mode_of(done) == "rail"


def test_a_line_leaves_out_the_places_that_nobody_gave():
    legs = [
        ConsignmentLeg(from_latitude=Decimal(25), from_longitude=Decimal(98), via=[[25.5, 98.25]]),
        ConsignmentLeg(to_latitude=Decimal(27), to_longitude=Decimal("99.5"), via=[]),
    ]
    assert line_of_legs(legs) == [(25.0, 98.0), (25.5, 98.25), (27.0, 99.5)]


# --- Distance from the route ---------------------------------------------------------------------


def fix(latitude, longitude):
    return Fix(latitude, longitude, 5, LEFT)


def test_the_middle_of_a_long_stretch_lies_on_the_great_circle():
    # The great circle between two places of 25° N, 15° of longitude apart, culminates at atan(tan 25° / cos 7.5°).
    top = math.degrees(math.atan(math.tan(math.radians(25)) / math.cos(math.radians(7.5))))
    line = [(25.0, 80.0), (25.0, 95.0)]
    assert off_line_km(fix(top, 87.5), line) == pytest.approx(0, abs=1e-6)
    assert off_line_km(fix(25.0, 87.5), line) == pytest.approx(math.radians(top - 25) * EARTH_KM, rel=1e-6)


@given(DEGREES, ROUND, DEGREES, ROUND, DEGREES, ROUND)
def test_nothing_on_a_stretch_is_nearer_than_it(la, lo, la1, lo1, la2, lo2):
    here, a, b = fix(la, lo), fix(la1, lo1), fix(la2, lo2)
    ends = min(distance_km(here, a), distance_km(here, b))
    away = off_line_km(here, [(la1, lo1), (la2, lo2)])
    # Not farther than the nearer end, and a detour over the line's nearest point is no short cut.
    assert away <= ends + 1e-6
    assert away + distance_km(a, b) >= ends - 1e-6
    assert off_line_km(here, [(la2, lo2), (la1, lo1)]) == pytest.approx(away, abs=1e-6)


@given(DEGREES, ROUND, DEGREES, ROUND)
def test_the_ends_of_a_line_are_on_it(la1, lo1, la2, lo2):
    line = [(la1, lo1), (la2, lo2)]
    assert off_line_km(fix(la1, lo1), line) == pytest.approx(0, abs=1e-4)
    assert off_line_km(fix(la2, lo2), line) == pytest.approx(0, abs=1e-4)


@given(DEGREES, ROUND, DEGREES, ROUND)
def test_a_line_of_one_point_is_that_point(la, lo, la1, lo1):
    away = off_line_km(fix(la, lo), [(la1, lo1)])
    assert away == pytest.approx(distance_km(fix(la, lo), fix(la1, lo1)), abs=1e-4)


# --- Who had it ----------------------------------------------------------------------------------


@pytest.mark.django_db
class TestHands:
    def test_a_hand_over_that_is_told_late_and_fits(self, on_road, drivers):
        one, two, three = drivers
        hand(on_road, two, three, at(60, device=uuid7()))
        hand(on_road, one, two, at(30, device=uuid7()))
        assert found() == []

    def test_a_hand_over_that_is_told_late_and_does_not_fit(self, on_road, drivers):
        one, two, three = drivers
        hand(on_road, one, three, at(60, device=uuid7()))
        hand(on_road, one, two, at(30, device=uuid7()))
        incident = Incident.objects.get()
        # The later one happened before the earlier one was told, on another phone: both claim to have it from the same.
        assert incident.kind == "TWO_CLAIMS"
        assert incident.blocking
        assert (incident.facts["given_by"], incident.facts["taken_by"]) == (one.name, two.name)

    def test_one_phone_cannot_claim_twice(self, on_road, drivers):
        one, two, three = drivers
        phone = uuid7()
        hand(on_road, one, two, at(30, device=phone))
        hand(on_road, one, three, at(60, device=phone))
        assert found() == ["CUSTODY_GAP"]

    def test_after_an_outsider_organisations_are_compared(self, on_road, drivers):
        one, two, _ = drivers
        road_services.hand_over(
            actor=one, consignment=on_road, here=at(30), to_name="U Than", to_document="12/KaMaYa"
        )
        hand(on_road, two, one, at(60))
        assert found() == []
        road_services.hand_over(
            actor=one, consignment=on_road, here=at(90), to_name="U Than", to_document="12/KaMaYa"
        )
        with acting(SystemActor("tests"), verb_name="tests"):
            check_giver(on_road, gave(on_road, from_organisation=organisation("nfc")))
        incident = Incident.objects.get()
        assert (incident.kind, incident.facts["taken_by"]) == ("CUSTODY_GAP", organisation("hillroad").name)

    def test_whoever_keys_in_a_paper_form_did_not_give(self, ground, on_road, drivers):
        one, two, _ = drivers
        hand(on_road, one, two, at(30))
        hand(on_road, ground.coordinator, one, at(60, paper_form=paper(ground)))
        assert found() == []

    def test_the_first_hand_over_follows_the_departure(self, on_road, drivers):
        hand(on_road, drivers[0], drivers[1], at(30))
        assert found() == []


def gave(consignment, **more):
    """Return a hand-over as no screen makes one: from somebody who has no account."""
    return happened(EventKind.HANDED_OVER, at(120), consignment=consignment, **more)


@pytest.mark.django_db
def test_the_first_event_is_compared_with_nothing(on_road, custodian):
    event = told(on_road, custodian, at(0, north_km=0))
    with acting(SystemActor("tests"), verb_name="tests"):
        check_road(None, event, on_road)
    assert found() == []
