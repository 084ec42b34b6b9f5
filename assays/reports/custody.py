"""The custody line of a batch as a report prints it: organisations and counts, no places and no names of outsiders."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import TruncDate

from assays.reports.content import Step
from assays.reports.rules import ZONE
from assays.reports.words import several
from samples.custody.models import CustodyEvent, Incident
from samples.custody.rules import EVENT_LABELS, INCIDENT_LABELS, EventKind, IncidentKind, IncidentState
from samples.registry.models import Batch, Sample
from samples.registry.rules import SampleState


def steps_of(batch: Batch, until: datetime) -> tuple[Step, ...]:
    """Return the steps of a batch from the mine on, the oldest first, as they were recorded at `until`.

    What happened alike in one day is one step. Three queries, however many bags.
    """
    steps = [*_collected(batch, until), *_events(batch, until), *_incidents(batch, until)]
    return tuple(sorted(steps, key=lambda step: step.at))


def _collected(batch: Batch, until: datetime) -> Iterable[Step]:
    made = Sample.objects.filter(batch=batch, state=SampleState.REGISTERED, registered_at__lte=until)
    rows = made.filter(blind_item=None)
    for row in _daily(rows.annotate(day=TruncDate("collected_at", tzinfo=ZONE)), "day", at="collected_at"):
        yield Step(row["first"], f"{several(row['count'], 'sample')} collected", batch.owner.name)


def _daily(rows: Any, *names: str, at: str) -> Iterable[dict[str, Any]]:
    return rows.order_by().values(*names).annotate(first=Min(at), count=Count("pk"))  # type: ignore[no-any-return]  # values of a queryset


def _events(batch: Batch, until: datetime) -> Iterable[Step]:
    of_batch = Q(sample__batch=batch) | Q(sample=None, consignment__items__sample__batch=batch)
    rows = CustodyEvent.objects.filter(of_batch, recorded_at__lte=until).annotate(
        day=TruncDate("at", tzinfo=ZONE)
    )
    names = ("kind", "day", "consignment__code", "from_organisation__name", "to_organisation__name")
    found = (
        rows.order_by()
        .values(*names)
        .annotate(first=Min("at"), bags=Count("sample", distinct=True), events=Count("pk", distinct=True))
    )
    for row in found:
        kind = EVENT_LABELS[EventKind(row["kind"])]
        bags = f", {several(row['bags'], 'bag')}" if row["bags"] else ""
        tone = "bad" if row["kind"] == EventKind.LOST else "neutral"
        yield Step(row["first"], f"{kind}{bags}", _between(row), tone)


def _between(row: dict[str, Any]) -> str:
    """Return consignment and organisations of an event; one name when it stayed in one hand."""
    hands = dict.fromkeys(filter(None, (row["from_organisation__name"], row["to_organisation__name"])))
    code = row["consignment__code"]
    return ", ".join(filter(None, [f"consignment {code}" if code else "", " to ".join(hands)]))


def _incidents(batch: Batch, until: datetime) -> Iterable[Step]:
    """Return incidents with what became of them."""
    of_batch = Q(sample__batch=batch) | Q(sample=None, consignment__items__sample__batch=batch)
    rows = (
        Incident.objects.filter(of_batch, opened_at__lte=until)
        .distinct()
        .select_related("sample__tag")
        .order_by("opened_at")
    )
    for one in rows:
        label = INCIDENT_LABELS[IncidentKind(one.kind)]
        tag = f"{one.sample.tag}: " if one.sample else ""
        judged = one.judged_at is not None and one.judged_at <= until
        state = IncidentState(one.state) if judged else IncidentState.OPEN
        detail = f"{tag}{one.detail} ({state.lower()})"
        yield Step(one.opened_at, f"Incident: {label.lower()}", detail, "warn" if judged else "bad")
