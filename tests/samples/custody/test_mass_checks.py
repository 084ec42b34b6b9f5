"""What a bag weighs, compared with its seal and with its last scale: which scales, which drying, which words."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lims.errors import Invalid
from lims.verbs import SystemActor, acting
from samples.custody import bag_services, services
from samples.custody.checks import DEFAULT, mass_off, tolerance_g
from samples.custody.happenings import Here, happened
from samples.custody.mass_checks import check_drying, check_mass, grams
from samples.custody.models import CustodyEvent, Incident, Scale
from samples.custody.rules import EventKind
from tests.samples.custody.conftest import CAME, LEFT, SEALED

MASSES = st.decimals(min_value=1, max_value=100_000, places=3)


@pytest.fixture
def scale(ground):
    """Return a function that gives a scale of this division, in g."""

    def one(division_g):
        with acting(SystemActor("tests"), verb_name="tests"):
            return Scale.objects.create(
                owner=ground.owner, name=f"d {division_g}", division_g=Decimal(division_g)
            )

    return one


@pytest.fixture
def bag(ground, register):
    """Return a function that registers a bag and seals it at 2 150 g on a scale."""

    def one(scale=None):
        sample = register(0)
        services.seal_sample(
            actor=ground.coordinator,
            sample=sample,
            maker="Acme",
            number="A-0",
            mass_g=Decimal(2150),
            here=Here(SEALED),
            scale=scale,
        )
        return sample

    return one


def weigh(bag, mass_g, *, kind=EventKind.RECEIVED, sealed_g=2150, limits=DEFAULT, **more):
    """Weigh a bag once more and have it checked."""
    with acting(SystemActor("tests"), verb_name="tests"):
        mass = None if mass_g is None else Decimal(mass_g)
        event = happened(kind, Here(CAME), sample=bag, gross_mass_g=mass, **more)
        return check_mass(event, sample=bag, consignment=None, sealed_g=Decimal(sealed_g), limits=limits)


@pytest.mark.django_db
class TestCheckMass:
    def test_what_was_not_weighed_is_not_off(self, bag):
        assert weigh(bag(), None) is None

    @pytest.mark.parametrize(("mass_g", "trips"), [("2178.5", False), ("2178.501", True)])
    def test_from_the_last_mass_though_it_fits_the_sealed_one(self, bag, mass_g, trips):
        one = bag()
        # 21.5 g less than sealed fits; the tolerance on 2 128.5 g is 21.285 g, so that 2 149.785 g would be the most.
        assert weigh(one, "2128.5", kind=EventKind.STORED) is None
        found = weigh(one, "2149.785", kind=EventKind.STORED)
        assert found is None
        found = weigh(one, mass_g, limits=replace(DEFAULT, least_g=Decimal("28.715")))
        assert (found is not None) == trips

    def test_both_comparisons_are_in_the_facts(self, bag):
        one = bag()
        assert weigh(one, 2140, kind=EventKind.STORED) is None
        found = weigh(one, 2100)
        assert found.facts == {
            "compared_with": "sealed",
            "found_g": "2100",
            "before_g": "2150",
            "difference_g": "-50",
            "tolerance_g": "21.5",
            "drying_loss_g": "0",
            "divisions_g": [],
            "also": [
                {
                    "compared_with": "weighed last",
                    "found_g": "2100",
                    "before_g": "2140",
                    "difference_g": "-40",
                    "tolerance_g": "21.4",
                    "drying_loss_g": "0",
                    "divisions_g": [],
                }
            ],
        }
        assert found.detail == "Received at 2100 g; sealed at 2150 g, weighed last at 2140 g."

    @pytest.mark.parametrize(("mass_g", "trips"), [("2128.5", False), ("2128.499", True)])
    def test_a_finer_scale_that_showed_the_sealed_mass_counts_by_itself(self, bag, scale, mass_g, trips):
        one = bag(scale(50))
        fine = scale(2)
        assert weigh(one, 2150, kind=EventKind.STORED, scale=fine) is None
        found = weigh(one, mass_g, scale=fine)
        assert (found is not None) == trips
        if trips:
            assert (found.facts["compared_with"], found.facts["divisions_g"]) == ("weighed last", ["2", "2"])

    @pytest.mark.parametrize(("mass_g", "trips"), [("2100", False), ("2099.999", True)])
    def test_the_scale_of_now_counts_too(self, bag, scale, mass_g, trips):
        assert (weigh(bag(scale(1)), mass_g, scale=scale(50)) is not None) == trips

    @pytest.mark.parametrize(("mass_g", "trips"), [("2098.5", False), ("2098.499", True)])
    def test_what_was_declared_dried_before_does_not_excuse_the_last_mass(self, bag, mass_g, trips):
        one = bag()
        # 30 g dried, 2 120 g: fits. What it loses afterwards is not excused by it: 21.5 g of 2 120 g is 21.2 g.
        assert weigh(one, 2120, kind=EventKind.STORED, drying_loss_g=Decimal(30)) is None
        found = weigh(one, mass_g, limits=replace(DEFAULT, least_g=Decimal("21.5")))
        assert (found is not None) == trips
        if trips:
            assert found.facts["drying_loss_g"] == ("30" if found.facts["compared_with"] == "sealed" else "0")

    def test_all_drying_since_the_seal_adds_up(self, bag):
        one = bag()
        assert weigh(one, 2120, kind=EventKind.STORED, drying_loss_g=Decimal(30)) is None
        assert weigh(one, 2080, kind=EventKind.STORED, drying_loss_g=Decimal(40)) is None
        found = weigh(one, 1900, drying_loss_g=Decimal(100))
        assert (found.facts["compared_with"], found.facts["drying_loss_g"]) == ("sealed", "170")

    def test_a_new_seal_begins_anew(self, ground, bag):
        one = bag()
        bag_services.open_bag(actor=ground.coordinator, sample=one, here=Here(LEFT))
        bag_services.reseal_bag(
            actor=ground.coordinator,
            sample=one,
            maker="Acme",
            number="B-0",
            mass_g=Decimal(1800),
            here=Here(LEFT),
        )
        opened = set(Incident.objects.values_list("kind", flat=True))
        assert opened == {"OPENED_OUTSIDE", "MASS_OUT_OF_TOLERANCE"}
        assert weigh(one, 1790, sealed_g=1800) is None

    def test_one_incident_blocks_until_it_is_cleared(self, bag):
        one = bag()
        found = weigh(one, 3000)
        assert (found.blocking, found.sample, found.state) == (True, one, "OPEN")
        assert found.event == CustodyEvent.objects.get(sample=one, kind="RECEIVED")
        assert found.opened_at <= timezone.now()


@given(MASSES, MASSES, MASSES)
def test_drying_excuses_losses_only(found_g, before_g, drying_g):
    with_it = mass_off(found_g, before_g, drying_g=drying_g)
    without = mass_off(found_g, before_g)
    if found_g >= before_g:
        assert with_it == without
    else:
        assert with_it <= without


@given(MASSES, st.lists(MASSES, max_size=2))
def test_the_tolerance_itself_is_within_it(before_g, divisions_g):
    allowed = tolerance_g(before_g, divisions_g)
    step = Decimal("0.00001")
    assert not mass_off(before_g + allowed, before_g, divisions_g=divisions_g)
    assert not mass_off(before_g - allowed, before_g, divisions_g=divisions_g)
    assert mass_off(before_g + allowed + step, before_g, divisions_g=divisions_g)
    assert mass_off(before_g - allowed - step, before_g, divisions_g=divisions_g)


@pytest.mark.parametrize("drying_g", [None, Decimal(0), Decimal("0.001")])
def test_a_drying_loss(drying_g):
    check_drying(drying_g)


def test_a_drying_loss_that_is_a_gain():
    with pytest.raises(Invalid) as caught:
        check_drying(Decimal("-0.001"))
    assert caught.value.problems[0].code == "drying-negative"


@given(MASSES)
def test_masses_are_said_without_empty_digits(mass_g):
    assert Decimal(grams(mass_g)) == mass_g
    assert "E" not in grams(mass_g)
