"""The batch: its criteria together (METHODS.md section 4, Batch), and the answer as `grade_preview` gives it."""

from typing import Any

from assays.grading.estimator import words
from assays.grading.estimator.judging import judge
from assays.grading.estimator.model import (
    BLOCKED_DATA,
    BLOCKED_QC,
    FLAGGED,
    INCONCLUSIVE,
    NOT_FLAGGED,
    Case,
    Result,
    Verdict,
)

#: the first of these that any criterion came to is the batch's; rejection needs one, a flag needs all
ORDER = (BLOCKED_DATA, NOT_FLAGGED, BLOCKED_QC, INCONCLUSIVE, FLAGGED)


def evaluate(case: Case) -> Verdict:
    """Return what a batch comes to under its policy; the same case always gives the same verdict."""
    results = [judge(case, criterion) for criterion in case.rule.criteria]
    found = {result.outcome for result in results}
    decision = next(outcome for outcome in ORDER if outcome in found)
    provisional = case.preliminary or case.awaited > 0
    sentence = words.sentence(case, decision, results, provisional=provisional)
    return Verdict(decision, provisional, sentence, results, _warnings(case, results))


def _warnings(case: Case, results: list[Result]) -> list[str]:
    found = [*case.warnings]
    shares = any(criterion.is_share for criterion in case.rule.criteria)
    floors = any(c.analyte == "TREO" and not c.is_share for c in case.rule.criteria)
    if shares and not floors:
        found.append(words.share_without_floor())
    needed = dict.fromkeys(
        element
        for criterion in case.rule.criteria
        if criterion.analyte not in case.qc
        for element in criterion.numerator
    )
    silent = [element for element in needed if element not in case.qc]
    if silent:
        found.append(words.qc_not_given(silent))
    doubtful = [name for name, said in case.qc.items() if said == "warn"]
    if doubtful:
        found.append(words.qc_warns(doubtful))
    for result in results:
        found += result.warnings
    return list(dict.fromkeys(found))


def _criterion(result: Result) -> dict[str, Any]:
    numbers = result.numbers
    return {
        "analyte": result.criterion.analyte,
        "outcome": result.outcome,
        "n": numbers.n,
        "n_eff": numbers.n_eff,
        "mean": numbers.mean,
        "s": numbers.s,
        "u": numbers.u,
        "df": numbers.df,
        "lower": numbers.lower,
        "upper": numbers.upper,
        "threshold": float(result.criterion.threshold),
        "censored": result.censored,
        "reason": result.reason,
        "more_samples": result.more_samples,
    }


def answer(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as `grade_preview` answers it: numbers in ppm for a grade, in per cent for a share."""
    return {
        "decision": verdict.decision,
        "provisional": verdict.provisional,
        "sentence": verdict.sentence,
        "criteria": [_criterion(result) for result in verdict.results],
        "warnings": list(verdict.warnings),
    }
