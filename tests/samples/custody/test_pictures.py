"""Photographs of custody events: laid beside by those who carry, seen by those who see the consignment."""

from decimal import Decimal

import pytest

from lims.errors import Conflict, Invalid, NotPermitted
from samples.custody import road_services
from samples.custody.happenings import Here
from samples.custody.models import CustodyEvent
from samples.custody.pictures import attach_photograph
from samples.registry.photographs import keep_photograph, visible_photographs
from tests.samples.custody.conftest import LEFT
from tests.samples.registry.test_photographs import picture
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def checkpoint(custodian, on_road):
    here = Here(LEFT, Decimal("25.8"), Decimal("97.7"), Decimal(9))
    return road_services.record_event(actor=custodian, consignment=on_road, kind="CHECKPOINT", here=here)


def test_laid_beside_an_event_and_seen_by_those_who_see_the_consignment(person, custodian, checkpoint):
    made = keep_photograph(actor=custodian, owner=organisation("irel"), content=picture())
    laboratory = person("receptionist", "nfc")
    assert not visible_photographs(laboratory).exists()
    attach_photograph(actor=custodian, event=checkpoint, photograph=made)
    for user in (custodian, person("manager", "hillroad"), person("manager", "irel")):
        assert list(visible_photographs(user)) == [made]
    for user in (laboratory, person("manager", "midwest")):
        assert not visible_photographs(user).exists()


def test_a_laboratory_sees_the_pictures_of_its_own_door(person, receptionist, on_road, receive):
    receive(on_road, 0)
    event = CustodyEvent.objects.get(kind="RECEIVED")
    made = keep_photograph(actor=receptionist, owner=organisation("irel"), content=picture())
    attach_photograph(actor=receptionist, event=event, photograph=made)
    assert list(visible_photographs(person("technician", "nfc"))) == [made]


def test_the_same_twice_is_refused(custodian, checkpoint):
    made = keep_photograph(actor=custodian, owner=organisation("irel"), content=picture())
    attach_photograph(actor=custodian, event=checkpoint, photograph=made)
    with pytest.raises(Conflict) as refused:
        attach_photograph(actor=custodian, event=checkpoint, photograph=made)
    assert refused.value.problems[0].code == "event-photograph-once"


def test_a_photograph_of_another_owner_is_refused(person, custodian, checkpoint):
    other = person("manager", "midwest")
    made = keep_photograph(actor=other, owner=organisation("midwest"), content=picture())
    with pytest.raises(Invalid) as refused:
        attach_photograph(actor=custodian, event=checkpoint, photograph=made)
    assert refused.value.problems[0].code == "photograph-of-another-owner"


def test_a_stranger_lays_nothing_beside_it(person, custodian, checkpoint):
    made = keep_photograph(actor=custodian, owner=organisation("irel"), content=picture())
    with pytest.raises(NotPermitted):
        attach_photograph(actor=person("manager", "midwest"), event=checkpoint, photograph=made)
