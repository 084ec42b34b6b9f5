"""How far duplicates lie apart (METHODS.md section 3; Abzalov 2008, Explor. Min. Geol. 17, 131). Pure.

One run has too few pairs to judge, so nothing is withheld by these; they are shown.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

Pair = tuple[Decimal, Decimal]
#: HARD beyond which a pair of a kind is poor (D)
POOR_HARD: Final = {"pulp": Decimal("0.05"), "coarse": Decimal("0.10"), "field": Decimal("0.15")}
#: a pair is looked at only when its mean reaches this many detection limits
WORTH_LOD: Final = Decimal(10)


def worth_comparing(pair: Pair, lod_ppm: Decimal) -> bool:
    """Return whether a pair's mean reaches 10·LOD; all in ppm of one form.

    >>> worth_comparing((Decimal("0.4"), Decimal("0.6")), Decimal("0.05"))
    True
    """
    return sum(pair) / 2 >= WORTH_LOD * lod_ppm and sum(pair) > 0


def hard(pair: Pair) -> Decimal:
    """Return half the absolute relative difference, |a − b| / (a + b), as a fraction. The sum is above 0.

    >>> hard((Decimal(11), Decimal(9)))
    Decimal('0.1')
    """
    return abs(pair[0] - pair[1]) / (pair[0] + pair[1])


def amprd(pairs: Sequence[Pair]) -> Decimal:
    """Return the mean of 2|a − b| / (a + b) of at least one pair, as a fraction.

    >>> amprd([(Decimal(11), Decimal(9)), (Decimal(12), Decimal(8))])
    Decimal('0.3')
    """
    return sum((2 * hard(pair) for pair in pairs), Decimal(0)) / len(pairs)


def cv_average(pairs: Sequence[Pair]) -> Decimal:
    """Return the average coefficient of variation, √((2/N)·Σ((a − b)/(a + b))²), of at least one pair, as a fraction.

    >>> round(cv_average([(Decimal(11), Decimal(9)), (Decimal(9), Decimal(11))]), 4)
    Decimal('0.1414')
    """
    squares = sum((hard(pair) ** 2 for pair in pairs), Decimal(0))
    return (2 * squares / len(pairs)).sqrt()
