"""What keeps a criterion from any outcome: data that cannot be compared, and QC that failed (METHODS.md section 4, Batch)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from assays.chemistry.aggregates import members
from assays.chemistry.oxides import factor, oxide_of
from assays.grading.estimator import words
from assays.grading.estimator.model import BLOCKED_DATA, BLOCKED_QC, Case, Criterion, Result, Sample
from assays.grading.estimator.units import Pair, weights_of

#: failed elements may make up this share of an aggregate
MOST_FAILED: Final = 0.05
BLOCKING_QC: Final = frozenset({"fail", "none"})


def blocked(
    case: Case, criterion: Criterion, samples: Sequence[Sample], pairs: Sequence[Pair], result: Result
) -> Result:
    """Return the result, blocked if its data or its QC do not allow an outcome; its numbers stay."""
    wrong = data_problems(case, criterion, samples)
    if wrong:
        return replace(result, outcome=BLOCKED_DATA, reason=" ".join(wrong), more_samples=None)
    failed = failed_qc(case, criterion, pairs)
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
        ids = [sample.id for sample in with_values if words.known_basis(sample.basis)]
        found.append(words.basis_not_agreed(bases.pop() or "", case.rule.basis, ids))
    found += [
        words.unit_unknown(sample.id, element, sample.unreadable[element])
        for sample in samples
        for element in criterion.elements
        if element in sample.unreadable
    ]
    found += [words.incident_open(sample.id, sample.incident) for sample in samples if sample.incident]
    return found


def comparable(kept: Sequence[Sample], late: Sequence[Sample], criterion: Criterion) -> list[Sample]:
    """Return those left out after the fact that could have counted at all: on the same basis, in a known unit."""
    bases = {sample.basis for sample in kept if sample.values or sample.unreadable}
    return [
        sample
        for sample in late
        if (not bases or sample.basis in bases)
        and not any(element in sample.unreadable for element in criterion.elements)
    ]


def failed_qc(case: Case, criterion: Criterion, pairs: Sequence[Pair]) -> list[str]:
    """Return what QC blocks a criterion by: its numerator, an aggregate that it needs, or too much inside one.

    Elements that failed may make up 5 % of an aggregate, by the weighted mean of the lower reading.
    """
    own = [
        name for name in dict.fromkeys((criterion.analyte, criterion.of)) if case.qc.get(name) in BLOCKING_QC
    ]
    whole = members(criterion.of) or members(criterion.analyte)
    bad = [element for element in whole if case.qc.get(element) in BLOCKING_QC]
    if own or not bad:
        return own
    parts = _parts(case, whole, pairs)
    total = sum(parts.values())
    weighing = sum(parts[element] for element in bad)
    return bad if not total or weighing > MOST_FAILED * total else []


def _parts(case: Case, elements: Sequence[str], pairs: Sequence[Pair]) -> Mapping[str, float]:
    """Return how much of each element's oxide there is, by weight; the unit does not matter."""
    weights = weights_of(pairs, by_mass=case.rule.weighting == "mass")
    return {
        element: sum(
            weight * factor(oxide_of(element)) * sample.values[element].low
            for weight, (sample, _) in zip(weights, pairs, strict=True)
        )
        for element in elements
    }
