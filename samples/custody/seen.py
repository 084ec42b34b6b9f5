"""Custody as one person may see it: a laboratory reads neither places, nor the road's words, nor who carried the bags."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from lims.accounts.models import Membership, User
from samples.custody.models import Consignment, CustodyEvent, Incident
from samples.custody.rules import EventKind, IncidentKind
from samples.registry.rules import rounded
from samples.registry.sight import EXACT, Sight, sights_of

#: what happens in the laboratory itself: its people are named to it
IN_THE_LABORATORY: Final = frozenset({EventKind.ARRIVED, EventKind.OPENED, EventKind.RECEIVED})


def in_the_laboratory(event: CustodyEvent) -> bool:
    """Return whether an event happened in the laboratory itself; the end of a leg is an arrival too, but on the road.

    On the road the carrier still has the bags after it has arrived.
    """
    on_road = event.kind == EventKind.ARRIVED and event.to_organisation_id == event.from_organisation_id
    return event.kind in IN_THE_LABORATORY and not on_road


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """A custody event as its reader may see it: masses in g, places in degrees (WGS 84), rounded or left out."""

    id: UUID
    kind: str
    label: str
    at: datetime
    recorded_at: datetime
    giver: str
    taker: str
    latitude: Decimal | None
    longitude: Decimal | None
    mass_g: Decimal | None
    seals: tuple[str, ...]
    condition: str
    note: str

    @property
    def place(self) -> str:
        """Return the place as people read it; empty when it is not known or not theirs to know."""
        if self.latitude is None or self.longitude is None:
            return ""
        return f"{self.latitude:f}° N, {self.longitude:f}° E"


def sight_on(user: User, consignment: Consignment) -> Sight:
    """Return how much of a consignment's way a person may see, as of a batch: the owner all, a laboratory the least."""
    mine = {membership.organisation_id for membership in user.roles}
    if consignment.owner_id in user.organisations_as(*EXACT):
        return Sight.FULL
    if user.oversees or mine & {consignment.owner_id, consignment.carrier_id}:
        return Sight.ROUNDED
    return Sight.BLIND if consignment.destination_id in mine else Sight.NOTHING


def seen_events(events: Iterable[CustodyEvent], sight: Sight) -> list[SeenEvent]:
    """Return events as somebody with this sight may see them; asks nothing of the database."""
    return [_seen(event, sight) for event in events]


def _seen(event: CustodyEvent, sight: Sight) -> SeenEvent:
    told = sight > Sight.BLIND or in_the_laboratory(event)
    placed = sight > Sight.BLIND and event.latitude is not None and event.longitude is not None
    exact = sight is Sight.FULL
    return SeenEvent(
        id=event.pk,
        kind=event.kind,
        label=str(event.get_kind_display()),
        at=event.at,
        recorded_at=event.recorded_at,
        giver=event.from_organisation.name if event.from_organisation else "",
        taker=_taker(event, told=told),
        latitude=_degrees(event.latitude, exact=exact) if placed else None,
        longitude=_degrees(event.longitude, exact=exact) if placed else None,
        mass_g=event.gross_mass_g,
        seals=tuple(" ".join(one) for one in event.seals_found),
        condition=str(event.get_condition_display()),
        note=event.note if sight > Sight.BLIND else "",
    )


def _taker(event: CustodyEvent, *, told: bool) -> str:
    """Return who has it after the event: a person with the organisation, or the organisation."""
    organisation = event.to_organisation.name if event.to_organisation else ""
    if event.to_outsider is not None:
        name = event.to_outsider.name if told else "somebody"
        return f"{name} for {organisation}" if organisation else name
    name = event.to_person.name if told and event.to_person else ""
    return ", ".join(filter(None, [name, organisation]))


def _degrees(degrees: Decimal | None, *, exact: bool) -> Decimal | None:
    return degrees if exact or degrees is None else rounded(degrees)


@dataclass(frozen=True, slots=True)
class SeenIncident:
    """An incident with as many of its words as its reader may read."""

    record: Incident
    detail: str
    explanation: str
    explained_by: str
    judgement: str
    judged_by: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    assigned_to: str = ""


def seen_incident(user: User, incident: Incident) -> SeenIncident:
    """Return an incident as a person may read it."""
    return seen_incidents(user, [incident])[0]


def seen_incidents(user: User, incidents: Iterable[Incident]) -> list[SeenIncident]:
    """Return incidents as a person may read them; at most three queries however many there are.

    What the laboratory's own checks found is for everybody. The owner's words are not for a laboratory: they may name
    the mine.
    """
    incidents = list(incidents)
    batches = {one.sample.batch_id: one.sample.batch for one in incidents if one.sample is not None}
    batches |= {one.batch.pk: one.batch for one in incidents if one.batch is not None}
    sights = sights_of(user, batches.values())
    mine = [membership.organisation_id for membership in user.roles]
    explained = {one.explained_by_id for one in incidents if one.explained_by_id is not None}
    rows = Membership.objects.filter(user__in=explained, organisation__in=mine)
    colleagues = set(rows.values_list("user", flat=True)) if explained else set()

    def sight(incident: Incident) -> Sight:
        if incident.sample is not None:
            return sights[incident.sample.batch_id]
        if incident.consignment is not None:
            return sight_on(user, incident.consignment)
        assert incident.batch is not None
        return sights[incident.batch.pk]

    return [_read(one, sight(one), ours=one.explained_by_id in colleagues) for one in incidents]


def detail_of(incident: Incident, sight: Sight) -> str:
    """Return what was found, as far as somebody with this sight may read it.

    A laboratory reads what its own checks found, and what it asked the owner itself. What happened on the road names
    people; what somebody reported is free words.
    """
    here = incident.event is not None and in_the_laboratory(incident.event)
    here = here or incident.kind == IncidentKind.DEVIATION
    return incident.detail if sight > Sight.BLIND or here else ""


def _read(incident: Incident, sight: Sight, *, ours: bool) -> SeenIncident:
    told = sight > Sight.BLIND
    ours = told or ours
    # The owner's answer to a laboratory is for the laboratory.
    answered = told or incident.kind == IncidentKind.DEVIATION
    return SeenIncident(
        record=incident,
        detail=detail_of(incident, sight),
        explanation=incident.explanation if ours else "",
        explained_by=incident.explained_by.name if ours and incident.explained_by else "",
        judgement=incident.judgement if answered else "",
        judged_by=incident.judged_by.name if answered and incident.judged_by else "",
        facts=incident.facts if detail_of(incident, sight) else {},
        assigned_to=incident.assigned_to.name if told and incident.assigned_to else "",
    )
