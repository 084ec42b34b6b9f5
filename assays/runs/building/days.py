"""Days by which work is due. Pure."""

from datetime import date, timedelta
from typing import Final

SATURDAY: Final = 5


def due_day(start: date, working_days: int | None) -> date | None:
    """Return the day that lies so many working days (Monday to Friday) after `start`; None when nothing is agreed.

    >>> due_day(date(2026, 11, 27), 1), due_day(date(2026, 11, 27), None)
    (datetime.date(2026, 11, 30), None)
    """
    if working_days is None:
        return None
    day = start
    for _ in range(working_days):
        day += timedelta(days=1)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
    return day
