"""Legs as they are planned, typed and timed: pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from lims.errors import Invalid, Place, Problem
from samples.custody.rules import Mode

#: a way with more legs is two
MOST_LEGS: Final = 30
MOST_VIA: Final = 50
MOST_HOURS: Final = Decimal(2000)
_PLACE: Final = re.compile(
    r"(?P<north>[+-]?[0-9]{1,2}(?:\.[0-9]{1,6})?)\s*,\s*(?P<east>[+-]?[0-9]{1,3}(?:\.[0-9]{1,6})?)"
)

Point = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class LegDraft:
    """A leg as it is planned: how long it takes and how late one may be, in hours; places in degrees (WGS 84)."""

    from_name: str
    to_name: str
    mode: str
    hours: Decimal
    grace_hours: Decimal = Decimal(0)
    start: Point | None = None
    end: Point | None = None
    via: tuple[Point, ...] = ()


def due_times(hours: Iterable[Decimal], departs_at: datetime) -> list[datetime]:
    """Return when each leg is due, one after the other from the departure.

    >>> from datetime import UTC
    >>> [at.hour for at in due_times([Decimal(3), Decimal("4.5")], datetime(2026, 11, 4, 6, tzinfo=UTC))]
    [9, 13]
    """
    times, at = [], departs_at
    for one in hours:
        at += timedelta(hours=float(one))
        times.append(at)
    return times


def read_point(text: str) -> Point | None:
    """Return a place typed as "latitude, longitude" in degrees; None when it is none.

    >>> read_point("25.02, 98.49"), read_point("Tengchong"), read_point("95, 0")
    ((Decimal('25.02'), Decimal('98.49')), None, None)
    """
    found = _PLACE.fullmatch(text.strip())
    if found is None or not text.isascii():
        return None
    north, east = Decimal(found["north"]), Decimal(found["east"])
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None


def read_legs(text: str) -> list[LegDraft]:
    r"""Return the legs of a text, a line each: from; to; mode; hours; grace; place of from; of to; points between.

    Everything after the hours may be left out; points between stand apart by "|". Raises `Invalid` with a problem for
    each line that is not understood ("leg-line", row = the line).

    >>> leg, = read_legs("Pangwa; Tengchong; road; 9; 4; 26.05, 98.35; 25.02, 98.49; 25.5, 98.4")
    >>> leg.mode, leg.hours, leg.end, len(leg.via)
    ('road', Decimal('9'), (Decimal('25.02'), Decimal('98.49')), 1)
    """
    made: list[LegDraft] = []
    problems: list[Problem] = []
    for row, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        leg = _leg(line)
        if isinstance(leg, str):
            remedy = "Write it as: Pangwa; Tengchong; road; 9; 4; 26.05, 98.35; 25.02, 98.49"
            problems.append(Problem("leg-line", f"Line {row}: {leg}", remedy, Place(row=row, field="legs")))
        else:
            made.append(leg)
    if problems:
        raise Invalid(*problems)
    return made


def _leg(line: str) -> LegDraft | str:
    """Return the leg of one line, or what is wrong with it."""
    parts = [part.strip() for part in line.split(";", 7)]
    start, end, mode, hours, grace, first, last, between = (*parts, *[""] * (8 - len(parts)))
    if not start or not end:
        return "a leg goes from one place to another."
    if mode.lower() not in list(Mode):
        return f"“{mode[:20]}” is none of {', '.join(Mode)}."
    try:
        times = [Decimal(hours), Decimal(grace or 0)]
    except InvalidOperation:
        return f"“{hours[:20]}”, “{grace[:20]}” are no hours."
    if not all(time.is_finite() for time in times):
        return f"“{hours[:20]}”, “{grace[:20]}” are no hours."
    texts = [text for text in (first, last) if text] + [one for one in between.split("|") if one.strip()]
    wrong = [text for text in texts if read_point(text) is None]
    if wrong:
        return f"“{wrong[0].strip()[:30]}” is no place, as in 25.02, 98.49."
    via = tuple(point for one in between.split("|") if (point := read_point(one)))
    return LegDraft(start, end, mode.lower(), times[0], times[1], read_point(first), read_point(last), via)


def write_legs(legs: Sequence[LegDraft]) -> str:
    """Return legs as lines that `read_legs` reads.

    >>> write_legs([LegDraft("A", "B", "air", Decimal("1.50"), Decimal(0), None, (Decimal(25), Decimal("98.50")))])
    'A; B; air; 1.5; 0; ; 25, 98.5; '
    """
    return "\n".join(_line(leg) for leg in legs)


def _line(leg: LegDraft) -> str:
    parts = [leg.from_name, leg.to_name, leg.mode, _plain(leg.hours), _plain(leg.grace_hours)]
    return "; ".join([*parts, _point(leg.start), _point(leg.end), "|".join(_point(one) for one in leg.via)])


def _point(point: Point | None) -> str:
    return "" if point is None else f"{_plain(point[0])}, {_plain(point[1])}"


def _plain(number: Decimal) -> str:
    return format(number.normalize() + 0, "f")
