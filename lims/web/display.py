"""How values read on a screen: text only, no HTML."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from django.utils import timezone

DASH: Final = "–"
DAY: Final = timedelta(days=1)
#: a clock a little ahead of ours is not "in 3 s"
CLOCKS_DIFFER: Final = timedelta(seconds=60)


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
