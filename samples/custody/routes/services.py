"""Verbs of routes: planned once, taken by consignments, retired."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from django.utils import timezone

from lims.accounts.models import Organisation
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.manifest import held_consignment
from samples.custody.models import Consignment, Route, RouteLeg
from samples.custody.routes.rules import MOST_HOURS, MOST_LEGS, MOST_VIA, LegDraft
from samples.custody.rules import ConsignmentState, Mode
from samples.registry.arguments import one_of, person_of, said


@verb
def add_route(*, actor: Actor, owner: Organisation, name: str, legs: Sequence[LegDraft]) -> Route:
    """Plan a route of an owner, leg by leg: each begins where the last one ended.

    Raises `Invalid` ("route-empty", "route-too-long", "leg-hours-impossible", "legs-apart", "choice-unknown") or
    `Conflict` ("route-name-once").
    """
    permit(actor, "custody.judge", owner)
    _check(legs)
    route = Route.objects.create(
        owner=owner, name=said(name, field="name", most=100), created_by=person_of(actor)
    )
    RouteLeg.objects.bulk_create(_row(route, position, leg) for position, leg in enumerate(legs, 1))
    return route


def _check(legs: Sequence[LegDraft]) -> None:
    if not legs:
        raise invalid("route-empty", "There is no leg.", "A way has at least one.", field="legs")
    if len(legs) > MOST_LEGS or any(len(leg.via) > MOST_VIA for leg in legs):
        message = f"At most {MOST_LEGS} legs with {MOST_VIA} points between."
        raise invalid("route-too-long", message, "Make two routes of it.", field="legs")
    for leg in legs:
        one_of(Mode, leg.mode, field="legs")
        if not (0 < leg.hours <= MOST_HOURS and 0 <= leg.grace_hours <= MOST_HOURS):
            message = f"{leg.from_name} to {leg.to_name}: {leg.hours} h, and {leg.grace_hours} h of grace, cannot be."
            raise invalid("leg-hours-impossible", message, "Hours, above nought.", field="legs")
    for before, after in pairwise(legs):
        if before.to_name.casefold() != after.from_name.casefold():
            message = f"A leg ends in {before.to_name}, the next begins in {after.from_name}."
            raise invalid("legs-apart", message, "Each begins where the last one ended.", field="legs")


def _row(route: Route, position: int, leg: LegDraft) -> RouteLeg:
    start, end = leg.start or (None, None), leg.end or (None, None)
    return RouteLeg(
        route=route,
        position=position,
        from_name=said(leg.from_name, field="legs", most=100),
        to_name=said(leg.to_name, field="legs", most=100),
        from_latitude=start[0],
        from_longitude=start[1],
        to_latitude=end[0],
        to_longitude=end[1],
        via=[[float(north), float(east)] for north, east in leg.via],
        mode=leg.mode,
        hours=leg.hours.quantize(Decimal("0.01")),
        grace_hours=leg.grace_hours.quantize(Decimal("0.01")),
    )


@verb
def retire_route(*, actor: Actor, route: Route) -> Route:
    """Let no more consignments take a route; those on it go on. Raises `Conflict` ("route-retired")."""
    permit(actor, "custody.judge", route.owner)
    held = Route.objects.select_for_update(of=("self",), no_key=True).select_related("owner").get(pk=route.pk)
    if held.retired_at is not None:
        raise conflict("route-retired", f"{held} is retired.", "Choose another.", field="route")
    held.retired_at = timezone.now()
    held.save(update_fields=["retired_at"])
    return held


@verb
def take_route(*, actor: Actor, consignment: Consignment, route: Route | None) -> Consignment:
    """Let a consignment that is being packed take a route, or none.

    Raises `Invalid` ("route-of-another-owner") or `Conflict` ("route-retired", "consignment-not-so").
    """
    permit(actor, "custody.pack", consignment)
    held = held_consignment(consignment, ConsignmentState.PACKING)
    if route is not None and route.owner_id != held.owner_id:
        raise invalid("route-of-another-owner", f"{route} is another owner's.", "Choose one.", field="route")
    if route is not None and route.retired_at is not None:
        raise conflict("route-retired", f"{route} is retired.", "Choose another.", field="route")
    held.route = route
    held.save(update_fields=["route"])
    return held
