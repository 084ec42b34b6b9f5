"""Reasons and sentences: what a manager reads, and may read out to a minister."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from assays.grading.estimator.model import (
    BLOCKED_QC,
    FLAGGED,
    INCONCLUSIVE,
    NOT_FLAGGED,
    Case,
    Criterion,
    Numbers,
    Result,
    Sample,
)

BASES: Final = ("total-fusion", "total-four-acid", "total-INAA", "leachable")
#: names listed one by one, at most
MOST_NAMED: Final = 8


def known_basis(basis: str | None) -> bool:
    """Return whether a basis is one of ours; a leachable one may name its conditions.

    >>> known_basis("leachable 0.5 M, pH 4, 2:1, 4 h"), known_basis("total"), known_basis(None)
    (True, False, False)
    """
    return basis is not None and (basis in BASES or basis.startswith("leachable "))


def listed(names: Iterable[str]) -> str:
    """Return names as a list in words, the first few of many.

    >>> listed(["S1", "S2", "S3"])
    'S1, S2 and S3'
    """
    found = list(names)
    if len(found) > MOST_NAMED:
        return f"{', '.join(found[:MOST_NAMED])} and {len(found) - MOST_NAMED} more"
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def several(number: int, one: str, many: str) -> str:
    """Return a count in words.

    >>> several(1, "site", "sites"), several(3, "site", "sites")
    ('1 site', '3 sites')
    """
    return f"{number} {one if number == 1 else many}"


def figure(value: float, unit: str) -> str:
    """Return a number with its unit, to four significant figures.

    >>> figure(33.18627, "ppm"), figure(365854.44, "ppm"), figure(3.798841, "%")
    ('33.19 ppm', '365900 ppm', '3.799 %')
    """
    size = 0 if value == 0 else len(str(int(abs(value))))
    text = f"{round(value, 4 - size):.0f}" if size >= 4 else f"{value:.4g}"
    return f"{text} {unit}"


def _threshold(criterion: Criterion) -> str:
    return f"{criterion.threshold:g} {criterion.unit}"


# --- Reasons -----------------------------------------------------------------------------------------


def above(criterion: Criterion, numbers: Numbers) -> str:
    """Return why a criterion is met."""
    assert numbers.lower is not None
    return f"The lower bound, {figure(numbers.lower, criterion.unit)}, reaches {_threshold(criterion)}."


def under(criterion: Criterion, numbers: Numbers) -> str:
    """Return why a criterion is validly not met."""
    assert numbers.upper is not None
    return f"Even the upper bound, {figure(numbers.upper, criterion.unit)}, is below {_threshold(criterion)}."


def undecided(criterion: Criterion, numbers: Numbers, more: int | None, *, over: bool) -> str:
    """Return why the numbers alone decide nothing, and what would."""
    unit = criterion.unit
    low = "open below" if numbers.lower is None else figure(numbers.lower, unit)
    high = "open above" if numbers.upper is None else figure(numbers.upper, unit)
    what = f"The bounds, {low} and {high}, lie on either side of {_threshold(criterion)}."
    if over:
        what += " What is over range is to be analysed again first."
    if more is not None:
        return f"{what} {several(more, 'more site', 'more sites')} like these would settle it."
    if over:
        return what
    return f"{what} This is unreachable by sampling: better reference materials or an umpire laboratory are needed."


def too_few(numbers: Numbers) -> str:
    """Return why too few units decide nothing."""
    if numbers.n == 0:
        return "There is no result to judge yet."
    if numbers.n < 3:
        return f"{several(numbers.n, 'site decides', 'sites decide')} nothing: at least 3 are needed."
    if numbers.n_eff is None:
        return "There is nothing in the samples to take a share of."
    return f"Few of the sites carry nearly all the weight: {numbers.n} count as {numbers.n_eff:.2g}, 2.5 are needed."


def incomplete(criterion: Criterion, have: int, kept: int) -> str:
    """Return why a criterion is incomplete."""
    return (
        f"Incomplete: only {have} of {several(kept, 'sample has', 'samples have')} what {criterion.name} needs"
        " (90 % are needed)."
    )


def limit_too_high(criterion: Criterion, below: int, of: int) -> str:
    """Return why values below a high limit decide nothing."""
    return (
        f"Detection limit too high: {below} of {of} values are below it, and it is over a third of"
        f" {_threshold(criterion)}. Ask for a method with a lower limit."
    )


def exclusion_matters(criterion: Criterion, names: Sequence[str], other: str) -> str:
    """Return why an exclusion after the fact leaves a criterion undecided."""
    return (
        f"Leaving out {listed(names)} after the results were seen changes the outcome of {criterion.name}"
        f" (with them it is {other})."
    )


def qc_blocks(criterion: Criterion, failed: Mapping[str, str]) -> str:
    """Return how QC blocks a criterion."""
    none = [name for name, verdict in failed.items() if verdict == "none"]
    fail = [name for name, verdict in failed.items() if verdict != "none"]
    parts = []
    if fail:
        parts.append(f"QC of {listed(fail)} failed")
    if none:
        parts.append(f"there is no QC for {listed(none)}")
    said = " and ".join(parts)
    return f"{said[0].upper()}{said[1:]}, so {criterion.name} cannot be relied on."


def basis_unknown(names: Sequence[str]) -> str:
    """Return that samples have no known basis."""
    return f"The basis of {listed(names)} is not known: it must be one of {listed(BASES)}."


def bases_mixed(samples: Sequence[Sample]) -> str:
    """Return which sample has which basis."""
    by_basis: dict[str, list[str]] = {}
    for sample in samples:
        if sample.basis and known_basis(sample.basis):
            by_basis.setdefault(sample.basis, []).append(sample.id)
    parts = "; ".join(f"{basis}: {listed(names)}" for basis, names in sorted(by_basis.items()))
    return f"Unlike bases never mix in one decision ({parts})."


def basis_not_agreed(found: str, agreed: str, names: Sequence[str]) -> str:
    """Return that the results are on another basis than the policy."""
    return f"The results of {listed(names)} are {found}, and the policy is about {agreed}."


def unit_unknown(sample: str, element: str, why: str) -> str:
    """Return that a value has no usable unit."""
    return f"{element} of {sample}: {why}"


def incident_open(sample: str, incident: str) -> str:
    """Return that an incident keeps a sample out of decisions."""
    return f"An incident of {sample} is open: {incident}."


# --- Warnings ----------------------------------------------------------------------------------------


def left_out(criterion: Criterion, names: Sequence[str]) -> str:
    """Return which samples lack what a criterion needs."""
    return f"{criterion.name}: left out for want of results: {listed(names)}."


def over_range(criterion: Criterion, names: Sequence[str]) -> str:
    """Return which samples are to be analysed again because they are over range."""
    return f"{criterion.name}: over range, to be analysed again: {listed(names)}."


def horwitz_used(criterion: Criterion, relative: float) -> str:
    """Return that the bias uncertainty is a guess."""
    return (
        f"{criterion.name}: no bias uncertainty is known, Horwitz gives {100 * relative:.2g} % at this level."
    )


def masses_unknown() -> str:
    """Return that masses could not weigh."""
    return "A dry mass is not known: sites are weighted equally instead of by mass."


def qc_not_given(names: Sequence[str]) -> str:
    """Return that QC was not stated."""
    return f"Nothing is said about the QC of {listed(names)}: taken as passed."


def qc_warns(names: Sequence[str]) -> str:
    """Return that QC passed with a warning."""
    return f"QC of {listed(names)} passed with a warning."


def share_without_floor() -> str:
    """Return that a share stands alone."""
    return (
        "A share of TREO without a grade floor on TREO beside it would flag a precipitate with almost none."
    )


# --- Sentences ---------------------------------------------------------------------------------------


def _confidence(case: Case, decision: str) -> str:
    """Return at which confidence: of the lower bound, or for a rejection of the upper one."""
    wrong = case.bounds.alpha_reject if decision == NOT_FLAGGED else case.bounds.alpha
    return f"{100 * (1 - wrong):.8g} %"


def _held(result: Result) -> str:
    """Return one decided criterion in a clause: estimate, bound, threshold, sites."""
    numbers, criterion = result.numbers, result.criterion
    assert numbers.mean is not None
    bound, side = (numbers.lower, "lower") if result.outcome == FLAGGED else (numbers.upper, "upper")
    assert bound is not None
    return (
        f"{criterion.name} is {figure(numbers.mean, criterion.unit)} ({side} bound"
        f" {figure(bound, criterion.unit)}, threshold {_threshold(criterion)},"
        f" {several(numbers.n, 'site', 'sites')})"
    )


def _open(result: Result) -> str:
    """Return one undecided criterion: estimate, threshold, sites, and why it is open."""
    numbers, criterion = result.numbers, result.criterion
    if numbers.mean is None:
        return f"{criterion.name}: {result.reason}"
    return (
        f"{criterion.name} is {figure(numbers.mean, criterion.unit)} (threshold {_threshold(criterion)},"
        f" {several(numbers.n, 'site', 'sites')}). {result.reason}"
    )


def _blocking(results: Sequence[Result]) -> str:
    """Return what blocks criteria, each with its name; a reason that several share is said once, without one."""
    if len(results) > 1 and len({result.reason for result in results}) == 1:
        return results[0].reason
    return " ".join(f"{result.criterion.name}: {result.reason}" for result in results)


def _said(case: Case, decision: str, deciding: Sequence[Result]) -> str:
    if decision == FLAGGED:
        return (
            f"Flagged at {_confidence(case, decision)} confidence: {'; '.join(_held(r) for r in deciding)}."
        )
    if decision == NOT_FLAGGED:
        held = "; ".join(_held(result) for result in deciding)
        return f"Not flagged, at {_confidence(case, decision)} confidence: {held}."
    if decision == INCONCLUSIVE:
        held = " ".join(_open(result) for result in deciding)
        return f"Inconclusive at {_confidence(case, decision)} confidence: {held}"
    if decision == BLOCKED_QC:
        return f"Blocked by quality control. {' '.join(result.reason for result in deciding)}"
    return f"Blocked by its data. {_blocking(deciding)}"


def sentence(case: Case, decision: str, results: Sequence[Result], *, provisional: bool) -> str:
    """Return the decision in words: the criteria that made it, their numbers, and what would settle what is open."""
    said = _said(case, decision, [result for result in results if result.outcome == decision])
    if not provisional:
        return said
    why = []
    if case.preliminary:
        why.append("a certificate is preliminary")
    if case.awaited:
        why.append(f"{several(case.awaited, 'sample is', 'samples are')} awaited")
    return f"{said} Provisional: {' and '.join(why)}."
