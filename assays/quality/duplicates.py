"""How far duplicates lie apart (METHODS.md section 3; Abzalov 2008, Explor. Min. Geol. 17, 131). Pure.

One run has too few pairs to judge: the last twenty of the method are judged together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

from scipy.special import bdtr

Pair = tuple[Decimal, Decimal]
#: HARD beyond which a pair of a kind is poor (D)
POOR_HARD: Final = {"pulp": Decimal("0.05"), "coarse": Decimal("0.10"), "field": Decimal("0.15")}
#: a pair is looked at only when its mean reaches this many detection limits
WORTH_LOD: Final = Decimal(10)
#: pairs that are judged together, at least
POOLED: Final = 20
#: share of poor pairs that is still usual, and how sure one has to be that it is exceeded (D)
USUAL_POOR, SURE = 0.10, 0.95


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


def is_poor(pair: Pair, stage: str) -> bool:
    """Return whether a pair lies further apart than its kind may: pulp 5 %, coarse 10 %, field 15 % of HARD (D).

    A kind that is not known counts as field, the widest: too little is known to fail it.

    >>> is_poor((Decimal(11), Decimal(9)), "pulp"), is_poor((Decimal(11), Decimal(9)), "coarse")
    (True, False)
    """
    return hard(pair) > POOR_HARD.get(stage, POOR_HARD["field"])


def most_poor(pairs: int) -> int:
    """Return how many of so many pairs may be poor: the 95 % limit of a binomial with 10 % (D).

    >>> most_poor(20), most_poor(40)
    (4, 7)
    """
    return next(few for few in range(pairs + 1) if bdtr(few, pairs, USUAL_POOR) >= SURE)


def percentile(numbers: Sequence[Decimal], share: Decimal) -> Decimal:
    """Return a percentile of at least one number, linear between neighbours (Hyndman and Fan 1996, type 7).

    >>> percentile([Decimal(1), Decimal(2), Decimal(4)], Decimal("0.75"))
    Decimal('3.00')
    """
    found = sorted(numbers)
    place = share * (len(found) - 1)
    low = int(place)
    if low + 1 == len(found):
        return found[low]
    return found[low] + (place - low) * (found[low + 1] - found[low])


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the pairs of a method lie apart, all as fractions; `poor` of `n`, of which `allowed` may be."""

    n: int
    hard_median: Decimal
    hard_p90: Decimal
    amprd: Decimal
    cv: Decimal
    poor: int
    allowed: int

    @property
    def judged(self) -> bool:
        """Return whether there are enough pairs to judge."""
        return self.n >= POOLED

    @property
    def fails(self) -> bool:
        """Return whether more pairs are poor than chance explains."""
        return self.judged and self.poor > self.allowed


def spread(pairs: Sequence[tuple[Pair, str]]) -> Spread | None:
    """Return how far pairs lie apart, each with its stage (pulp, coarse, field); None without pairs.

    >>> found = spread([((Decimal(11), Decimal(9)), "pulp")] * 5 + [((Decimal(10), Decimal(10)), "pulp")] * 15)
    >>> found.n, found.poor, found.allowed, found.fails
    (20, 5, 4, True)
    """
    if not pairs:
        return None
    numbers = [pair for pair, _ in pairs]
    hards = [hard(pair) for pair in numbers]
    poor = sum(is_poor(pair, stage) for pair, stage in pairs)
    return Spread(
        len(pairs),
        median(hards),
        percentile(hards, Decimal("0.9")),
        amprd(numbers),
        cv_average(numbers),
        poor,
        most_poor(len(pairs)),
    )
