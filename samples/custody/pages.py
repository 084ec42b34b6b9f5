"""What the shell is told of custody: its places, how to find consignments, and what it shows on other pages."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.web.navigation import Place, register
from lims.web.search import Hit, register_finder
from samples.custody.line import Entry, event_entry, in_order, incident_entry
from samples.custody.models import Incident
from samples.custody.page_queries import WAITING, applied_seal, roads_of
from samples.custody.queries import consignments_for, events_of_sample, incidents_for
from samples.custody.seen import seen_events
from samples.registry.models import Batch, Sample
from samples.registry.panels import Shown, register_panel
from samples.registry.sight import sight_of

register(Place("Consignments", "custody:consignments", "truck", "custody.read", order=16, letter="c"))
register(Place("Receiving", "custody:receiving", "inbox", "custody.desk", order=14, letter="e"))


def _find_consignments(user: User, text: str) -> list[Hit]:
    if "\x00" in text:
        return []
    found = consignments_for(user).filter(code__istartswith=text).order_by("code")[:8]
    return [
        Hit(
            "consignment",
            one.code,
            reverse("custody:consignment", args=[one.pk]),
            f"{one.owner} to {one.destination}, {one.get_state_display().lower()}",
        )
        for one in found
    ]


register_finder("consignment", _find_consignments)


def sample_panel(request: HttpRequest, sample: Sample) -> Shown:
    """Return a bag's way so far, with its incidents; nothing before it is sealed."""
    user = person(request)
    events = events_of_sample(sample)
    incidents = list(incidents_for(user).filter(sample=sample).order_by("opened_at"))
    sight = sight_of(user, sample.batch)
    if not events and not incidents:
        return None
    codes = {event.pk: event.consignment.code if event.consignment else "" for event in events}
    seen = seen_events(events, sight)
    entries: list[Entry] = [event_entry(event, consignment=codes[event.id]) for event in seen]
    entries += [incident_entry(incident, sight, on_bag=True) for incident in incidents]
    context = {
        "entries": in_order(entries),
        "sample": sample,
        "seal": applied_seal(sample),
        "blocked": _blocked(incidents),
    }
    return "custody/sample_panel.html", context


def _blocked(incidents: list[Incident]) -> bool:
    return any(incident.blocking and incident.state != "CLEARED" for incident in incidents)


def batch_panel(request: HttpRequest, batch: Batch) -> Shown:
    """Return with which consignments a batch's bags travel, and what waits to be explained; nothing before."""
    user = person(request)
    roads = roads_of(user, batch)
    waiting = incidents_for(user).filter(sample__batch=batch, state__in=WAITING).order_by("-id")
    incidents = list(waiting[:5])
    if not roads and not incidents:
        return None
    context: dict[str, Any] = {"roads": roads, "incidents": incidents}
    return "custody/batch_panel.html", context


register_panel("sample", sample_panel, order=30)
register_panel("batch", batch_panel, order=30)
