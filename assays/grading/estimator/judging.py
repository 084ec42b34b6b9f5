"""One criterion: from its samples to an outcome with its reason (METHODS.md section 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from assays.chemistry.aggregates import members
from assays.chemistry.oxides import factor, oxide_of
from assays.grading.estimator import words
from assays.grading.estimator.interval import Spread, grade, horwitz, share
from assays.grading.estimator.model import Bias, Case, Criterion, Numbers, Result, Sample
from assays.grading.estimator.settle import settled_by
from assays.grading.estimator.units import Reads, Unit, every_mass_known, reads_of, units_of

FLAGGED, NOT_FLAGGED, INCONCLUSIVE = "FLAGGED", "NOT_FLAGGED", "INCONCLUSIVE"
BLOCKED_QC, BLOCKED_DATA = "BLOCKED_QC", "BLOCKED_DATA"
FEWEST_UNITS: Final = 3
FEWEST_EFFECTIVE: Final = 2.5
#: share of the kept samples that must have what a criterion needs
COMPLETE: Final = 0.9
#: failed elements may make up this share of TREO
MOST_FAILED: Final = 0.05
HORWITZ_DF: Final = 20.0
BLOCKING_QC: Final = frozenset({"fail", "none"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """Confidence of a bound: one-sided, after looks and the number of criteria."""

    alpha: float
    alpha_reject: float


@dataclass(slots=True)
class Used:
    """What one criterion uses of the samples: pairs with readings, those that lack something, and warnings."""

    pairs: list[tuple[Sample, Reads]]
    lacking: list[str]
    kept: int
    warnings: list[str]


def judge(case: Case, criterion: Criterion) -> Result:
    """Return what a criterion comes to. Samples excluded after results were seen must not change the outcome."""
    kept = [sample for sample in case.samples if sample.excluded is None]
    late = [sample for sample in case.samples if sample.excluded == "after"]
    result = _judge(case, criterion, kept)
    if late and result.outcome in {FLAGGED, NOT_FLAGGED, INCONCLUSIVE}:
        other = _judge(case, criterion, [*kept, *late])
        if other.outcome != result.outcome:
            reason = words.exclusion_matters(criterion, [sample.id for sample in late], other.outcome)
            result = replace(result, outcome=INCONCLUSIVE, reason=reason, more_samples=None)
    return result


def _used(criterion: Criterion, samples: Sequence[Sample]) -> Used:
    pairs, lacking, over = [], [], []
    for sample in samples:
        reads = reads_of(criterion, sample)
        if reads is None:
            lacking.append(sample.id)
            continue
        pairs.append((sample, reads))
        if reads.over or reads.over_of:
            over.append(sample.id)
    warnings = []
    if lacking:
        warnings.append(words.left_out(criterion, lacking))
    if over:
        warnings.append(words.over_range(criterion, over))
    return Used(pairs, lacking, len(samples), warnings)


def _judge(case: Case, criterion: Criterion, samples: Sequence[Sample]) -> Result:
    used = _used(criterion, samples)
    by_mass = case.rule.weighting == "mass" and every_mass_known(sample for sample, _ in used.pairs)
    units = units_of(used.pairs, by_mass=by_mass)
    bias, guessed = _bias(case, criterion, units)
    if guessed and bias.relative > 0:
        used.warnings.append(words.horwitz_used(criterion, bias.relative))
    if case.rule.weighting == "mass" and not by_mass:
        used.warnings.append(words.masses_unknown())
    bounds = Bounds(
        case.rule.alpha if case.look is None else case.rule.alpha / 2**case.look,
        case.rule.alpha_reject / len(case.rule.criteria),
    )
    low, high = (_spread(case, criterion, units, bias, side) for side in ("low", "high"))
    numbers = _numbers(case, criterion, used, units, low, high, bounds)
    outcome, reason = _outcome(criterion, used, numbers)
    more = None
    if outcome == INCONCLUSIVE and len(used.pairs) >= COMPLETE * used.kept and low and high:
        more = settled_by(
            criterion, low, high, bounds.alpha, bounds.alpha_reject, _excess(case, criterion, units)
        )
        if not reason:
            reason = words.undecided(criterion, numbers, more)
    censored = sum(reads.below for _, reads in used.pairs)
    result = Result(criterion, outcome, numbers, censored, reason, more, tuple(used.warnings))
    return _blocked(case, criterion, samples, used, result)


def _bias(case: Case, criterion: Criterion, units: Sequence[Unit]) -> tuple[Bias, bool]:
    """Return the bias uncertainty of a criterion, and whether it is Horwitz's guess at the mean."""
    known = case.rule.bias
    for name in (criterion.analyte, criterion.oxide):
        if name in known:
            return known[name], False
    inside = [known[element] for element in criterion.numerator if element in known]
    if inside and len(inside) == len(criterion.numerator):
        return max(inside, key=lambda one: one.relative), False
    if "" in known:
        return known[""], False
    total = sum(unit.weight for unit in units)
    mean = sum(unit.weight * unit.low for unit in units) / total if total else 0.0
    return Bias(horwitz(mean * 1e-6) if mean > 0 else 0.0, HORWITZ_DF), True


def _spread(case: Case, criterion: Criterion, units: Sequence[Unit], bias: Bias, side: str) -> Spread | None:
    if not units:
        return None
    values = [getattr(unit, side) for unit in units]
    weights = [unit.weight for unit in units]
    if criterion.is_share:
        return share(values, [getattr(unit, f"{side}_of") for unit in units], weights, bias)
    return grade(values, weights, bias, case.rule.prior, case.rule.repeatability)


def _excess(case: Case, criterion: Criterion, units: Sequence[Unit]) -> float:
    """Return what blanks say may be too much, in ppm of the criterion's oxide; for a share as a fraction."""
    found = sum(
        case.blank_excess.get(element, 0.0)
        * factor(oxide_of(element) if members(criterion.analyte) else criterion.oxide)
        for element in criterion.numerator
    )
    if not criterion.is_share or not units:
        return found
    total = sum(unit.weight for unit in units)
    whole = sum(unit.weight * unit.low_of for unit in units) / total
    return found / whole if whole > 0 else 0.0


def _numbers(
    case: Case,
    criterion: Criterion,
    used: Used,
    units: Sequence[Unit],
    low: Spread | None,
    high: Spread | None,
    bounds: Bounds,
) -> Numbers:
    """Return the numbers of a criterion in its unit: mean, s, u, df and lower of the low reading, upper of the high one."""
    scale = 100.0 if criterion.is_share else 1.0
    if low is None or high is None:
        mean = _mean(criterion, units)
        return Numbers(len(units), 1.0 if len(units) == 1 else None, None if mean is None else mean * scale)
    over = any(reads.over for _, reads in used.pairs)
    over_of = any(reads.over_of for _, reads in used.pairs)
    lower = low.mean - low.margin(bounds.alpha) - _excess(case, criterion, units)
    upper = high.mean + high.margin(bounds.alpha_reject)
    return Numbers(
        low.n,
        low.n_eff,
        low.mean * scale,
        low.s * scale,
        low.u * scale,
        low.df,
        None if over_of else lower * scale,
        None if over else upper * scale,
    )


def _mean(criterion: Criterion, units: Sequence[Unit]) -> float | None:
    """Return the mean where there is nothing to tell its spread from."""
    total = sum(unit.weight for unit in units)
    if not total:
        return None
    mean = sum(unit.weight * unit.low for unit in units) / total
    if not criterion.is_share:
        return mean
    whole = sum(unit.weight * unit.low_of for unit in units) / total
    return mean / whole if whole > 0 else None


def _outcome(criterion: Criterion, used: Used, numbers: Numbers) -> tuple[str, str]:
    """Return outcome and reason; no reason means that the numbers alone leave it undecided."""
    if used.kept and len(used.pairs) < COMPLETE * used.kept:
        return INCONCLUSIVE, words.incomplete(criterion, len(used.pairs), used.kept)
    if numbers.n < FEWEST_UNITS or (numbers.n_eff or 0) < FEWEST_EFFECTIVE:
        return INCONCLUSIVE, words.too_few(numbers)
    below = [(sample, reads) for sample, reads in used.pairs if reads.below]
    if 2 * len(below) > len(used.pairs) and _largest_limit(criterion, below) > criterion.threshold / 3:
        return INCONCLUSIVE, words.limit_too_high(criterion, len(below), len(used.pairs))
    if numbers.lower is not None and numbers.lower >= criterion.threshold:
        return FLAGGED, words.above(criterion, numbers)
    if numbers.upper is not None and numbers.upper < criterion.threshold:
        return NOT_FLAGGED, words.under(criterion, numbers)
    return INCONCLUSIVE, ""


def _largest_limit(criterion: Criterion, below: Sequence[tuple[Sample, Reads]]) -> float:
    """Return the largest limit of values below detection, in the criterion's unit."""
    if criterion.is_share:
        return max(100 * reads.limit / reads.high_of if reads.high_of > 0 else 100.0 for _, reads in below)
    return max(reads.limit for _, reads in below)


# --- What blocks -------------------------------------------------------------------------------------


def _blocked(
    case: Case, criterion: Criterion, samples: Sequence[Sample], used: Used, result: Result
) -> Result:
    """Return the result, blocked if its data or its QC do not allow an outcome; its numbers stay."""
    wrong = data_problems(case, criterion, samples)
    if wrong:
        return replace(result, outcome=BLOCKED_DATA, reason=" ".join(wrong), more_samples=None)
    failed = _failed(case.qc, criterion, used)
    if failed:
        reason = words.qc_blocks(criterion, {name: case.qc[name] for name in failed})
        return replace(result, outcome=BLOCKED_QC, reason=reason, more_samples=None)
    return result


def data_problems(case: Case, criterion: Criterion, samples: Sequence[Sample]) -> list[str]:
    """Return in words what makes the data unfit for any decision by this criterion: basis, unit, open incidents."""
    found = []
    with_values = [sample for sample in samples if sample.values or sample.unreadable]
    without = [sample.id for sample in with_values if not words.known_basis(sample.basis)]
    if without:
        found.append(words.basis_unknown(without))
    bases = {sample.basis for sample in with_values if words.known_basis(sample.basis)}
    if len(bases) > 1:
        found.append(words.bases_mixed(with_values))
    elif case.rule.basis and bases and bases != {case.rule.basis}:
        found.append(words.basis_not_agreed(bases.pop() or "", case.rule.basis))
    found += [
        words.unit_unknown(sample.id, element, sample.unreadable[element])
        for sample in samples
        for element in criterion.elements
        if element in sample.unreadable
    ]
    found += [words.incident_open(sample.id, sample.incident) for sample in samples if sample.incident]
    return found


def _failed(qc: Mapping[str, str], criterion: Criterion, used: Used) -> list[str]:
    """Return the elements whose QC blocks a criterion: its numerator, and what weighs too much in an aggregate."""
    bad = [element for element in criterion.elements if qc.get(element) in BLOCKING_QC]
    whole = members(criterion.of) or members(criterion.analyte)
    own = [] if members(criterion.analyte) else [name for name in bad if name == criterion.analyte]
    if own or not whole or not bad:
        return own
    sums = {
        element: sum(factor(oxide_of(element)) * sample.values[element].low for sample, _ in used.pairs)
        for element in whole
    }
    total = sum(sums.values())
    weighing = sum(sums[element] for element in bad if element in sums)
    return bad if not total or weighing > MOST_FAILED * total else []
