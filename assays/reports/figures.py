"""Numbers as a report shows them: rounded to the uncertainty, all digits on hover. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lims.web.display import DASH, figure

#: bounds and means of a computation carry no more than this
COMPUTED: Final = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is shown and as it is; `why` says what a dash means."""

    text: str
    exact: str = ""
    why: str = ""

    def __str__(self) -> str:
        return self.text

    @property
    def title(self) -> str:
        """Return what hovering tells."""
        return self.why or self.exact


def plain(value: float) -> str:
    """Return a computed number with all digits that mean anything, without an exponent.

    >>> plain(0.1 + 0.2), plain(1234567.0), plain(0.00005)
    ('0.3', '1234567', '0.00005')
    """
    text = f"{Decimal(f'{value:.{COMPUTED}g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(
    value: float | None, uncertainty: float | None = None, *, why: str = "cannot be computed"
) -> Figure:
    """Return a number rounded to two significant figures of its uncertainty, or to four of its own without one.

    >>> str(shown(33.18627, 1.4966)), str(shown(None)), str(shown(0.0123456))
    ('33.2', '–', '0.01235')
    """
    if value is None:
        return Figure(DASH, "", why)
    exact = plain(value)
    if uncertainty:
        return Figure(figure(Decimal(exact), Decimal(plain(uncertainty))), exact)
    if value == 0:
        return Figure("0", "0")
    place = max(Decimal(exact).adjusted() - 3, -COMPUTED)
    step = Decimal(1).scaleb(place)
    return Figure(figure(Decimal(exact), step * 10), exact)


def limit(value: float, sign: str) -> Figure:
    """Return a value below or above a limit, never as a number of its own.

    >>> str(limit(0.05738, "<")), str(limit(1000, ">"))
    ('< 0.05738', '> 1\u202f000')
    """
    one = shown(value)
    said = "below the limit of detection" if sign == "<" else "above the range of the method"
    return Figure(f"{sign} {one.text}", one.exact, f"{said}: {sign} {one.exact}")
