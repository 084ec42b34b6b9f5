"""The custody checks (METHODS.md section 6): pure functions; what they find opens incidents."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

#: tolerance on gross mass (D): the larger of 1 %, 20 g, and the divisions of the two scales
RELATIVE: Final = Decimal("0.01")
LEAST_G: Final = Decimal(20)
#: what no vehicle drives, flies or rolls, in km/h
FASTEST_KMH: Final = {"road": 90.0, "rail": 160.0, "air": 1000.0}
#: places nearer than this tell nothing of speed
NEAR_KM: Final = 5.0
#: mean radius of the Earth (IUGG, 1980)
EARTH_KM: Final = 6371.0088


@dataclass(frozen=True, slots=True)
class Fix:
    """A place with its accuracy and time: degrees (WGS 84), metres, a time with its zone."""

    latitude: float
    longitude: float
    accuracy_m: float
    at: datetime


def tolerance_g(mass_g: Decimal, divisions_g: Collection[Decimal] = ()) -> Decimal:
    """Return by how much a gross mass may differ from `mass_g` without an incident, in g.

    >>> tolerance_g(Decimal(2150)), tolerance_g(Decimal(900)), tolerance_g(Decimal(900), [Decimal(50)])
    (Decimal('21.50'), Decimal('20'), Decimal('50'))
    """
    return max(RELATIVE * mass_g, LEAST_G, *divisions_g)


def mass_off(
    found_g: Decimal,
    before_g: Decimal,
    *,
    drying_g: Decimal = Decimal(0),
    divisions_g: Collection[Decimal] = (),
) -> bool:
    """Return whether a gross mass is out of tolerance; a declared drying loss excuses a loss, never a gain (all in g).

    >>> mass_off(Decimal(2100), Decimal(2150)), mass_off(Decimal(2100), Decimal(2150), drying_g=Decimal(40))
    (True, False)
    >>> mass_off(Decimal(2200), Decimal(2150), drying_g=Decimal(400))
    True
    """
    allowed = tolerance_g(before_g, divisions_g)
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


def too_fast(a: Fix, b: Fix, *, mode: str = "road") -> float | None:
    """Return the speed between two places in km/h, if nothing travels so fast; None otherwise.

    Both accuracies are taken off the distance first; places within 5 km tell nothing.

    >>> from datetime import UTC, timedelta
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> too_fast(Fix(26.0, 98.0, 5, at), Fix(27.0, 98.0, 5, at + timedelta(hours=4))) is None
    True
    >>> round(too_fast(Fix(26.0, 98.0, 5, at), Fix(27.0, 98.0, 5, at + timedelta(hours=1))))
    111
    """
    distance = max(0.0, distance_km(a, b) - (a.accuracy_m + b.accuracy_m) / 1000)
    if distance <= NEAR_KM:
        return None
    hours = abs((b.at - a.at).total_seconds()) / 3600
    speed = distance / hours if hours > 0 else math.inf
    return speed if speed > FASTEST_KMH[mode] else None
