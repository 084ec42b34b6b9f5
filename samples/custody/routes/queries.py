"""Routes and legs as they are looked at; constant queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from lims.accounts.models import User
from lims.errors import NotFound, Place, Problem
from samples.custody.models import Consignment, ConsignmentLeg, Route
from samples.custody.routes.rules import LegDraft
from samples.custody.rules import MODE_LABELS, Mode


@dataclass(frozen=True, slots=True)
class SeenLeg:
    """A leg of a consignment: due when and done when; places in degrees (WGS 84), exact: whoever shows them rounds."""

    position: int
    from_name: str
    to_name: str
    mode: str
    due_at: datetime
    grace_hours: Decimal
    done_at: datetime | None
    is_overdue: bool
    start: tuple[Decimal, Decimal] | None
    end: tuple[Decimal, Decimal] | None
    via: tuple[tuple[float, float], ...]

    @property
    def mode_label(self) -> str:
        """Return how it is travelled, in a word."""
        return MODE_LABELS[Mode(self.mode)]

    @property
    def late_by(self) -> timedelta | None:
        """Return how much later than due it was done; None when it was not, or not late."""
        if self.done_at is None or self.done_at <= self.due_at:
            return None
        return self.done_at - self.due_at


def deadline(leg: ConsignmentLeg) -> datetime:
    """Return after which time a leg is overdue: when it is due, and its grace."""
    return leg.due_at + timedelta(hours=float(leg.grace_hours))


def legs_of(consignment: Consignment, *, at: datetime | None = None) -> list[SeenLeg]:
    """Return the legs of a consignment in their order. One query."""
    now = at or timezone.now()
    return [
        SeenLeg(
            position=leg.position,
            from_name=leg.from_name,
            to_name=leg.to_name,
            mode=leg.mode,
            due_at=leg.due_at,
            grace_hours=leg.grace_hours,
            done_at=leg.done_at,
            is_overdue=leg.done_at is None and deadline(leg) < now,
            start=_pair(leg.from_latitude, leg.from_longitude),
            end=_pair(leg.to_latitude, leg.to_longitude),
            via=tuple((float(one[0]), float(one[1])) for one in leg.via),
        )
        for leg in ConsignmentLeg.objects.filter(consignment=consignment).order_by("position")
    ]


def _pair(north: Decimal | None, east: Decimal | None) -> tuple[Decimal, Decimal] | None:
    return None if north is None or east is None else (north, east)


def routes_for(user: User) -> QuerySet[Route]:
    """Return the routes that a person may see, with `leg_count` and `hours` in all."""
    rows = Route.objects.visible_to(user).select_related("owner")
    return rows.annotate(leg_count=Count("legs"), hours=Sum("legs__hours"))


def route_for(user: User, pk: UUID | str) -> Route:
    """Return one route that a person may see. Raises `NotFound` ("route-unknown")."""
    found = routes_for(user).filter(pk=pk).first()
    if found is None:
        remedy = "Choose one from the list."
        raise NotFound(Problem("route-unknown", "There is no such route.", remedy, Place(field="route")))
    return found


def drafts_of(route: Route) -> list[LegDraft]:
    """Return a route's legs as they were planned. One query, none where they are prefetched."""
    return [
        LegDraft(
            leg.from_name,
            leg.to_name,
            leg.mode,
            leg.hours,
            leg.grace_hours,
            _pair(leg.from_latitude, leg.from_longitude),
            _pair(leg.to_latitude, leg.to_longitude),
            tuple((Decimal(str(one[0])), Decimal(str(one[1]))) for one in leg.via),
        )
        for leg in sorted(route.legs.all(), key=lambda one: one.position)
    ]
