"""Control charts of reference materials (METHODS.md section 3): scores, rule marks, bias, swapped bottles. Pure.

Numbers in and out are Decimal ppm of one form; statistics run in float64 at the edge of the formula.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from math import sqrt
from typing import Final

from assays.quality.checks import FAILING, westgard
from assays.quality.rules import QcVerdict

#: results that a bias is told from, at least; relative bias beyond which it warns, and fails (D)
LEAST_FOR_BIAS: Final = 5
BIAS_WARN, BIAS_FAIL = 0.05, 0.10
#: elements on which a failed material has to agree with another one to look like it (D)
LEAST_FOR_SWAP: Final = 5
#: what agreeing is: within this many standard deviations
_AGREES: Final = Decimal(2)
#: order in which the marks of one point are named, the worst first
MARKS: Final = ("1-3s", "2-2s", "R-4s", "4-1s", "10x", "1-2s")


class Standing(StrEnum):
    """What a bias over many results amounts to."""

    TOO_FEW = "TOO_FEW"
    FINE = "FINE"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Point:
    """One result of a reference material, in time order: what was read, and what it should have been at the time.

    `run` is whatever was measured together: R-4s looks within it alone. `qualifier`: "<" or ">" for a limit.
    """

    on: date
    run: str
    label: str
    ppm: Decimal
    certified_ppm: Decimal
    sd_ppm: Decimal
    lot: str = ""
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """A point with its score and the rules that it broke, the worst first."""

    point: Point
    z: Decimal
    rules: tuple[str, ...]

    @property
    def verdict(self) -> QcVerdict:
        """Return what the point alone says: marks to investigate warn like 1-2s."""
        if FAILING & set(self.rules):
            return QcVerdict.FAIL
        return QcVerdict.WARN if self.rules else QcVerdict.PASS


@dataclass(frozen=True, slots=True)
class Bias:
    """The mean of (x − C)/C over n results, as a fraction, its 95 % half-width, and what it amounts to.

    `relative` and `half_width` are None where too few were read.
    """

    n: int
    relative: float | None
    half_width: float | None
    standing: Standing


def score(point: Point) -> Decimal:
    """Return z = (x − C)/s of a point (Shewhart; METHODS.md section 3).

    >>> score(Point(date(2026, 3, 1), "R1", "a", Decimal("5.46"), Decimal("4.45"), Decimal("0.4")))
    Decimal('2.525')
    """
    return (point.ppm - point.certified_ppm) / point.sd_ppm


def control_chart(points: Sequence[Point]) -> list[Marked]:
    """Return the points with scores and rule marks (Westgard et al. 1981), R-4s only within one run.

    A rule over several results (2-2s, 4-1s, 10x) marks the one that completes it, across runs. What was reported only
    as a limit has a score of that limit and takes part in no rule.

    >>> day, certified, sd = date(2026, 3, 1), Decimal(20), Decimal(1)
    >>> read = [("R1", "22.1"), ("R2", "22.2"), ("R2", "17.9")]
    >>> [one.rules for one in control_chart([Point(day, run, "", Decimal(x), certified, sd) for run, x in read])]
    [('1-2s',), ('2-2s', '1-2s'), ('R-4s', '1-2s')]
    """
    told = [at for at, point in enumerate(points) if not point.qualifier]
    scores = {at: score(point) for at, point in enumerate(points)}
    found: dict[int, set[str]] = {at: set() for at in scores}
    for index, rule in westgard([scores[at] for at in told]):
        if rule != "R-4s":
            found[told[index]].add(rule)
    for _, group in groupby(told, key=lambda at: points[at].run):
        here = list(group)
        for index, rule in westgard([scores[at] for at in here]):
            if rule == "R-4s":
                found[here[index]].add(rule)
    return [
        Marked(point, scores[at], tuple(rule for rule in MARKS if rule in found[at]))
        for at, point in enumerate(points)
    ]


def rule_counts(marked: Iterable[Marked]) -> dict[str, int]:
    """Return how often each rule was broken, every rule named.

    >>> day = date(2026, 3, 1)
    >>> chart = control_chart([Point(day, "R", "", Decimal(x), Decimal(10), Decimal(1)) for x in (14, 13, 10)])
    >>> rule_counts(chart)["1-3s"], rule_counts(chart)["2-2s"]
    (1, 1)
    """
    counted = Counter(rule for one in marked for rule in one.rules)
    return {rule: counted[rule] for rule in MARKS}


def bias(points: Sequence[Point]) -> Bias:
    """Return the mean relative deviation from the certified value; 5 results at least (METHODS.md section 3).

    Beyond 5 % it warns, beyond 10 % it fails (D): a mark to investigate, since the certified s is between
    laboratories. The half-width is that of Student's t at 95 %.

    >>> day = date(2026, 3, 1)
    >>> found = bias([Point(day, "", "", Decimal(x), Decimal(20), Decimal(1)) for x in (21, 22, 21, 22, 21)])
    >>> found.n, round(found.relative, 3), found.standing.value
    (5, 0.07, 'WARN')
    """
    from scipy.special import stdtrit  # noqa: PLC0415  # heavy, and needed on few pages

    off = [
        float((one.ppm - one.certified_ppm) / one.certified_ppm)
        for one in points
        if one.certified_ppm > 0 and not one.qualifier
    ]
    n = len(off)
    if n < LEAST_FOR_BIAS:
        return Bias(n, None, None, Standing.TOO_FEW)
    mean = sum(off) / n
    sd = sqrt(sum((x - mean) ** 2 for x in off) / (n - 1))
    half = float(stdtrit(n - 1, 0.975)) * sd / sqrt(n)
    size = abs(mean)
    standing = Standing.FAIL if size > BIAS_FAIL else Standing.WARN if size > BIAS_WARN else Standing.FINE
    return Bias(n, mean, half, standing)


def shifts_of_lot(points: Sequence[Point]) -> list[int]:
    """Return the places from which another lot was measured, or another certified value was held against it.

    >>> lots = [Point(date(2026, 3, 1), "", "", Decimal(1), Decimal(1), Decimal(1), lot) for lot in "AAB"]
    >>> shifts_of_lot(lots)
    [2]
    """
    kept = [(one.lot, one.certified_ppm, one.sd_ppm) for one in points]
    return [at for at in range(1, len(kept)) if kept[at] != kept[at - 1]]


def looks_like(
    read: Mapping[str, Decimal], others: Mapping[str, Mapping[str, tuple[Decimal, Decimal]]]
) -> tuple[str, int] | None:
    """Return the other material that a failed one agrees with, and on how many elements; None when there is none.

    `read`: analyte → ppm of one form; `others`: material → analyte → (certified value, standard deviation) in the same
    form. It agrees when all elements that both have, five at least, lie within 2 s (D): a bottle swapped in the rack.

    >>> read = {name: Decimal(10) for name in ("La", "Ce", "Nd", "Dy", "Tb")}
    >>> looks_like(read, {"RM B": {name: (Decimal("10.5"), Decimal("0.4")) for name in read}})
    ('RM B', 5)
    """
    best: tuple[int, str] | None = None
    for name in sorted(others):
        shared = [(read[key], *others[name][key]) for key in read.keys() & others[name].keys()]
        agrees = all(abs(x - value) <= _AGREES * sd for x, value, sd in shared)
        if agrees and len(shared) >= LEAST_FOR_SWAP and (best is None or len(shared) > best[0]):
            best = len(shared), name
    return (best[1], best[0]) if best else None
