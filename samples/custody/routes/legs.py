"""The legs of a consignment: laid when it leaves, done as it is told of, overdue when a worker finds them so."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, FloatField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.checks import Fix, distance_km
from samples.custody.happenings import open_incident
from samples.custody.limits import limits_of
from samples.custody.models import Consignment, ConsignmentLeg, CustodyEvent, Incident
from samples.custody.road_checks import fix_of
from samples.custody.routes.queries import deadline
from samples.custody.routes.rules import due_times
from samples.custody.rules import ConsignmentState, IncidentKind

#: late consignments that one round of the worker looks at
ONE_ROUND = 200
HOUR = timedelta(hours=1)
ON_ITS_WAY = (ConsignmentState.DISPATCHED,)


def start_legs(consignment: Consignment, at: datetime) -> list[ConsignmentLeg]:
    """Copy the legs of a consignment's route to it, with due times from its departure; nothing without a route.

    Whoever dispatches holds the consignment and calls this in the same transaction.
    """
    if consignment.route is None:
        return []
    legs = list(consignment.route.legs.order_by("position"))
    due = due_times((leg.hours for leg in legs), at)
    same = ("position", "from_name", "to_name", "via", "mode", "grace_hours")
    places = ("from_latitude", "from_longitude", "to_latitude", "to_longitude")
    return ConsignmentLeg.objects.bulk_create(
        ConsignmentLeg(
            consignment=consignment,
            due_at=due_at,
            **{name: getattr(leg, name) for name in (*same, *places)},
        )
        for leg, due_at in zip(legs, due, strict=True)
    )


def reach_legs(consignment: Consignment, event: CustodyEvent, *, arrived: bool = False) -> int:
    """Mark the legs as done that an event tells of, and those before; return how many.

    A leg is reached by the name of its end, or within 5 km of it; with `arrived` at the laboratory all are.
    Whoever records the event holds the consignment and calls this in the same transaction.
    """
    legs = list(ConsignmentLeg.objects.filter(consignment=consignment, done_at=None).order_by("position"))
    near = float(limits_of(consignment.owner_id).reached_km) if legs else 0.0
    reached = [leg.position for leg in legs if arrived or _at_end(leg, event, near)]
    if not reached:
        return 0
    done = [leg for leg in legs if leg.position <= max(reached)]
    for leg in done:
        leg.done_at, leg.done_event = event.at, event
        leg.save(update_fields=["done_at", "done_event"])
    return len(done)


def _at_end(leg: ConsignmentLeg, event: CustodyEvent, near_km: float) -> bool:
    if event.place and " ".join(event.place.split()).casefold() == leg.to_name.casefold():
        return True
    here = fix_of(event)
    if here is None or leg.to_latitude is None or leg.to_longitude is None:
        return False
    return distance_km(here, Fix(float(leg.to_latitude), float(leg.to_longitude), 0.0, event.at)) <= near_km


def overdue_consignments(at: datetime) -> list[UUID]:
    """Return the consignments on their way with a leg that is overdue, or later than planned, and not noticed yet."""
    legs = ConsignmentLeg.objects.filter(
        done_at=None, overdue_at=None, consignment__state__in=ON_ITS_WAY, consignment__returning=False
    )
    grace = ExpressionWrapper(Cast("grace_hours", FloatField()) * Value(HOUR), output_field=DurationField())
    deadlines = legs.annotate(late_after=ExpressionWrapper(F("due_at") + grace, output_field=DateTimeField()))
    late = deadlines.filter(late_after__lt=at).order_by("late_after").values_list("consignment", flat=True)
    found = list(late[: ONE_ROUND * 4])
    noticed = Incident.objects.filter(kind=IncidentKind.OVERDUE_LEG, event=None).values("consignment")
    whole = Consignment.objects.filter(
        state__in=ON_ITS_WAY, returning=False, legs=None, planned_arrival__lt=at
    ).exclude(pk__in=noticed)
    found += list(whole.order_by("planned_arrival").values_list("pk", flat=True)[:ONE_ROUND])
    return sorted(set(found))[:ONE_ROUND]


@verb
def note_overdue(*, actor: Actor, consignment: UUID, at: datetime | None = None) -> list[Incident]:
    """Open an incident for each leg of a consignment that is overdue beyond its grace, once a leg.

    Whoever reaches a leg meanwhile holds the consignment: then it is done, and no incident comes of it.
    """
    now = at or timezone.now()
    held = Consignment.objects.select_for_update(no_key=True).get(pk=consignment)
    permit(actor, "custody.judge", held)
    if held.state not in ON_ITS_WAY or held.returning:
        return []
    legs = list(ConsignmentLeg.objects.filter(consignment=held).order_by("position"))
    late = [leg for leg in legs if leg.done_at is None and leg.overdue_at is None and deadline(leg) < now]
    made = [_overdue_leg(held, leg, now) for leg in late]
    if not legs and held.planned_arrival is not None and held.planned_arrival < now:
        seen = Incident.objects.filter(consignment=held, kind=IncidentKind.OVERDUE_LEG)
        if not seen.exists():
            detail = f"Due at {held.planned_arrival:%Y-%m-%d %H:%M} UTC, and not there."
            facts = {"due_at": held.planned_arrival.isoformat()}
            made.append(open_incident(IncidentKind.OVERDUE_LEG, detail, consignment=held, facts=facts))
    return made


def _overdue_leg(consignment: Consignment, leg: ConsignmentLeg, now: datetime) -> Incident:
    leg.overdue_at = now
    leg.save(update_fields=["overdue_at"])
    detail = (
        f"{leg} was due at {leg.due_at:%Y-%m-%d %H:%M} UTC, with {leg.grace_hours.normalize():f} h of grace."
    )
    facts = {
        "leg": str(leg),
        "due_at": leg.due_at.isoformat(),
        "grace_h": f"{leg.grace_hours.normalize():f}",
        "late_h": f"{(now - leg.due_at).total_seconds() / 3600:.1f}",
    }
    return open_incident(IncidentKind.OVERDUE_LEG, detail, consignment=consignment, facts=facts)
