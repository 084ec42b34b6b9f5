"""The numbers that tripped a check, as people read them: what, how much, and the unit. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

#: how a fact's name ends, and the unit that this means; the longer one first
_UNITS: Final = (
    ("_usv_h", "µSv/h"),
    ("_km_h", "km/h"),
    ("_h", "h"),
    ("_km", "km"),
    ("_g", "g"),
    ("_m", "m"),
    ("_s", "s"),
)
#: further differences of the same check
_MORE: Final = "also"


def told(facts: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the facts of an incident as (what, value, unit), in their order; the unit is empty where there is none.

    >>> told({"late_h": "2.0", "speed_km_h": "140"})
    [('Late', '2.0', 'h'), ('Speed', '140', 'km/h')]
    >>> told({"found_g": "2000", "divisions_g": [], "seen_at": "2026-03-02T10:05:00+00:00"})
    [('Found', '2000', 'g'), ('Divisions', 'none', ''), ('Seen at', '2026-03-02 10:05', 'UTC')]
    """
    rows = [_row(name, value) for name, value in facts.items() if name != _MORE]
    more = facts.get(_MORE, [])
    return rows + [row for one in more if isinstance(one, Mapping) for row in told(one)]


def _row(name: str, value: Any) -> tuple[str, str, str]:
    plain, unit = next(
        ((name.removesuffix(end), unit) for end, unit in _UNITS if name.endswith(end)), (name, "")
    )
    at = _time(value) if name == "at" or name.endswith("_at") else None
    text = f"{at:%Y-%m-%d %H:%M}" if at is not None else _text(value)
    if at is not None:
        unit = "UTC"
    elif text == "none":
        unit = ""
    return plain.replace("_", " ").capitalize(), text, unit


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None or value == "" else str(value)


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        return None
