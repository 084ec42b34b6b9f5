"""How values read on a screen: text only, no HTML."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any, Final

from django.utils import timezone

DASH: Final = "–"
DAY: Final = timedelta(days=1)
#: a clock a little ahead of ours is not "in 3 s"
CLOCKS_DIFFER: Final = timedelta(seconds=60)
#: more than any column of ours holds, so that rounding never runs out of them
DIGITS: Final = 200


def kilograms(mass_g: Decimal | None) -> str:
    """Return a mass given in grams as kilograms to the gram, thousands apart; an en dash when unknown.

    >>> kilograms(Decimal("2150"))
    '2.150'
    >>> kilograms(None)
    '–'
    """
    if mass_g is None:
        return DASH
    value = (Decimal(mass_g) / 1000).quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    return f"{value:,}".replace(",", "\u202f")


def mass(mass_g: Decimal) -> tuple[str, str]:
    """Return a mass given in grams as people say it, number and unit apart: grams below a kilogram.

    Grams keep the digits that were weighed, down to the tenth of a milligram.

    >>> mass(Decimal("214.50")), mass(Decimal(2150))
    (('214.5', 'g'), ('2.150', 'kg'))
    """
    weighed = Decimal(mass_g).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
    if abs(weighed) >= 1000:
        return kilograms(weighed), "kg"
    return f"{weighed:f}".rstrip("0").rstrip("."), "g"


def _spaced(value: Decimal) -> str:
    """Return plain digits, thousands apart, with the sign that is as wide as a digit."""
    return f"{value:,f}".replace(",", "\u202f").replace("-", "\u2212")


def last_place(uncertainty: Decimal) -> int:
    """Return the power of ten of the last place that a value with this uncertainty may show.

    Two significant figures of the uncertainty are kept (JCGM 100:2008, 7.2.6); rounding it up may move them.

    >>> last_place(Decimal("1.63")), last_place(Decimal("0.0996")), last_place(Decimal(1234))
    (-1, -2, 2)
    """
    place = uncertainty.adjusted() - 1
    with localcontext(prec=DIGITS):
        rounded = uncertainty.quantize(Decimal(1).scaleb(place), ROUND_HALF_EVEN)
    return rounded.adjusted() - 1


def figure(value: Decimal, uncertainty: Decimal | None) -> str:
    """Return a value rounded to two significant figures of its uncertainty, both in one unit.

    Without an uncertainty, or with one of nought, the value stays as it was reported.

    >>> figure(Decimal("41.2345"), Decimal("1.63")), figure(Decimal(12345), Decimal(1234))
    ('41.2', '12\u202f300')
    """
    if not uncertainty:
        return _spaced(value)
    place = last_place(abs(uncertainty))
    with localcontext(prec=DIGITS):
        rounded = value.quantize(Decimal(1).scaleb(place), ROUND_HALF_EVEN)
        plain = rounded.quantize(Decimal(1)) if place > 0 else rounded
        return _spaced(plain or abs(plain))


def is_missing(value: Any) -> bool:
    """Return whether there is nothing to show; zero is something.

    >>> is_missing(""), is_missing(0)
    (True, False)
    """
    return value is None or (isinstance(value, str) and not value.strip())


def exactly(at: datetime) -> str:
    """Return the time to the second with its zone, in the zone that is active.

    >>> from datetime import UTC
    >>> with timezone.override("Asia/Kolkata"):
    ...     exactly(datetime(2026, 3, 3, 8, 35, 9, tzinfo=UTC))
    '3 Mar 2026, 14:05:09 IST'
    """
    here = timezone.localtime(at)
    return f"{here.day} {here:%b %Y, %H:%M:%S %Z}"


def _ago(passed: timedelta) -> str:
    minutes = int(abs(passed).total_seconds() // 60)
    span = f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
    return f"{span} ago" if passed >= timedelta(0) else f"in {span}"


def briefly(at: datetime, now: datetime) -> str:
    """Return the time as people say it: "2 h ago" or "in 40 min" within a day, else day and minute.

    >>> from datetime import UTC
    >>> briefly(datetime(2026, 3, 3, 8, tzinfo=UTC), datetime(2026, 3, 3, 10, 5, tzinfo=UTC))
    '2 h ago'
    """
    passed = now - at
    if abs(passed) < CLOCKS_DIFFER:
        return "just now"
    if abs(passed) < DAY:
        return _ago(passed)
    here = timezone.localtime(at)
    return f"{here.day} {here:%b %Y, %H:%M}"
