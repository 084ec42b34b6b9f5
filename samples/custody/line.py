"""The custody line of a consignment and of a bag as the timeline draws it: what was done, what is due, what went wrong."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from samples.custody.models import Consignment, Incident
from samples.custody.queries import Receipt
from samples.custody.rules import ConsignmentState, EventKind, IncidentState
from samples.custody.seen import SeenEvent, detail_of
from samples.registry.sight import Sight

Entry = dict[str, Any]
ICONS: Final = {
    EventKind.SEALED: "lock",
    EventKind.HANDED_OVER: "transfer",
    EventKind.DEPARTED: "truck",
    EventKind.CHECKPOINT: "hand-stop",
    EventKind.BORDER_CROSSED: "route",
    EventKind.ARRIVED: "building",
    EventKind.OPENED: "lock-open",
    EventKind.RECEIVED: "inbox",
    EventKind.SPLIT: "arrow-right",
    EventKind.STORED: "archive",
    EventKind.RETURNED: "home",
    EventKind.DISPOSED: "trash",
    EventKind.LOST: "alert-octagon",
}
TONES: Final = {
    IncidentState.OPEN: "bad",
    IncidentState.EXPLAINED: "warn",
    IncidentState.CLEARED: "good",
    IncidentState.UPHELD: "bad",
}
#: so many incidents stand on the line by themselves; the list has the rest
MOST: Final = 6


def incident_entry(incident: Incident, sight: Sight, *, on_bag: bool = False) -> Entry:
    """Return an incident as one point of the line; on the bag's own page without the bag's tag."""
    about = f"{incident.sample}: " if incident.sample and not on_bag else ""
    return {
        "at": incident.opened_at,
        "pin": incident.event.at if incident.event else incident.opened_at,
        "title": f"{about}{incident.get_kind_display()}",
        "detail": f"{incident.get_state_display()}. {detail_of(incident, sight)}".strip(),
        "icon": "alert-triangle",
        "tone": TONES[IncidentState(incident.state)],
        "url": reverse("custody:incident", args=[incident.pk]),
    }


def event_entry(event: SeenEvent, *, consignment: str = "") -> Entry:
    """Return an event as one point of the line; `consignment` says with which, on a bag's page."""
    facts = [
        f"with {consignment}" if consignment else "",
        event.place,
        f"{event.mass_g:f} g".replace(".000", "") if event.mass_g is not None else "",
        _seals(event.seals),
        event.condition,
        event.note,
    ]
    return {
        "at": event.at,
        "title": _title(event),
        "detail": " · ".join(filter(None, facts)),
        "icon": ICONS.get(EventKind(event.kind), "check"),
        "tone": "bad" if event.kind == EventKind.LOST else "good",
    }


def _title(event: SeenEvent) -> str:
    if event.kind == EventKind.HANDED_OVER and event.taker:
        return f"{event.label} to {event.taker}"
    if event.kind == EventKind.RECEIVED and event.taker:
        return f"{event.label} by {event.taker}"
    # A receipt ends with an arrival at the laboratory; one on the road stays with the carrier.
    if event.kind == EventKind.ARRIVED and event.taker and event.giver not in event.taker:
        return f"Receipt ended by {event.taker}"
    return event.label


def _seals(seals: tuple[str, ...]) -> str:
    """Return the seals that were found, or how many when nobody would read them all."""
    if len(seals) > 2:
        return f"{len(seals)} seals seen"
    return f"seal {', '.join(seals)}" if seals else ""


def line_of(
    consignment: Consignment,
    events: Sequence[SeenEvent],
    incidents: Iterable[Incident],
    receipt: Receipt,
    sight: Sight,
) -> list[Entry]:
    """Return the whole line for this sight: what was done in order, incidents at their place, then what is due."""
    done = [event_entry(event) for event in events]
    first = min((row.item.received_at for row in receipt.rows if row.item.received_at), default=None)
    if first is not None:
        done.append(_received(receipt, first))
    pinned = [incident_entry(incident, sight) for incident in incidents]
    if len(pinned) > MOST:
        rest = len(pinned) - MOST
        pinned = [*pinned[:MOST], _more(consignment, rest, pinned[MOST - 1])]
    begun = consignment.created_at
    first_at = min((entry["at"] for entry in done), default=begun)
    # What was written down later than it happened tells no time of its own.
    packing = {
        "at": begun if begun <= first_at else None,
        "title": "Packing begun",
        "detail": consignment.owner.name,
        "icon": "package",
        "tone": "good",
    }
    return [packing, *in_order([*done, *pinned]), *_due(consignment, receipt)]


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries by when they happened; an incident stands behind what it came of, whenever it was opened."""
    return sorted(entries, key=lambda entry: (entry.get("pin") or entry["at"], "pin" in entry))


def _received(receipt: Receipt, at: datetime) -> Entry:
    detail = "" if not receipt.missing else f"{receipt.missing} not seen yet"
    title = f"{receipt.received} of {receipt.expected} bags received"
    tone = "warn" if receipt.missing or receipt.problems else "good"
    return {"at": at, "title": title, "detail": detail, "icon": "inbox", "tone": tone}


def _more(consignment: Consignment, count: int, after: Entry) -> Entry:
    url = f"{reverse('custody:incidents')}?consignment={consignment.code}"
    return {
        "at": after["at"],
        "pin": after["pin"],
        "title": f"{count} more incident{'' if count == 1 else 's'}",
        "icon": "dots",
        "tone": "bad",
        "url": url,
    }


def _due(consignment: Consignment, receipt: Receipt) -> list[Entry]:
    """Return what has not happened yet, each as an open circle."""
    due: list[Entry] = []
    laboratory = consignment.destination.name
    if consignment.state == ConsignmentState.PACKING:
        due.append(_open(f"Due: dispatch with {consignment.carrier.name}"))
    if consignment.state in {ConsignmentState.PACKING, ConsignmentState.DISPATCHED}:
        late = is_late(consignment)
        words = f"{'Overdue' if late else 'Due'}: arrival at {laboratory}"
        due.append(_open(words, at=consignment.planned_arrival, tone="bad" if late else "neutral"))
    if consignment.state == ConsignmentState.PARTLY_RECEIVED:
        due.append(_open(f"Due: {receipt.missing} missing of {receipt.expected} bags", tone="warn"))
    return due


def _open(title: str, *, at: datetime | None = None, tone: str = "neutral") -> Entry:
    return {"title": title, "at": at, "icon": "circle-dashed", "tone": tone}


def is_late(consignment: Consignment) -> bool:
    """Return whether a consignment on the road should have arrived by now."""
    due = consignment.planned_arrival
    return consignment.state == ConsignmentState.DISPATCHED and due is not None and due < timezone.now()


def holder_of(consignment: Consignment, events: Sequence[SeenEvent]) -> tuple[str, datetime]:
    """Return who has a consignment now, and since when, as far as the events' reader may know."""
    taken = {EventKind.HANDED_OVER, EventKind.SPLIT, EventKind.ARRIVED}
    last = next((event for event in reversed(events) if event.kind in taken and event.taker), None)
    return (last.taker, last.at) if last else (consignment.owner.name, consignment.created_at)
