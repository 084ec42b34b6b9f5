"""The rules of quality control on numbers (METHODS.md section 3): reference materials and blanks. Pure.

All numbers of one call are ppm of one form (the element, or one named oxide), as Decimal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from assays.quality.rules import QcVerdict

#: rules of Westgard et al. (Clin. Chem. 27 (1981) 493) that fail a run; the others are marks on a chart
FAILING: Final = frozenset({"1-3s", "2-2s"})
#: a reference material is near a threshold T between T/5 and 5 T (D): beyond, it says little of the level decided on
NEAR: Final = Decimal(5)
#: factors of the detection limit beyond which a blank warns and may fail (D)
WARN_LOD, FAIL_LOD = Decimal(5), Decimal(10)
#: share of the sample before it, and of the lowest threshold, beyond which a blank warns or fails (D)
CARRY_OVER, OF_THRESHOLD = Decimal("0.02"), Decimal("0.05")
_TWO, _THREE = Decimal(2), Decimal(3)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a QC item: a number of ppm, or the limit that it lies below ("<") or above (">")."""

    ppm: Decimal
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one QC item says: verdict (NONE: nothing), rules that it broke, and z or excess in ppm."""

    verdict: QcVerdict
    rules: tuple[str, ...] = ()
    z: Decimal | None = None
    excess_ppm: Decimal | None = None


def is_near(certified_ppm: Decimal, threshold_ppm: Decimal) -> bool:
    """Return whether a reference material is near a threshold, both in ppm of one form.

    >>> is_near(Decimal("4.45"), Decimal("21.78")), is_near(Decimal("4.3"), Decimal("21.78"))
    (True, False)
    """
    return threshold_ppm / NEAR <= certified_ppm <= threshold_ppm * NEAR


def z_score(read: Read, certified_ppm: Decimal, sd_ppm: Decimal) -> Decimal | None:
    """Return z = (x − C)/s. None when a limit was reported that says nothing.

    Of "<L" and ">U" the nearest reading counts, and only when even that is beyond 2 s: then the true one is as well.

    >>> z_score(Read(Decimal("5.46")), Decimal("4.45"), Decimal("0.4"))
    Decimal('2.525')
    >>> z_score(Read(Decimal("0.05"), "<"), Decimal("4.45"), Decimal("0.4"))
    Decimal('-11.0')
    >>> z_score(Read(Decimal(10), "<"), Decimal("4.45"), Decimal("0.4")) is None
    True
    """
    z = (read.ppm - certified_ppm) / sd_ppm
    if read.qualifier == "<" and z >= -_TWO:
        return None
    if read.qualifier == ">" and z <= _TWO:
        return None
    return z


def _side(z: Decimal, bound: Decimal) -> int:
    """Return 1 or -1 when z is beyond the bound on that side, else 0."""
    return (z > bound) - (z < -bound)


def _in_a_row(zs: Sequence[Decimal], end: int, count: int, bound: Decimal) -> bool:
    """Return whether the `count` scores up to and with `end` are all beyond the bound on one side."""
    last = zs[max(end - count + 1, 0) : end + 1]
    return len(last) == count and abs(sum(_side(z, bound) for z in last)) == count


def westgard(zs: Sequence[Decimal]) -> list[tuple[int, str]]:
    """Return the rules that the scores of one reference material break, in order, each with the index that broke it.

    1-2s warns; 1-3s and 2-2s fail; R-4s, 4-1s and 10x are marks to investigate (Westgard et al. 1981; METHODS.md 3).

    >>> westgard([Decimal("-0.2"), Decimal("2.1"), Decimal("2.2"), Decimal("0.1")])
    [(1, '1-2s'), (2, '1-2s'), (2, '2-2s')]
    >>> westgard([Decimal("3.2"), Decimal("-2.5")])
    [(0, '1-3s'), (1, '1-2s'), (1, 'R-4s')]
    """
    broken: list[tuple[int, str]] = []
    sides: set[int] = set()
    for at, z in enumerate(zs):
        side = _side(z, _TWO)
        found = {
            "1-3s": abs(z) > _THREE,
            "1-2s": _TWO < abs(z) <= _THREE,
            "2-2s": _in_a_row(zs, at, 2, _TWO),
            "R-4s": bool(side) and -side in sides,
            "4-1s": _in_a_row(zs, at, 4, Decimal(1)),
            "10x": _in_a_row(zs, at, 10, Decimal(0)),
        }
        sides.add(side)
        broken += [(at, rule) for rule, is_broken in found.items() if is_broken]
    return broken


def judge_material(reads: Sequence[Read], certified_ppm: Decimal, sd_ppm: Decimal) -> list[Judged]:
    """Return what the readings of one reference material say, in rack order.

    Both of a 2-2s pair fail: the first of them was the first sign, so it must not bound what is withheld.

    >>> found = judge_material([Read(Decimal("5.12")), Read(Decimal("5.15"))], Decimal("4.45"), Decimal("0.319"))
    >>> [(one.verdict.value, one.rules) for one in found]
    [('FAIL', ('1-2s', '2-2s')), ('FAIL', ('1-2s', '2-2s'))]
    """
    scores = [z_score(read, certified_ppm, sd_ppm) for read in reads]
    told = [(at, z) for at, z in enumerate(scores) if z is not None]
    rules: dict[int, list[str]] = {at: [] for at, _ in told}
    for index, rule in westgard([z for _, z in told]):
        rules[told[index][0]].append(rule)
        if rule == "2-2s" and rule not in rules[told[index - 1][0]]:
            rules[told[index - 1][0]].append(rule)
    return [_judged_material(z, tuple(rules.get(at, ()))) for at, z in enumerate(scores)]


def _judged_material(z: Decimal | None, rules: tuple[str, ...]) -> Judged:
    if z is None:
        return Judged(QcVerdict.NONE)
    if FAILING & set(rules):
        return Judged(QcVerdict.FAIL, rules, z)
    return Judged(QcVerdict.WARN if "1-2s" in rules else QcVerdict.PASS, rules, z)


@dataclass(frozen=True, slots=True)
class BlankLevels:
    """What a blank is measured by, in ppm of the reported form.

    `lod_ppm` 0 where no detection limit is known, so that any number above the background is looked at; `threshold_ppm`
    None where no policy has a criterion on the analyte; `before_ppm` is the sample before it, None where unknown.
    """

    lod_ppm: Decimal
    background_ppm: Decimal = Decimal(0)
    background_sd_ppm: Decimal = Decimal(0)
    threshold_ppm: Decimal | None = None
    before_ppm: Decimal | None = None


def judge_blank(read: Read, levels: BlankLevels) -> Judged:
    """Return what one blank says, with its excess over the background, never below 0 (METHODS.md section 3).

    Warns beyond max(5·LOD, background + 3 s) or when the excess is over 2 % of the sample before; fails beyond 10·LOD
    when the excess is also over 5 % of the threshold; without a threshold it only warns.

    >>> levels = BlankLevels(lod_ppm=Decimal("0.05"), threshold_ppm=Decimal("21.78"))
    >>> judge_blank(Read(Decimal("0.96")), levels).verdict.value
    'WARN'
    >>> judge_blank(Read(Decimal("1.2")), levels).rules
    ('blank-fail',)
    """
    if read.qualifier == "<":
        return _below(read, levels)
    excess = max(read.ppm - levels.background_ppm, Decimal(0))
    if _fails(read.ppm, levels) or (read.qualifier == ">" and levels.threshold_ppm is not None):
        return Judged(QcVerdict.FAIL, ("blank-fail",), excess_ppm=excess)
    bound = max(WARN_LOD * levels.lod_ppm, levels.background_ppm + 3 * levels.background_sd_ppm)
    rules = []
    if read.ppm > bound or read.qualifier == ">":
        rules.append("blank-high")
    if levels.before_ppm is not None and excess > CARRY_OVER * levels.before_ppm:
        rules.append("blank-carry-over")
    return Judged(QcVerdict.WARN if rules else QcVerdict.PASS, tuple(rules), excess_ppm=excess)


def _fails(ppm: Decimal, levels: BlankLevels) -> bool:
    """Return whether that much in a blank would fail it."""
    if levels.threshold_ppm is None:
        return False
    too_much = ppm - levels.background_ppm > OF_THRESHOLD * levels.threshold_ppm
    return ppm > FAIL_LOD * levels.lod_ppm and too_much


def _below(read: Read, levels: BlankLevels) -> Judged:
    """Return what a blank says that holds less than a limit L.

    METHODS.md leaves this open. Reading L would fail sound jobs whose blank was diluted; reading 0 would let a blank
    vouch for what it could not see. So it never warns nor fails, for nothing was found; but where L itself would
    fail, it says nothing, and the run needs another blank. Its excess is 0 at the ordinary detection limit, which is how
    a clean blank looks; a raised limit hides up to L, and so much is handed to the decision.
    """
    if _fails(read.ppm, levels):
        return Judged(QcVerdict.NONE)
    hidden = read.ppm - levels.background_ppm if read.ppm > levels.lod_ppm else Decimal(0)
    return Judged(QcVerdict.PASS, excess_ppm=max(hidden, Decimal(0)))
