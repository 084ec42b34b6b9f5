"""Words of what a laboratory stands on. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol


class Lapse(StrEnum):
    """How a result stands to its method's accreditation on the day of analysis (ISO/IEC 17011)."""

    IN_SCOPE = "IN_SCOPE"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    LAPSED = "LAPSED"
    NONE = "NONE"


LAPSE_LABELS: Final[Mapping[Lapse, str]] = {
    Lapse.IN_SCOPE: "accredited",
    Lapse.OUT_OF_RANGE: "outside the accredited range",
    Lapse.LAPSED: "accreditation had lapsed",
    Lapse.NONE: "not accredited",
}
#: days before a calibration, a review or an accreditation ends in which it is due soon (D)
SOON_DAYS: Final = 30


class Scope(Protocol):
    """One line of a method's accreditation: an analyte (empty: all), a range in ppm of the analyte's form, two days."""

    @property
    def analyte(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date: ...
    @property
    def range_low_ppm(self) -> Decimal | None: ...
    @property
    def range_high_ppm(self) -> Decimal | None: ...


def lapse_of(scopes: Iterable[Scope], analyte: str, ppm: Iterable[Decimal | None], on: date) -> Lapse:
    """Return how values (ppm of their form; None: no number) of an analyte stand on a day to what a method is accredited for.

    >>> lapse_of([], "Dy", [Decimal(5)], date(2026, 1, 1))
    <Lapse.NONE: 'NONE'>
    """
    rows = [one for one in scopes if one.analyte in {"", analyte}]
    if not rows:
        return Lapse.NONE
    valid = [one for one in rows if one.valid_from <= on <= one.valid_to]
    if not valid:
        return Lapse.LAPSED
    inside = all(any(_inside(one, value) for one in valid) for value in ppm)
    return Lapse.IN_SCOPE if inside else Lapse.OUT_OF_RANGE


def _inside(scope: Scope, ppm: Decimal | None) -> bool:
    low, high = scope.range_low_ppm, scope.range_high_ppm
    if ppm is None:
        return True
    return (low is None or ppm >= low) and (high is None or ppm <= high)
