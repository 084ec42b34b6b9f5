"""Who has each bag now, and since when, as far as we were told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Min, QuerySet

from lims.accounts.models import Organisation, User
from samples.custody.models import ConsignmentItem, CustodyEvent, Outsider
from samples.custody.rules import EventKind, ItemState

#: what puts a bag into somebody's hands, or out of everybody's
_TAKEN: Final = (
    EventKind.SEALED,
    EventKind.RECEIVED,
    EventKind.STORED,
    EventKind.RETURNED,
    EventKind.DISPOSED,
    EventKind.LOST,
)
_PEOPLE: Final = ("to_organisation", "to_person", "to_outsider")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """In whose hands a bag is: an organisation, and the person of ours or the outsider who took it over."""

    organisation: Organisation | None
    person: User | None
    outsider: Outsider | None
    since: datetime
    event: CustodyEvent

    @property
    def is_lost(self) -> bool:
        """Return whether the bag was reported lost or was disposed of: nobody has it."""
        return self.event.kind in {EventKind.LOST, EventKind.DISPOSED}


def whereabouts(samples: Iterable[UUID]) -> dict[UUID, Whereabouts]:
    """Return who has each of these bags, by its id; three queries however many. A bag that was never sealed is not in it.

    A bag goes where its consignment goes, until a laboratory receives it by itself.
    """
    ids = list(samples)
    alone = CustodyEvent.objects.filter(sample__in=ids, kind__in=_TAKEN).select_related(*_PEOPLE)
    last: dict[UUID, CustodyEvent] = {}
    for event in alone.order_by("sample", "-at", "-id").distinct("sample"):
        assert event.sample_id is not None
        last[event.sample_id] = event
    elsewhere = [ItemState.UNEXPECTED, ItemState.MOVED]
    packed = ConsignmentItem.objects.filter(sample__in=ids).exclude(state__in=elsewhere)
    travelled = list(packed.values_list("sample", "consignment"))
    with_others = {consignment for _, consignment in travelled}
    handed = CustodyEvent.objects.filter(
        consignment__in=with_others, sample=None, kind__in=[EventKind.HANDED_OVER, EventKind.SPLIT]
    ).select_related(*_PEOPLE)
    of_consignment = {
        event.consignment_id: event
        for event in handed.order_by("consignment", "-at", "-id").distinct("consignment")
    }
    for sample, consignment in travelled:
        taken = of_consignment.get(consignment)
        if taken is not None and (sample not in last or last[sample].at <= taken.at):
            last[sample] = taken
    return {
        sample: Whereabouts(event.to_organisation, event.to_person, event.to_outsider, event.at, event)
        for sample, event in last.items()
    }


def left_at(items: QuerySet[ConsignmentItem]) -> dict[tuple[UUID, UUID], datetime]:
    """Return when bags among `items` were split off, by (the consignment that they left, the bag); one query."""
    # Its own first word is that it was split off; whatever the other one was told before that, was told of both.
    rows = items.filter(
        consignment__split_from__isnull=False,
        consignment__events__kind=EventKind.SPLIT,
        consignment__events__sample=None,
    )
    told = rows.values_list("consignment__split_from", "sample")
    return {
        (consignment, sample): at
        for consignment, sample, at in told.annotate(at=Min("consignment__events__recorded_at")).order_by()
    }
