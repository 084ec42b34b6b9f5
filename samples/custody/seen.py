"""Custody as one person may see it: a laboratory reads neither places, nor the road's words, nor who carried the bags."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from lims.accounts.models import Membership, User
from samples.custody.models import Consignment, CustodyEvent, Incident
from samples.custody.rules import EventKind
from samples.registry.rules import rounded
from samples.registry.sight import EXACT, Sight, sight_of

#: what happens in the laboratory itself: its people are named to it
IN_THE_LABORATORY: Final = frozenset({EventKind.ARRIVED, EventKind.OPENED, EventKind.RECEIVED})


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
    told = sight > Sight.BLIND or event.kind in IN_THE_LABORATORY
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
    name = ""
    if told and event.to_person:
        name = event.to_person.name
    elif told and event.to_outsider:
        name = event.to_outsider.name
    if event.to_outsider is not None:
        organisation = f"for {organisation}" if organisation else ""
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


def seen_incident(user: User, incident: Incident) -> SeenIncident:
    """Return an incident as a person may read it; at most four queries.

    What the checks found is for everybody. The owner's words are not for a laboratory: they may name the mine.
    """
    if incident.sample is not None:
        sight = sight_of(user, incident.sample.batch)
    else:
        assert incident.consignment is not None
        sight = sight_on(user, incident.consignment)
    told = sight > Sight.BLIND
    ours = told or _is_colleague(user, incident.explained_by)
    return SeenIncident(
        record=incident,
        detail=incident.detail if told or incident.event_id else "",
        explanation=incident.explanation if ours else "",
        explained_by=incident.explained_by.name if ours and incident.explained_by else "",
        judgement=incident.judgement if told else "",
        judged_by=incident.judged_by.name if told and incident.judged_by else "",
    )


def _is_colleague(user: User, other: User | None) -> bool:
    mine = [membership.organisation_id for membership in user.roles]
    return other is not None and Membership.objects.filter(user=other, organisation__in=mine).exists()
