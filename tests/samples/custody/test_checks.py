"""The custody checks at their boundaries, and what holds for all masses, seals and places."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.custody.checks import (
    Fix,
    distance_km,
    mass_off,
    seal_key,
    seals_differ,
    tolerance_g,
    too_fast,
)

NOON = datetime(2026, 11, 4, 12, 0, tzinfo=UTC)
grams = st.decimals("0.001", 100_000, places=3)
losses = st.decimals(0, 5_000, places=3)


@pytest.mark.parametrize(
    ("before", "divisions", "allowed"),
    [
        (Decimal(100), (), Decimal(20)),
        (Decimal(2000), (), Decimal("20.00")),
        (Decimal("2000.100"), (), Decimal("20.00100")),
        (Decimal(30_000), (), Decimal("300.00")),
        (Decimal(2000), (Decimal(50), Decimal(5)), Decimal(50)),
        (Decimal(2000), (Decimal(1), Decimal(5)), Decimal("20.00")),
    ],
)
def test_the_tolerance_is_the_largest_of_three(before, divisions, allowed):
    assert tolerance_g(before, divisions) == allowed


@pytest.mark.parametrize(
    ("found", "drying", "off"),
    [
        ("2021.5", 0, False),
        ("2021.501", 0, True),
        ("1978.5", 0, False),
        ("1978.499", 0, True),
        ("1878.5", 100, False),
        ("1878.499", 100, True),
        # What has dried has not become heavier.
        ("2021.501", 100, True),
    ],
)
def test_the_mass_at_its_boundary(found, drying, off):
    assert (
        mass_off(Decimal(found), Decimal(2000), drying_g=Decimal(drying), divisions_g=[Decimal("21.5")])
        is off
    )


@given(grams, grams)
def test_no_drying_excuses_a_gain(before, gain):
    heavier = before + tolerance_g(before) + gain
    assert mass_off(heavier, before, drying_g=heavier)


@given(grams, grams, losses, losses)
def test_a_larger_declared_loss_never_makes_an_incident(found, before, less, more):
    if not mass_off(found, before, drying_g=less):
        assert not mass_off(found, before, drying_g=less + more)


@given(grams)
def test_what_did_not_change_is_in_tolerance(mass):
    assert not mass_off(mass, mass)


names = st.text("abcXYZ 0123-", min_size=1, max_size=12).filter(str.strip)
seals = st.lists(st.tuples(names, names), max_size=4)


@given(names, names)
def test_case_and_spaces_do_not_make_another_seal(maker, number):
    spread = " ".join(number)
    assert seal_key(maker.upper(), spread.lower()) == seal_key(f" {maker.lower()} ", number.upper())


@given(seals, st.randoms(use_true_random=False))
def test_the_order_of_seals_does_not_matter(applied, random):
    found = list(applied)
    random.shuffle(found)
    assert not seals_differ(applied, found)


@given(seals, st.tuples(names, names))
def test_a_seal_too_many_or_too_few_is_seen(applied, one):
    keys = {seal_key(*seal) for seal in applied}
    assert seals_differ(applied, [*applied, one]) is (seal_key(*one) not in keys)
    assert seals_differ([*applied, one], applied) is (seal_key(*one) not in keys)


places = st.builds(Fix, st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 20_000), st.just(NOON))


@given(places, places)
def test_a_distance_is_one_way_as_the_other_and_at_most_half_round_the_earth(a, b):
    assert math.isclose(distance_km(a, b), distance_km(b, a), abs_tol=1e-6)
    assert 0 <= distance_km(a, b) <= math.pi * 6371.0088 + 1e-6
    assert distance_km(a, a) == 0


@given(places, places, st.integers(1, 10_000))
def test_more_time_or_less_accuracy_never_makes_travel_impossible(a, b, minutes):
    later = Fix(b.latitude, b.longitude, b.accuracy_m, NOON + timedelta(minutes=minutes))
    if too_fast(a, later) is None:
        vaguer = Fix(b.latitude, b.longitude, b.accuracy_m + 5000, later.at)
        slower = Fix(b.latitude, b.longitude, b.accuracy_m, later.at + timedelta(hours=1))
        assert too_fast(a, vaguer) is None
        assert too_fast(a, slower) is None


def east(km: float, *, accuracy_m: float = 0, minutes: float = 0) -> Fix:
    """Return a place so far east of 0° N 0° E, so much later than noon."""
    degrees = math.degrees(km / 6371.0088)
    return Fix(0.0, degrees, accuracy_m, NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("there", "mode", "speed"),
    [
        (east(90.1, minutes=60), "road", 90.1),
        (east(89.9, minutes=60), "road", None),
        (east(90.1, accuracy_m=200, minutes=60), "road", None),
        (east(150, minutes=60), "rail", None),
        (east(161, minutes=60), "rail", 161),
        (east(999, minutes=60), "air", None),
        (east(1001, minutes=60), "air", 1001),
        # Near places tell nothing, even at the same moment.
        (east(4.9), "road", None),
        (east(5.1), "road", math.inf),
        # A clock that goes backwards is no excuse.
        (east(91, minutes=-60), "road", 91),
    ],
)
def test_speed_at_its_boundary(there, mode, speed):
    found = too_fast(east(0), there, mode=mode)
    assert found == (None if speed is None else pytest.approx(speed, rel=1e-9))
