"""What is stuck: overdue consignments, incidents that nobody has closed, runs that wait for their review."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from assays.grading.queries import batches_read_by
from assays.runs.models import Run
from assays.runs.rules import RunState
from lims.accounts.models import User
from samples.custody.models import Consignment, Incident
from samples.custody.rules import ConsignmentState, IncidentState

#: a run waits too long for its review after this
SLOW: Final = timedelta(days=3)
MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Stuck:
    """One thing that does not move, since when, and where to look."""

    what: str
    detail: str
    since: datetime
    url: str
    tone: str


def stuck(user: User, now: datetime) -> list[Stuck]:
    """Return what does not move, the oldest first: overdue consignments, open incidents, runs that wait for review."""
    batches = batches_read_by(user)
    late = Consignment.objects.filter(
        items__sample__batch__in=batches, state=ConsignmentState.DISPATCHED, planned_arrival__lt=now
    ).distinct()
    open_ones = Incident.objects.filter(
        Q(sample__batch__in=batches) | Q(sample=None, consignment__items__sample__batch__in=batches),
        state__in=[IncidentState.OPEN, IncidentState.EXPLAINED],
    ).distinct()
    slow = Run.objects.filter(
        items__sample__batch__in=batches, state=RunState.REPORTED, submitted_at__lt=now - SLOW
    ).distinct()
    found = [
        *(_late(one) for one in late.select_related("carrier").order_by("planned_arrival")[:MOST]),
        *(
            _incident(one)
            for one in open_ones.select_related("sample__tag", "consignment").order_by("id")[:MOST]
        ),
        *(_slow(one) for one in slow.select_related("laboratory").order_by("submitted_at")[:MOST]),
    ]
    return sorted(found, key=lambda one: one.since)[:MOST]


def overdue_count(user: User, now: datetime) -> int:
    """Return how many consignments with the person's samples should have arrived."""
    rows = Consignment.objects.filter(
        items__sample__batch__in=batches_read_by(user),
        state=ConsignmentState.DISPATCHED,
        planned_arrival__lt=now,
    )
    return rows.distinct().count()


def _look_for(text: str) -> str:
    return f"{reverse('web:search')}?{urlencode({'q': text})}"


def _late(one: Consignment) -> Stuck:
    assert one.planned_arrival is not None
    return Stuck(
        f"Consignment {one.code} is overdue",
        one.carrier.name,
        one.planned_arrival,
        _look_for(one.code),
        "warn",
    )


def _incident(one: Incident) -> Stuck:
    where = str(one.sample.tag) if one.sample else one.consignment.code if one.consignment else ""
    said = f"{one.get_kind_display()}: {where}" if where else one.get_kind_display()
    return Stuck(said, one.detail, one.opened_at, _look_for(where), "bad" if one.blocking else "warn")


def _slow(one: Run) -> Stuck:
    assert one.submitted_at is not None
    return Stuck(
        f"Run {one.number} waits for its review",
        one.laboratory.name,
        one.submitted_at,
        _look_for(one.number),
        "warn",
    )
