"""What is compared on the road: clocks, speed, the planned route, and who had the consignment before."""

import math
from collections.abc import Sequence
from typing import Final

from samples.custody.checks import DEFAULT, Fix, Limits, distance_km, off_line_km, too_fast
from samples.custody.happenings import open_incident
from samples.custody.models import Consignment, ConsignmentLeg, CustodyEvent
from samples.custody.rules import EventKind, IncidentKind, Mode

_PARTIES: Final = ("from_organisation", "to_organisation")


def check_road(
    before: CustodyEvent | None, after: CustodyEvent, consignment: Consignment, *, limits: Limits = DEFAULT
) -> None:
    """Open an incident for each thing that cannot be on a consignment's way (METHODS.md section 6).

    A clock does not run backwards, nothing travels faster than the mode of its leg, and no place is more than 25 km
    off the planned route. `before` is what was told last.
    """
    _check_clock(before, after, consignment)
    here = fix_of(after)
    if here is None:
        return
    legs = list(ConsignmentLeg.objects.filter(consignment=consignment).order_by("position"))
    _check_speed(here, after, consignment, legs, limits)
    _check_route(here, after, consignment, legs, limits)


def _check_clock(before: CustodyEvent | None, after: CustodyEvent, consignment: Consignment) -> None:
    """Open an incident if a clock is behind what it told before.

    A phone is compared with itself: what two phones tell may arrive in any order. What is keyed in from paper follows
    no clock.
    """
    if after.paper_form_id is not None:
        return
    if after.device is not None:
        own = CustodyEvent.objects.filter(consignment=consignment, device=after.device, sample=None)
        # A verb that makes two events gives both one time.
        before = own.exclude(pk=after.pk).order_by("-recorded_at", "-id").first()
    if before is None or after.at >= before.at:
        return
    detail = f"{after} is said to be at {after.at:%Y-%m-%d %H:%M} UTC, before {before} ({before.at:%H:%M})."
    facts = {
        "at": after.at.isoformat(),
        "before_at": before.at.isoformat(),
        "behind_s": f"{(before.at - after.at).total_seconds():.0f}",
    }
    if after.device is not None:
        facts["device"] = str(after.device)
    open_incident(IncidentKind.CLOCK, detail, consignment=consignment, event=after, facts=facts)


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
    """Open an incident if nothing travels so fast from the place before this one, or on to the next that is known.

    Before and next by time: a phone without a network tells of a place when later ones are known already.
    """
    mode = mode_of(legs)
    fastest: tuple[float, CustodyEvent, Fix] | None = None
    for other in _neighbours(after, consignment):
        there = fix_of(other)
        speed = too_fast(there, here, mode=mode, limits=limits) if there is not None else None
        if there is not None and speed is not None and (fastest is None or speed > fastest[0]):
            fastest = speed, other, there
    if fastest is None:
        return
    speed, other, there = fastest
    first, second = (other, after) if other.at <= after.at else (after, other)
    at_once = math.isinf(speed)
    detail = (
        f"{first} and {second} at one time." if at_once else f"From {first} to {second} at {speed:.0f} km/h."
    )
    facts = {
        "speed_km_h": "at once" if at_once else f"{speed:.1f}",
        "limit_km_h": f"{limits.fastest_kmh(mode):f}",
        "mode": str(mode),
        "distance_km": f"{distance_km(there, here):.1f}",
        "accuracies_m": [f"{there.accuracy_m:.0f}", f"{here.accuracy_m:.0f}"],
        "time_s": f"{abs((here.at - there.at).total_seconds()):.0f}",
    }
    open_incident(IncidentKind.IMPOSSIBLE_TRAVEL, detail, consignment=consignment, event=after, facts=facts)


def _neighbours(event: CustodyEvent, consignment: Consignment) -> list[CustodyEvent]:
    """Return the places of a consignment that are known just before an event and just after it, by time."""
    rows = CustodyEvent.objects.filter(consignment=consignment, sample=None, latitude__isnull=False)
    others = rows.exclude(pk=event.pk)
    found = [
        others.filter(at__lte=event.at).order_by("-at", "-id").first(),
        others.filter(at__gt=event.at).order_by("at", "id").first(),
    ]
    return [one for one in found if one is not None]


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
    """Open an incident if a place is off the planned route."""
    line = line_of_legs(legs)
    if len(line) < 2:
        return
    away = off_line_km(here, line)
    if away > limits.off_route_km:
        detail = f"{after} is {away:.0f} km off the planned route."
        facts = {"off_route_km": f"{away:.1f}", "limit_km": f"{limits.off_route_km:f}"}
        open_incident(IncidentKind.OFF_ROUTE, detail, consignment=consignment, event=after, facts=facts)


def check_giver(consignment: Consignment, event: CustodyEvent) -> None:
    """Open an incident if a hand-over does not begin where the one before it ended, or not end where the next begins.

    Before and next by time, since phones tell late. Two claims: two phones tell of a hand-over from the same hands, and
    the later could not know of the earlier, which was not told yet when it happened. Everything else is a gap.
    """
    rows = CustodyEvent.objects.filter(consignment=consignment, sample=None, kind=EventKind.HANDED_OVER)
    others = rows.exclude(pk=event.pk).select_related("to_person", "recorded_by", *_PARTIES)
    before = others.filter(at__lte=event.at).order_by("-at", "-id").first()
    after = others.filter(at__gt=event.at).order_by("at", "id").first()
    for taken, given in ((before, event), (event, after)):
        if taken is not None and given is not None and not _follows(taken, given):
            _open_gap(consignment, event, taken, given)
            return


def _follows(taken: CustodyEvent, given: CustodyEvent) -> bool:
    """Return whether whoever took a consignment over is the one who gave it on: the person, if both are known.

    An outsider does not write to us, and whoever keys a paper form in did not give: there organisations are compared.
    """
    giver = given.recorded_by_id if given.paper_form_id is None else None
    if taken.to_person_id is not None and giver is not None:
        return taken.to_person_id == giver
    return taken.to_organisation_id == given.from_organisation_id


def _open_gap(
    consignment: Consignment, event: CustodyEvent, taken: CustodyEvent, given: CustodyEvent
) -> None:
    """Open the incident about two hand-overs that do not fit together."""
    giver, taker = _giver(given), _taker(taken)
    facts = {
        "given_by": giver,
        "given_at": given.at.isoformat(),
        "taken_by": taker,
        "taken_at": taken.at.isoformat(),
        "known_at": taken.recorded_at.isoformat(),
    }
    if given.at < taken.recorded_at and given.device != taken.device:
        kind = IncidentKind.TWO_CLAIMS
        detail = f"{giver} gave it away, and {taker} had taken it over, on two phones at once."
    else:
        kind = IncidentKind.CUSTODY_GAP
        detail = f"Given by {giver}; {taker} had taken it over."
    open_incident(kind, detail, consignment=consignment, event=event, facts=facts)


def _giver(event: CustodyEvent) -> str:
    """Return who gave, as people say it."""
    known = event.recorded_by if event.paper_form_id is None else event.from_organisation
    return known.name if known is not None else "somebody"


def _taker(event: CustodyEvent) -> str:
    """Return who took over, as people say it."""
    known = event.to_person or event.to_organisation
    return known.name if known is not None else "somebody"
