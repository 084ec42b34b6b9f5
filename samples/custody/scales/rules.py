"""When a check weight is shown right, and how long a check holds: pure."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

#: how far a scale may show a check weight wrong (D): its division, or a thousandth of the weight if that is more
RELATIVE: Final = Decimal("0.001")
#: a check holds for a day of work (D)
HOLDS: Final = timedelta(hours=24)


def shows_right(nominal_g: Decimal, read_g: Decimal, division_g: Decimal) -> bool:
    """Return whether a scale shows a check weight within max(division, 0.1 %), all in g.

    >>> shows_right(Decimal(1000), Decimal(1005), Decimal(5)), shows_right(Decimal(1000), Decimal("1005.1"), Decimal(5))
    (True, False)
    >>> shows_right(Decimal(20000), Decimal(19980), Decimal(5))
    True
    """
    return abs(read_g - nominal_g) <= max(division_g, RELATIVE * nominal_g)
