"""What a decision's case says of each sample, in a criterion's unit and as oxides. Pure, like the estimator it reads with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assays.chemistry.aggregates import members
from assays.chemistry.oxides import factor, oxide_of
from assays.grading.estimator.model import Case, Criterion, Reading, Sample
from assays.grading.estimator.units import reads_of
from assays.reports.figures import Figure, limit, shown

#: qc verdicts whose values are withheld from a decision
WITHHELD = frozenset({"fail", "none"})


@dataclass(frozen=True, slots=True)
class Point:
    """One sample in a criterion's unit: `value` is the number drawn; `sign` says that it is a limit."""

    tag: str
    site: str
    value: float
    sign: str
    #: "counts", "left out", or "withheld"
    state: str


def withheld(case: Case, criterion: Criterion) -> bool:
    """Return whether QC withholds what a criterion counts."""
    return any(case.qc.get(element) in WITHHELD for element in (criterion.analyte, *criterion.numerator))


def points_of(case: Case, criterion: Criterion) -> list[Point]:
    """Return the samples that have what a criterion needs, in its unit (ppm or per cent), in the case's order."""
    hollow = withheld(case, criterion)
    points = []
    for sample in case.samples:
        if sample.incident:
            continue
        reads = reads_of(criterion, sample)
        if reads is None:
            continue
        scale = 100.0 if criterion.is_share else 1.0
        below_of = reads.low_of or 1.0
        # What is below detection is drawn at its limit, hollow; never at nought, never at half of it.
        value = scale * (reads.high / (reads.high_of or 1.0) if reads.below else reads.low / below_of)
        sign = "<" if reads.below else ">" if reads.over else ""
        state = "left out" if sample.excluded else "withheld" if hollow else "counts"
        points.append(Point(sample.id, sample.site or "", value, sign, state))
    return points


def oxide_ppm(values: Mapping[str, Reading], name: str) -> tuple[float, float, bool, bool] | None:
    """Return (low, high, below, over) of an oxide or a sum, in ppm of oxide; None when an element is missing."""
    elements = members(name) or (name,)
    if any(element not in values for element in elements):
        return None
    reads = [(factor(oxide_of(element)), values[element]) for element in elements]
    return (
        sum(f * one.low for f, one in reads),
        sum(f * one.high for f, one in reads),
        any(one.below for _, one in reads),
        any(one.over for _, one in reads),
    )


def treo(values: Mapping[str, Reading]) -> Figure:
    """Return a sample's TREO in ppm; a range when something in it is below detection."""
    found = oxide_ppm(values, "TREO")
    if found is None:
        lacking = [element for element in members("TREO") if element not in values]
        return Figure("–", "", f"not reported: {', '.join(lacking)}")
    low, high, below, over = found
    if over:
        return limit(low, ">")
    if below and shown(low).text != shown(high).text:
        return Figure(
            f"{shown(low)} to {shown(high)}",
            f"{shown(low).exact} to {shown(high).exact}",
            "something in it is below detection",
        )
    return shown(low)


def cell(criterion: Criterion, sample: Sample) -> Figure:
    """Return a sample's value in a criterion's unit, as a table shows it."""
    if sample.unreadable:
        return Figure("–", "", "; ".join(sample.unreadable.values()))
    reads = reads_of(criterion, sample)
    if reads is None:
        lacking = [element for element in criterion.elements if element not in sample.values]
        return Figure("–", "", f"not reported: {', '.join(lacking)}")
    scale = 100.0 if criterion.is_share else 1.0
    if reads.over:
        return limit(scale * reads.low / (reads.low_of or 1.0), ">")
    if reads.below:
        return limit(scale * reads.high / (reads.high_of or 1.0), "<")
    return shown(scale * reads.low / (reads.low_of or 1.0))


def pattern_mean(samples: Sequence[Mapping[str, Reading]]) -> dict[str, float]:
    """Return the mean content (element → ppm) of samples, for a picture only.

    Below detection counts as half the limit here, and nowhere in a decision (METHODS.md section 4, censored values).
    """
    found: dict[str, list[float]] = {}
    for values in samples:
        for element, one in values.items():
            found.setdefault(element, []).append(one.limit / 2 if one.below else one.low)
    return {element: sum(numbers) / len(numbers) for element, numbers in found.items()}
