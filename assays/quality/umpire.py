"""Umpire assays: whether two laboratories agree well enough, not whether a difference shows (METHODS.md section 3). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Final

from scipy.special import stdtrit

from assays.quality.duplicates import Pair

#: pairs that it takes, and how far apart the laboratories may be on average (D)
LEAST: Final = 20
MARGIN: Final = 0.05
#: two one-sided tests at 5 % are a 90 % interval (Schuirmann 1987, J. Pharmacokin. Biopharm. 15, 657)
_ONE_SIDED: Final = 0.95


class Agreement(StrEnum):
    """What a comparison with another laboratory says."""

    TOO_FEW = "TOO_FEW"
    EQUIVALENT = "EQUIVALENT"
    NOT_SHOWN = "NOT_SHOWN"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The mean relative difference (second − first over their mean), its 90 % interval, and what it says.

    Fractions. The numbers are None with fewer than two pairs.
    """

    n: int
    mean: float | None
    lower: float | None
    upper: float | None
    says: Agreement


def relative_difference(pair: Pair) -> float:
    """Return (b − a) / ((a + b)/2) of a pair (first, second); the sum is above 0.

    >>> from decimal import Decimal
    >>> round(relative_difference((Decimal(95), Decimal(105))), 3)
    0.1
    """
    first, second = pair
    return float(2 * (second - first) / (first + second))


def compare(pairs: Sequence[Pair]) -> Comparison:
    """Return whether two laboratories are equivalent: 20 pairs, and the 90 % interval of the mean inside ±5 % (D).

    "Not shown" is not "different": with wide scatter more pairs may still show it.

    >>> from decimal import Decimal
    >>> pairs = [(Decimal(100), Decimal(101 + at % 2)) for at in range(20)]
    >>> found = compare(pairs)
    >>> found.says.value, round(found.mean, 4), round(found.lower, 4), round(found.upper, 4)
    ('EQUIVALENT', 0.0149, 0.0129, 0.0168)
    """
    n = len(pairs)
    if n < 2:
        return Comparison(n, None, None, None, Agreement.TOO_FEW)
    off = [relative_difference(pair) for pair in pairs]
    mean = sum(off) / n
    sd = sqrt(sum((x - mean) ** 2 for x in off) / (n - 1))
    half = float(stdtrit(n - 1, _ONE_SIDED)) * sd / sqrt(n)
    lower, upper = mean - half, mean + half
    inside = lower > -MARGIN and upper < MARGIN
    says = Agreement.TOO_FEW if n < LEAST else Agreement.EQUIVALENT if inside else Agreement.NOT_SHOWN
    return Comparison(n, mean, lower, upper, says)
