"""Photographs of custody events: laid beside the event by those who may say what happened, seen by those who see its way."""

from django.db.models import F, Q

from lims.accounts.models import User
from lims.errors import invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.models import Consignment, CustodyEvent, EventPhotograph
from samples.custody.rules import EventKind
from samples.custody.seen import IN_THE_LABORATORY
from samples.registry.models import Photograph, Sample
from samples.registry.photographs import REACHES


@verb
def attach_photograph(*, actor: Actor, event: CustodyEvent, photograph: Photograph) -> EventPhotograph:
    """Lay a photograph beside what it shows.

    Raises `Invalid` ("photograph-of-another-owner") or `Conflict` ("event-photograph-once").
    """
    permit(actor, "custody.explain", event.consignment or event.sample)
    owner = event.consignment.owner_id if event.consignment else None
    if event.sample is not None:
        owner = event.sample.batch.owner_id
    if photograph.owner_id != owner:
        raise invalid(
            "photograph-of-another-owner",
            "The photograph was kept for another owner.",
            "Keep it again for the owner of these bags.",
            field="photograph",
        )
    return EventPhotograph.objects.create(event=event, photograph=photograph)


def of_events(user: User) -> Q:
    """Return which photographs a person sees because of an event: of a consignment or of a bag that they may see.

    A laboratory sees those of its own door alone: a picture of a gate tells the mine as much as its name.
    """
    mine = [membership.organisation_id for membership in user.roles]
    carried = Consignment.objects.filter(Q(owner__in=mine) | Q(carrier__in=mine)).values("pk")
    awaited = Consignment.objects.visible_to(user).values("pk")
    bags = Sample.objects.visible_to(user).filter(batch__owner__in=mine).values("pk")
    # A carrier too tells of arrivals, at the end of a leg.
    on_the_road = Q(event__kind=EventKind.ARRIVED, event__to_organisation=F("event__from_organisation"))
    seen = EventPhotograph.objects.filter(
        Q(event__consignment__in=carried)
        | Q(event__consignment__in=awaited, event__kind__in=IN_THE_LABORATORY) & ~on_the_road
        | Q(event__consignment=None, event__sample__in=bags)
    )
    return Q(pk__in=seen.values("photograph"))


REACHES.append(of_events)
