"""A clock that goes back between two entries of a phone is seen, at its boundary; one that comes late is not."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from samples.custody.models import Incident

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def entries(ground, phone, *minutes):
    """Return registrations that a phone made so many minutes after noon, in the order of its numbers."""
    made = []
    for number, minute in enumerate(minutes):
        operation = phone.registers(ground.batch, ground.tags[number])
        told = json.loads(operation["payload"]) | {"made_at": (NOON + timedelta(minutes=minute)).isoformat()}
        payload = json.dumps(told)
        made.append({"payload": payload, "signature": phone.sign(payload)})
    return made


@pytest.mark.parametrize(("minutes", "trips"), [((0, 0), False), ((5, 0), True), ((0, 9, 9), False)])
def test_between_two_entries(ground, phone, minutes, trips):
    answers = phone.take(*entries(ground, phone, *minutes))
    assert {answer["answer"] for answer in answers} == {"applied"}
    found = Incident.objects.filter(kind="CLOCK")
    assert found.exists() is trips
    if trips:
        incident = found.get()
        assert (incident.blocking, incident.batch, incident.facts["behind_s"]) == (False, ground.batch, 300)
        assert "went back by 5 min between two entries" in incident.detail


def test_against_what_came_before_and_said_once_a_day(ground, phone):
    first, second, third = entries(ground, phone, 30, 10, 5)
    phone.take(first)
    phone.take(second)
    phone.take(third)
    assert [one.facts["behind_s"] for one in Incident.objects.filter(kind="CLOCK")] == [1200]


def test_an_entry_that_comes_late_was_made_with_the_same_clock(ground, phone):
    first, second = entries(ground, phone, 0, 60)
    phone.take(second)
    phone.take(first)
    assert not Incident.objects.filter(kind="CLOCK").exists()
