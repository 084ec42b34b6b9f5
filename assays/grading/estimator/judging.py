"""One criterion: from its samples to an outcome with its reason (METHODS.md section 4)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from assays.chemistry.aggregates import members
from assays.chemistry.oxides import factor, oxide_of
from assays.grading.estimator import words
from assays.grading.estimator.blocking import blocked, comparable
from assays.grading.estimator.interval import Spread, effective, grade, horwitz, share
from assays.grading.estimator.model import (
    FEWEST_EFFECTIVE,
    FEWEST_UNITS,
    FLAGGED,
    INCONCLUSIVE,
    NOT_FLAGGED,
    Bias,
    Case,
    Criterion,
    Numbers,
    Result,
    Sample,
)
from assays.grading.estimator.settle import settled_by
from assays.grading.estimator.units import Pair, Unit, every_mass_known, reads_of, units_of

HORWITZ_DF: Final = 20.0


@dataclass(frozen=True, slots=True)
class Used:
    """What one criterion uses of the samples: those with readings, those that lack something, and how many were kept."""

    pairs: Sequence[Pair]
    lacking: Sequence[str]
    kept: int

    @property
    def complete(self) -> bool:
        """Return whether at least 90 % of the kept samples have what the criterion needs."""
        return 10 * len(self.pairs) >= 9 * self.kept

    @property
    def below(self) -> Sequence[Pair]:
        """Return the samples of which something that is counted is below detection."""
        return [pair for pair in self.pairs if pair[1].below]

    @property
    def over(self) -> bool:
        """Return whether something that is counted is over range: there is no upper bound."""
        return any(reads.over for _, reads in self.pairs)

    @property
    def over_of(self) -> bool:
        """Return whether something that is divided by is over range: there is no lower bound."""
        return any(reads.over_of for _, reads in self.pairs)


@dataclass(frozen=True, slots=True)
class Both:
    """The lower and the upper reading; None where a spread cannot be told."""

    low: Spread | None
    high: Spread | None


def judge(case: Case, criterion: Criterion) -> Result:
    """Return what a criterion comes to. Samples excluded after results were seen must not change the outcome."""
    kept = [sample for sample in case.samples if sample.excluded is None]
    late = [sample for sample in case.samples if sample.excluded == "after"]
    used = _used(criterion, kept)
    alone = _judge(case, criterion, used)
    result = blocked(case, criterion, kept, used.pairs, alone)
    if late and result is alone:
        other = _judge(case, criterion, _used(criterion, [*kept, *comparable(kept, late, criterion)]))
        if other.outcome != result.outcome:
            reason = words.exclusion_matters(criterion, [sample.id for sample in late], other.outcome)
            result = replace(result, outcome=INCONCLUSIVE, reason=reason, more_samples=None)
    return result


def _used(criterion: Criterion, samples: Sequence[Sample]) -> Used:
    reads = [(sample, reads_of(criterion, sample)) for sample in samples]
    return Used(
        [(sample, one) for sample, one in reads if one is not None],
        [sample.id for sample, one in reads if one is None],
        len(samples),
    )


def _judge(case: Case, criterion: Criterion, used: Used) -> Result:
    """Return what the numbers alone come to."""
    by_mass = case.rule.weighting == "mass" and every_mass_known(sample for sample, _ in used.pairs)
    units = units_of(used.pairs, by_mass=by_mass)
    both = Both(_spread(case, criterion, units, "low"), _spread(case, criterion, units, "high"))
    numbers = _numbers(case, criterion, used, units, both)
    outcome, reason = _outcome(criterion, used, numbers)
    more = None
    growing = used.complete and not _limit_too_high(criterion, used)
    if outcome == INCONCLUSIVE and growing and both.low and both.high:
        more = settled_by(
            criterion,
            both.low,
            both.high,
            case.bounds,
            _excess(case, criterion, units),
            may_flag=not used.over_of,
            may_reject=not used.over,
        )
    if not reason:
        reason = words.undecided(criterion, numbers, more, over=used.over or used.over_of)
    warnings = _warnings(case, criterion, used, units, by_mass=by_mass)
    return Result(criterion, outcome, numbers, len(used.below), reason, more, warnings)


def _warnings(
    case: Case, criterion: Criterion, used: Used, units: Sequence[Unit], *, by_mass: bool
) -> tuple[str, ...]:
    found = []
    if used.lacking:
        found.append(words.left_out(criterion, used.lacking))
    over = [sample.id for sample, reads in used.pairs if reads.over or reads.over_of]
    if over:
        found.append(words.over_range(criterion, over))
    guess = _bias(case, criterion, _mean(units, "low") or _mean(units, "high"))
    if _known_bias(case, criterion) is None and guess.relative > 0:
        found.append(words.horwitz_used(criterion, guess.relative))
    if case.rule.weighting == "mass" and not by_mass:
        found.append(words.masses_unknown())
    return tuple(found)


# --- Readings ----------------------------------------------------------------------------------------


def _known_bias(case: Case, criterion: Criterion) -> Bias | None:
    """Return the bias uncertainty that was given for a criterion: of a sum, the largest of its elements'."""
    known = case.rule.bias
    for name in (criterion.analyte, criterion.oxide):
        if name in known:
            return known[name]
    inside = [known[element] for element in criterion.numerator if element in known]
    if len(inside) == len(criterion.numerator):
        return max(inside, key=lambda one: one.relative)
    return known.get("")


def _bias(case: Case, criterion: Criterion, mean_ppm: float) -> Bias:
    """Return the bias uncertainty of a reading; Horwitz's at its mean (ppm) as the last resort."""
    known = _known_bias(case, criterion)
    if known is not None:
        return known
    fraction = mean_ppm * 1e-6
    return Bias(horwitz(fraction) if fraction > 0 else 0.0, HORWITZ_DF)


def _mean(units: Sequence[Unit], part: str) -> float:
    """Return the weighted mean of a part of units; 0 without units."""
    if not units:
        return 0.0
    return math.fsum(unit.weight * float(getattr(unit, part)) for unit in units) / math.fsum(
        unit.weight for unit in units
    )


def _spread(case: Case, criterion: Criterion, units: Sequence[Unit], side: str) -> Spread | None:
    if not units:
        return None
    values = [getattr(unit, side) for unit in units]
    weights = [unit.weight for unit in units]
    bias = _bias(case, criterion, _mean(units, side))
    if criterion.is_share:
        return share(values, [getattr(unit, f"{side}_of") for unit in units], weights, bias)
    return grade(values, weights, bias, case.rule.prior, case.rule.repeatability)


def _excess(case: Case, criterion: Criterion, units: Sequence[Unit]) -> float:
    """Return what blanks say may be too much, in ppm of the criterion's oxide; for a share as a fraction."""
    known = case.blank_excess
    found = known.get(criterion.analyte, 0.0) if members(criterion.analyte) else 0.0
    found += math.fsum(
        known.get(element, 0.0) * factor(oxide_of(element) if members(criterion.analyte) else criterion.oxide)
        for element in criterion.numerator
    )
    if not criterion.is_share:
        return found
    whole = _mean(units, "low_of")
    return found / whole if whole > 0 else 0.0


def _numbers(case: Case, criterion: Criterion, used: Used, units: Sequence[Unit], both: Both) -> Numbers:
    """Return the numbers of a criterion in its unit: mean, s, u, df and lower of the low reading, upper of the high one."""
    scale = 100.0 if criterion.is_share else 1.0
    low, high = both.low, both.high
    if low is None or high is None:
        n_eff = effective([unit.weight * unit.low_of for unit in units])
        whole = _mean(units, "low_of")
        mean = scale * _mean(units, "low") / whole if whole > 0 else None
        return Numbers(len(units), ten_digits(n_eff), ten_digits(mean))
    lower = low.mean - low.margin(case.bounds.alpha) - _excess(case, criterion, units)
    upper = high.mean + high.margin(case.bounds.alpha_reject)
    return Numbers(
        low.n,
        ten_digits(low.n_eff),
        ten_digits(low.mean * scale),
        ten_digits(low.s * scale),
        ten_digits(low.u * scale),
        ten_digits(low.df),
        None if used.over_of else ten_digits(lower * scale),
        None if used.over else ten_digits(upper * scale),
    )


def ten_digits(number: float | None) -> float | None:
    """Return a number to ten significant digits, by which it is compared and shown; None for none, or no finite one.

    More would be noise: 25 ppm of oxide come back from the element as 24.999999999999996 ppm.

    >>> ten_digits(24.999999999999996), ten_digits(float("inf"))
    (25.0, None)
    """
    return None if number is None or not math.isfinite(number) else float(f"{number:.10g}")


# --- Outcomes ----------------------------------------------------------------------------------------


def _outcome(criterion: Criterion, used: Used, numbers: Numbers) -> tuple[str, str]:
    """Return outcome and reason; no reason means that the numbers alone leave it undecided."""
    if not used.complete:
        return INCONCLUSIVE, words.incomplete(criterion, len(used.pairs), used.kept)
    if numbers.n < FEWEST_UNITS or (numbers.n_eff or 0) < FEWEST_EFFECTIVE:
        return INCONCLUSIVE, words.too_few(numbers)
    if _limit_too_high(criterion, used):
        return INCONCLUSIVE, words.limit_too_high(criterion, len(used.below), len(used.pairs))
    if numbers.lower is not None and numbers.lower >= criterion.threshold:
        return FLAGGED, words.above(criterion, numbers)
    if numbers.upper is not None and numbers.upper < criterion.threshold:
        return NOT_FLAGGED, words.under(criterion, numbers)
    return INCONCLUSIVE, ""


def _limit_too_high(criterion: Criterion, used: Used) -> bool:
    """Return whether more than half are below detection, with a largest limit over a third of the threshold."""
    if 2 * len(used.below) <= len(used.pairs):
        return False
    limits = [reads.limit for _, reads in used.below]
    if criterion.is_share:
        limits = [100 * one.limit / one.high_of if one.high_of > 0 else 100.0 for _, one in used.below]
    return max(limits) > criterion.threshold / 3
