"""What would settle it: how many more units, if mean and spread stay."""

from collections.abc import Callable
from typing import Final

from assays.grading.estimator.interval import Spread
from assays.grading.estimator.model import FEWEST_EFFECTIVE, FEWEST_UNITS, Bounds, Criterion

#: more than this is no plan
MOST: Final = 100_000


def settled_by(
    criterion: Criterion,
    low: Spread,
    high: Spread,
    bounds: Bounds,
    excess: float,
    *,
    may_flag: bool,
    may_reject: bool,
) -> int | None:
    """Return the smallest number of additional units with which the criterion is decided; None when none does.

    `excess` is the blanks', in the spreads' unit. Uncertainty of the bias does not shrink with samples: where it alone
    spans the threshold, better reference materials or an umpire are needed instead. Values over range forbid one
    side (`may_flag`, `may_reject`), however many samples there are.
    """
    threshold = criterion.threshold / (100.0 if criterion.is_share else 1.0)

    def enough(spread: Spread) -> bool:
        return spread.n >= FEWEST_UNITS and spread.n_eff >= FEWEST_EFFECTIVE

    def flags(more: int) -> bool:
        grown = low.grown(more)
        return enough(grown) and grown.mean - grown.margin(bounds.alpha) - excess >= threshold

    def rejects(more: int) -> bool:
        grown = high.grown(more)
        return enough(grown) and grown.mean + grown.margin(bounds.alpha_reject) < threshold

    last = low.endless()
    if may_flag and last.mean - last.margin(bounds.alpha) - excess >= threshold:
        return _smallest(flags)
    last = high.endless()
    if may_reject and last.mean + last.margin(bounds.alpha_reject) < threshold:
        return _smallest(rejects)
    return None


def _smallest(holds: Callable[[int], bool]) -> int | None:
    """Return the smallest number from 1 for which `holds` is true; it stays true from there on."""
    top = 1
    while not holds(top):
        top *= 2
        if top > MOST:
            return None
    bottom = top // 2
    while top - bottom > 1:
        middle = (top + bottom) // 2
        if holds(middle):
            top = middle
        else:
            bottom = middle
    return top
