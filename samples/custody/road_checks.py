"""What is compared on the road: clocks, speed, the planned route, and who had the consignment before."""

from collections.abc import Sequence

from samples.custody.checks import DEFAULT, Fix, Limits, off_line_km, too_fast
from samples.custody.happenings import open_incident
from samples.custody.models import Consignment, ConsignmentLeg, CustodyEvent
from samples.custody.rules import EventKind, IncidentKind, Mode


def check_road(
    before: CustodyEvent | None, after: CustodyEvent, consignment: Consignment, *, limits: Limits = DEFAULT
) -> None:
    """Open an incident for each thing that cannot be on a consignment's way (METHODS.md section 6).

    Nothing happens before what came before it, nothing travels faster than the mode of its leg, and no place is more
    than 25 km off the planned route.
    """
    if before is not None and after.at < before.at:
        detail = (
            f"{after} is said to be at {after.at:%Y-%m-%d %H:%M} UTC, before {before} ({before.at:%H:%M})."
        )
        facts = {
            "at": after.at.isoformat(),
            "before_at": before.at.isoformat(),
            "behind_s": f"{(before.at - after.at).total_seconds():.0f}",
        }
        open_incident(IncidentKind.CLOCK, detail, consignment=consignment, event=after, facts=facts)
    here = fix_of(after)
    if here is None:
        return
    legs = list(ConsignmentLeg.objects.filter(consignment=consignment).order_by("position"))
    _check_speed(here, after, consignment, legs, limits)
    _check_route(here, after, consignment, legs, limits)


def fix_of(event: CustodyEvent) -> Fix | None:
    """Return where and when an event was, if its place is known."""
    if event.latitude is None or event.longitude is None:
        return None
    return Fix(float(event.latitude), float(event.longitude), float(event.accuracy_m or 0), event.at)


def mode_of(legs: Sequence[ConsignmentLeg]) -> str:
    """Return how a consignment travels now: the mode of its first leg that is not done; by road without legs."""
    ahead = [leg for leg in legs if leg.done_at is None]
    return ahead[0].mode if ahead else (legs[-1].mode if legs else Mode.ROAD)


def _check_speed(
    here: Fix,
    after: CustodyEvent,
    consignment: Consignment,
    legs: Sequence[ConsignmentLeg],
    limits: Limits,
) -> None:
    """Open an incident if nothing travels so fast from the last place that is known of the consignment."""
    rows = CustodyEvent.objects.filter(consignment=consignment, sample=None, latitude__isnull=False)
    last = rows.exclude(pk=after.pk).order_by("-recorded_at", "-id").first()
    there = fix_of(last) if last is not None else None
    mode = mode_of(legs)
    speed = too_fast(there, here, mode=mode, limits=limits) if there is not None else None
    if speed is None:
        return
    detail = (
        f"From {last} to {after} at {speed:.0f} km/h." if speed < 1e6 else f"{last} and {after} at one time."
    )
    facts = {
        "speed_km_h": f"{speed:.1f}" if speed < 1e6 else "at once",
        "limit_km_h": f"{limits.fastest_kmh(mode):f}",
        "mode": str(mode),
    }
    open_incident(IncidentKind.IMPOSSIBLE_TRAVEL, detail, consignment=consignment, event=after, facts=facts)


def line_of_legs(legs: Sequence[ConsignmentLeg]) -> list[tuple[float, float]]:
    """Return the points of a planned way, as (latitude, longitude) in degrees; empty where no place is planned."""
    points: list[tuple[float, float]] = []
    for leg in legs:
        if leg.from_latitude is not None and leg.from_longitude is not None:
            points.append((float(leg.from_latitude), float(leg.from_longitude)))
        points += [(float(one[0]), float(one[1])) for one in leg.via]
        if leg.to_latitude is not None and leg.to_longitude is not None:
            points.append((float(leg.to_latitude), float(leg.to_longitude)))
    return points


def _check_route(
    here: Fix,
    after: CustodyEvent,
    consignment: Consignment,
    legs: Sequence[ConsignmentLeg],
    limits: Limits,
) -> None:
    """Open an incident if a place is off the planned route; a flight follows none."""
    line = line_of_legs(legs)
    if len(line) < 2 or mode_of(legs) == Mode.AIR:
        return
    away = off_line_km(here, line)
    if away > limits.off_route_km:
        detail = f"{after} is {away:.0f} km off the planned route."
        facts = {"off_route_km": f"{away:.1f}", "limit_km": f"{limits.off_route_km:f}"}
        open_incident(IncidentKind.OFF_ROUTE, detail, consignment=consignment, event=after, facts=facts)


def check_giver(consignment: Consignment, event: CustodyEvent) -> None:
    """Open an incident if somebody else gives a consignment away than the one of ours who took it over last.

    Two claims: that one's hand-over was not known yet when this one happened, so that two have it at once. After an
    outsider nobody can tell: they do not write to us themselves.
    """
    rows = CustodyEvent.objects.filter(consignment=consignment, sample=None, kind=EventKind.HANDED_OVER)
    taken = rows.exclude(pk=event.pk).select_related("to_person").order_by("-recorded_at", "-id").first()
    giver = event.recorded_by
    if taken is None or taken.to_person is None or giver is None or taken.to_person == giver:
        return
    facts = {
        "given_by": giver.name,
        "given_at": event.at.isoformat(),
        "taken_by": taken.to_person.name,
        "taken_at": taken.at.isoformat(),
        "known_at": taken.recorded_at.isoformat(),
    }
    if event.at < taken.recorded_at and event.device != taken.device:
        kind = IncidentKind.TWO_CLAIMS
        detail = (
            f"{giver.name} gave it away, and {taken.to_person.name} had taken it over, on two phones at once."
        )
    else:
        kind = IncidentKind.CUSTODY_GAP
        detail = f"Given by {giver.name}; {taken.to_person.name} had taken it over."
    open_incident(kind, detail, consignment=consignment, event=event, facts=facts)
