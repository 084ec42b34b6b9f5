"""A custody record put together from what was read: pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from samples.custody.checks import DEFAULT, Limits, tolerance_g
from samples.custody.line import event_entry, in_order
from samples.custody.models import CustodyEvent, Scale, ScaleCheck
from samples.custody.routes.queries import SeenLeg
from samples.custody.rules import EventKind
from samples.custody.scales.queries import unfit
from samples.custody.seen import SeenEvent, in_the_laboratory
from samples.custody.timeline.content import LegView, Picture, Place, Step, Weighing
from samples.registry.rules import rounded
from samples.registry.sight import Sight

SIGHTS: Final[Mapping[Sight, str]] = {
    Sight.FULL: "exact places",
    Sight.ROUNDED: "places rounded to 0.1°",
    Sight.BLIND: "without places",
    Sight.NOTHING: "without places",
}
#: what was told later than this is said to be
LATE: Final = timedelta(hours=1)


def step_of(
    event: CustodyEvent,
    seen: SeenEvent,
    sight: Sight,
    pictures: Sequence[Picture] = (),
    consignment: str = "",
) -> Step:
    """Return an event as a step; a laboratory reads no names of places, and sees no pictures of the road."""
    entry = event_entry(seen)
    shown = sight > Sight.BLIND or in_the_laboratory(event)
    known = seen.latitude is not None and seen.longitude is not None
    return Step(
        at=seen.at,
        title=str(entry["title"]),
        icon=str(entry["icon"]),
        tone=str(entry["tone"]),
        kind=seen.kind,
        told_at=seen.recorded_at if seen.recorded_at - seen.at > LATE else None,
        device_at=event.device_at if event.device_at != seen.at else None,
        giver=seen.giver,
        taker=seen.taker,
        place=event.place if sight > Sight.BLIND else "",
        point=(seen.latitude, seen.longitude) if known else None,  # type: ignore[arg-type]  # both are known
        mass_g=seen.mass_g,
        seals=seen.seals,
        condition=seen.condition,
        confirmed=str(event.get_confirmed_how_display()) if event.confirmed_how else "",
        paper_form=event.paper_form.number if event.paper_form is not None else "",
        note=seen.note,
        consignment=consignment,
        pictures=tuple(pictures) if shown else (),
    )


def ordered(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return steps by when they happened; an incident stands behind what it came of."""
    entries = [{"at": one.at, "step": one} | ({"pin": one.pin} if one.pin else {}) for one in steps]
    return tuple(entry["step"] for entry in in_order(entries))


def weighings(
    events: Iterable[CustodyEvent],
    scales: Mapping[UUID, Scale],
    checks: Sequence[ScaleCheck],
    limits: Limits = DEFAULT,
) -> tuple[Weighing, ...]:
    """Return the masses of events by time, each with its change; `checks` are those of the scales, the oldest first."""
    found: list[Weighing] = []
    band = _Band(scales, limits)
    for event in sorted(events, key=lambda one: (one.at, one.pk)):
        if event.gross_mass_g is None:
            continue
        low_g, high_g = band.at(event, event.gross_mass_g)
        scale = scales.get(event.scale_id) if event.scale_id is not None else None
        found.append(
            Weighing(
                at=event.at,
                title=str(event.get_kind_display()),
                mass_g=event.gross_mass_g,
                scale=scale.name if scale is not None else "",
                division_g=scale.division_g if scale is not None else None,
                drying_loss_g=event.drying_loss_g,
                unfit=_unfit(scale, checks, event.at) if scale is not None else "",
                change_g=event.gross_mass_g - found[-1].mass_g if found else None,
                low_g=low_g,
                high_g=high_g,
            )
        )
    return tuple(found)


class _Band:
    """Between which masses a bag may lie since it was sealed last (METHODS.md section 6)."""

    def __init__(self, scales: Mapping[UUID, Scale], limits: Limits) -> None:
        self.scales, self.limits = scales, limits
        self.sealed: tuple[Decimal, Decimal] | None = None
        self.dried_g = Decimal(0)

    def at(self, event: CustodyEvent, mass_g: Decimal) -> tuple[Decimal | None, Decimal | None]:
        """Return the least and the greatest mass in g that trips nothing; None before the bag was sealed."""
        division_g = self._division(event)
        if event.kind == EventKind.SEALED:
            self.sealed, self.dried_g = (mass_g, division_g), Decimal(0)
        if self.sealed is None:
            return None, None
        self.dried_g += event.drying_loss_g or 0
        sealed_g, its_division_g = self.sealed
        tolerance = tolerance_g(sealed_g, [division_g, its_division_g], limits=self.limits)
        return sealed_g - tolerance - self.dried_g, sealed_g + tolerance

    def _division(self, event: CustodyEvent) -> Decimal:
        scale = self.scales.get(event.scale_id) if event.scale_id is not None else None
        return scale.division_g if scale is not None else Decimal(0)


def _unfit(scale: Scale, checks: Sequence[ScaleCheck], at: datetime) -> str:
    """Return why a scale should not have been used; empty if nothing spoke against it."""
    last = [one for one in checks if one.scale_id == scale.pk and one.at <= at][-1:]
    return unfit(last[0].at if last else None, passed=last[0].passed if last else None, at=at)


def leg_views(legs: Sequence[SeenLeg], *, returning: bool = False) -> tuple[LegView, ...]:
    """Return the legs of a way with a word on each: done, late, overdue, due; on the way back none is due."""
    return tuple(
        LegView(
            title=f"{leg.from_name} to {leg.to_name}",
            mode=leg.mode_label,
            due_at=leg.due_at,
            done_at=leg.done_at,
            grace_hours=leg.grace_hours,
            word=word,
            tone=tone,
        )
        for leg in legs
        for word, tone in [_standing(leg, returning=returning)]
    )


def _standing(leg: SeenLeg, *, returning: bool) -> tuple[str, str]:
    if leg.late_by is not None:
        hours = leg.late_by.total_seconds() / 3600
        return f"Done, {hours:.1f} h late", "warn"
    if leg.done_at is not None:
        return "Done", "good"
    if returning:
        return "Not travelled", "neutral"
    return ("Overdue", "bad") if leg.is_overdue else ("Due", "neutral")


def way_of(legs: Sequence[SeenLeg], sight: Sight) -> tuple[Place, ...]:
    """Return the points of the planned way as the reader may know them; none for a laboratory."""
    if sight <= Sight.BLIND:
        return ()
    points: list[Place] = []
    for leg in legs:
        between = [(_degrees(north), _degrees(east)) for north, east in leg.via]
        points += [one for one in (leg.start, *between, leg.end) if one is not None]
    if sight is not Sight.FULL:
        points = [(rounded(north), rounded(east)) for north, east in points]
    # Two legs meet in one place.
    return tuple(one for at, one in enumerate(points) if at == 0 or one != points[at - 1])


def _degrees(value: float) -> Decimal:
    return Decimal(str(value))
