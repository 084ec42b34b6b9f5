"""The custody checks (METHODS.md section 6): pure functions; what they find opens incidents."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """What the custody checks allow (METHODS.md section 6); each name carries its unit. Ours unless an owner set another.

    `relative` and `least_g` make the tolerance on a gross mass; places within `near_km` tell nothing of speed; the
    speeds are what nothing of that mode travels; `off_route_km` is from the planned route, `clock_s` from the server's
    time; above the dose rates, in µSv/h, nothing leaves.
    """

    relative: Decimal = Decimal("0.01")
    least_g: Decimal = Decimal(20)
    near_km: Decimal = Decimal(5)
    road_kmh: Decimal = Decimal(90)
    rail_kmh: Decimal = Decimal(160)
    air_kmh: Decimal = Decimal(1000)
    off_route_km: Decimal = Decimal(25)
    reached_km: Decimal = Decimal(5)
    clock_s: Decimal = Decimal(300)
    surface_usv_h: Decimal = Decimal(5)
    at_1m_usv_h: Decimal = Decimal("0.5")

    def fastest_kmh(self, mode: str) -> Decimal:
        """Return what nothing of this mode travels, in km/h. Raises `AttributeError` for another mode.

        >>> Limits().fastest_kmh("rail")
        Decimal('160')
        """
        found: Decimal = getattr(self, f"{mode}_kmh")
        return found


#: ours (D), until an owner sets others with a reason; agreed by the founders on 23 November 2026
DEFAULT: Final = Limits()
#: name → what it is, its unit as people write it, and why it is so
LIMIT_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "relative": ("Tolerance on a gross mass, of the mass", "", "Moist clay breathes; field scales drift."),
    "least_g": ("Tolerance on a gross mass, at least", "g", "Tape, tag and dust on a bag."),
    "near_km": ("Places nearer than this tell nothing of speed", "km", "Two fixes of a phone in a gorge."),
    "road_kmh": ("Nothing goes faster by road", "km/h", "Mountain roads; a lorry on a highway."),
    "rail_kmh": ("Nothing goes faster by rail", "km/h", "The fastest scheduled train on the way."),
    "air_kmh": ("Nothing goes faster by air", "km/h", "An airliner with the wind."),
    "off_route_km": ("Off the planned route beyond", "km", "A detour round a landslide stays within it."),
    "reached_km": ("A place is reached within", "km", "A yard at the edge of a town."),
    "clock_s": ("Clocks disagree beyond", "s", "A phone that saw a network this week is nearer."),
    "surface_usv_h": (
        "Dose rate at the surface, at most",
        "µSv/h",
        "Below the 5 µSv/h of excepted packages (IAEA SSR-6, 2018), until a safety officer sets another.",
    ),
    "at_1m_usv_h": ("Dose rate at 1 m, at most", "µSv/h", "A tenth of that at the surface."),
}
#: limits that are the same for everybody: a phone's clock is compared before it is known whose bags it tells of
FOR_ALL: Final = frozenset({"clock_s"})
#: mean radius of the Earth (IUGG, 1980)
EARTH_KM: Final = 6371.0088


@dataclass(frozen=True, slots=True)
class Fix:
    """A place with its accuracy and time: degrees (WGS 84), metres, a time with its zone."""

    latitude: float
    longitude: float
    accuracy_m: float
    at: datetime


def tolerance_g(
    mass_g: Decimal, divisions_g: Collection[Decimal] = (), *, limits: Limits = DEFAULT
) -> Decimal:
    """Return by how much a gross mass may differ from `mass_g` without an incident, in g.

    >>> tolerance_g(Decimal(2150)), tolerance_g(Decimal(900)), tolerance_g(Decimal(900), [Decimal(50)])
    (Decimal('21.50'), Decimal('20'), Decimal('50'))
    """
    return max(limits.relative * mass_g, limits.least_g, *divisions_g)


def mass_off(
    found_g: Decimal,
    before_g: Decimal,
    *,
    drying_g: Decimal = Decimal(0),
    divisions_g: Collection[Decimal] = (),
    limits: Limits = DEFAULT,
) -> bool:
    """Return whether a gross mass is out of tolerance; a declared drying loss excuses a loss, never a gain (all in g).

    >>> mass_off(Decimal(2100), Decimal(2150)), mass_off(Decimal(2100), Decimal(2150), drying_g=Decimal(40))
    (True, False)
    >>> mass_off(Decimal(2200), Decimal(2150), drying_g=Decimal(400))
    True
    """
    allowed = tolerance_g(before_g, divisions_g, limits=limits)
    change = found_g - before_g
    return change > allowed or -change > allowed + drying_g


def seal_key(maker: str, number: str) -> tuple[str, str]:
    """Return a seal as it is compared: case and spaces do not make another one.

    >>> seal_key(" ACME ", "0012 345") == seal_key("Acme", "0012345")
    True
    """
    return "".join(maker.split()).casefold(), "".join(number.split()).casefold()


def seals_differ(applied: Collection[tuple[str, str]], found: Collection[tuple[str, str]]) -> bool:
    """Return whether other seals (maker, number) are found than were applied.

    >>> seals_differ([("Acme", "12")], [("ACME", "1 2")]), seals_differ([("Acme", "12")], [])
    (False, True)
    """
    return {seal_key(*one) for one in applied} != {seal_key(*one) for one in found}


def distance_km(a: Fix, b: Fix) -> float:
    """Return the great-circle distance of two places, in km (haversine).

    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> round(distance_km(Fix(26.0, 98.0, 5, at), Fix(27.0, 98.0, 5, at)), 1)
    111.2
    """
    one, two = math.radians(a.latitude), math.radians(b.latitude)
    across = math.radians(b.longitude - a.longitude)
    half = math.sin((two - one) / 2) ** 2 + math.cos(one) * math.cos(two) * math.sin(across / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def too_fast(a: Fix, b: Fix, *, mode: str = "road", limits: Limits = DEFAULT) -> float | None:
    """Return the speed between two places in km/h, if nothing travels so fast; None otherwise.

    Places within 5 km tell nothing; beyond, both accuracies are taken off the distance.

    >>> from datetime import UTC, timedelta
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> too_fast(Fix(26.0, 98.0, 5, at), Fix(27.0, 98.0, 5, at + timedelta(hours=4))) is None
    True
    >>> round(too_fast(Fix(26.0, 98.0, 5, at), Fix(27.0, 98.0, 5, at + timedelta(hours=1))))
    111
    """
    apart = distance_km(a, b)
    if apart <= limits.near_km:
        return None
    distance = max(0.0, apart - (a.accuracy_m + b.accuracy_m) / 1000)
    hours = abs((b.at - a.at).total_seconds()) / 3600
    # Two places at one moment: infinitely fast, unless their accuracies overlap.
    at_once = math.inf if distance > 0 else 0.0
    speed = distance / hours if hours > 0 else at_once
    return speed if speed > limits.fastest_kmh(mode) else None


def off_line_km(place: Fix, line: Sequence[tuple[float, float]]) -> float:
    """Return how far a place is from a line of (latitude, longitude) points in degrees, in km; infinity from no line.

    Each stretch is the great circle between its ends: by rail from Delhi to Hyderabad, or by air, a straight line on
    the map would be tens of kilometres beside it. Two ends on opposite sides of the Earth have no stretch between them.

    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> round(off_line_km(Fix(26.5, 98.2, 5, at), [(26.0, 98.0), (27.0, 98.0)]), 1)
    19.9
    >>> round(off_line_km(Fix(28.0, 98.0, 5, at), [(26.0, 98.0), (27.0, 98.0)]), 1)
    111.2
    """
    points = [_upward(*point) for point in line]
    stretches = list(pairwise(points)) or [(point, point) for point in points]
    here = _upward(place.latitude, place.longitude)
    return min((EARTH_KM * _from_stretch(here, a, b) for a, b in stretches), default=math.inf)


#: a direction from the middle of the Earth
_Vector = tuple[float, float, float]


def _upward(latitude: float, longitude: float) -> _Vector:
    """Return the direction, of length 1, in which a place lies from the middle of the Earth; degrees."""
    north, east = math.radians(latitude), math.radians(longitude)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def _cross(a: _Vector, b: _Vector) -> _Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _dot(a: _Vector, b: _Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _between(a: _Vector, b: _Vector) -> float:
    """Return the angle between two directions, in radians; exact for small ones too."""
    return math.atan2(math.hypot(*_cross(a, b)), _dot(a, b))


def _from_stretch(here: _Vector, a: _Vector, b: _Vector) -> float:
    """Return the angle from a place to the nearest point of the great circle from a to b, in radians."""
    pole = _cross(a, b)
    length = math.hypot(*pole)
    ends = min(_between(here, a), _between(here, b))
    # Beside the stretch: the foot of the perpendicular lies after a and before b.
    beside = _dot(_cross(pole, a), here) > 0 and _dot(_cross(b, pole), here) > 0
    if length == 0 or not beside:
        return ends
    return math.asin(min(1.0, abs(_dot(here, pole)) / length))
