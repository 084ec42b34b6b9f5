"""Reading plain data piece by piece, collecting every problem with its place instead of stopping at the first."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lims.errors import Invalid, Place, Problem

#: longer names are cut where they are named
LONGEST_NAME: Final = 40


class Reader:
    """Collects problems while it reads."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, place: str, code: str, message: str, remedy: str = "") -> None:
        """Note a problem at a place such as samples[3].values.Dy."""
        self.problems.append(Problem(code, message, remedy, Place(field=place or None)))

    def finish(self) -> None:
        """Raise `Invalid` with everything that was found, if anything was."""
        if self.problems:
            raise Invalid(*self.problems)

    def mapping(
        self, value: Any, place: str, *, known: Sequence[str] | None = None, needed: Sequence[str] = ()
    ) -> Mapping[str, Any]:
        """Return an object; one with unknown or missing names is noted, one of another kind reads as empty."""
        if not isinstance(value, Mapping):
            self.wrong(place, "object-expected", f"{_at(place)} is no object.", "Write it as {…}.")
            return {}
        if known is not None:
            for name in value:
                if name not in known:
                    remedy = f"Known: {', '.join(known)}."
                    self.wrong(
                        _join(place, name),
                        "field-unknown",
                        f"There is no field “{name[:LONGEST_NAME]}”.",
                        remedy,
                    )
        for name in needed:
            if name not in value:
                self.wrong(_join(place, name), "field-required", f"{_at(_join(place, name))} is missing.")
        return value

    def sequence(self, value: Any, place: str) -> Sequence[Any]:
        """Return a list; what is none reads as empty."""
        if isinstance(value, list | tuple):
            return value
        self.wrong(place, "list-expected", f"{_at(place)} is no list.", "Write it as […].")
        return ()

    def text(self, value: Any, place: str) -> str:
        """Return a text that is not empty; what is none reads as empty."""
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.wrong(place, "text-expected", f"{_at(place)} is no text.", "Write it in quotation marks.")
        return ""

    def choice(self, value: Any, place: str, choices: Sequence[str]) -> str:
        """Return one of the choices; what is none reads as the first."""
        if isinstance(value, str) and value in choices:
            return value
        remedy = f"Choose one of: {', '.join(choices)}."
        self.wrong(place, "choice-unknown", f"{_at(place)} is none of the choices.", remedy)
        return choices[0]

    def number(
        self,
        value: Any,
        place: str,
        *,
        above: float | None = None,
        least: float | None = None,
        below: float = math.inf,
    ) -> float:
        """Return a finite number above (or at least) a bound and below another; what is none reads as NaN."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            self.wrong(place, "not-a-number", f"{_at(place)} is no number.", "Write it with digits.")
            return math.nan
        if (above is not None and value <= above) or (least is not None and value < least) or value >= below:
            low = (
                f"above {above:g}" if above is not None else f"{least:g} or more" if least is not None else ""
            )
            high = f"below {below:g}" if below != math.inf else ""
            limits = " and ".join(part for part in (low, high) if part)
            self.wrong(place, "number-impossible", f"{_at(place)} is {value:g}.", f"It must be {limits}.")
            return math.nan
        return float(value)

    def whole(self, value: Any, place: str, *, least: int) -> int:
        """Return a whole number of at least `least`; what is none reads as `least`."""
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 10_000:
            remedy = f"It must be a whole number from {least}."
            self.wrong(place, "number-impossible", f"{_at(place)} is no such number.", remedy)
            return least
        return value

    def flag(self, value: Any, place: str) -> bool:
        """Return true or false; what is neither reads as false."""
        if isinstance(value, bool):
            return value
        self.wrong(place, "true-or-false-expected", f"{_at(place)} is neither true nor false.")
        return False


def _is_finite(value: float) -> bool:
    """Return whether a number is one that a float can hold; a whole number of 400 digits is not."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _at(place: str) -> str:
    return f"“{place}”" if place else "The input"


def _join(place: str, name: str) -> str:
    name = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
    return f"{place}.{name}" if place else name
