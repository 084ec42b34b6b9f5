"""When a decision is news to a manager, and in which words."""

from assays.grading.models import Decision
from assays.grading.rules import Outcome

_BLOCKED = frozenset({Outcome.BLOCKED_QC, Outcome.BLOCKED_DATA})


def _flagged(decision: Decision | None) -> bool:
    """Return whether a decision counts as a flag: a provisional one does not yet."""
    return decision is not None and decision.outcome == Outcome.FLAGGED and not decision.provisional


def _blocked(decision: Decision | None) -> bool:
    return decision is not None and decision.outcome in _BLOCKED


def changes_news(before: Decision | None, after: Decision) -> bool:
    """Return whether a batch became flagged, stopped being so, or was newly blocked (PRODUCT.md, D4)."""
    return _flagged(before) != _flagged(after) or (_blocked(after) and not _blocked(before))


def headline(before: Decision | None, after: Decision) -> str:
    """Return the news in a few words."""
    batch = after.batch.code
    if _flagged(after):
        return f"{batch} is flagged"
    if _flagged(before):
        return f"{batch} is no longer flagged"
    return f"{batch} is blocked: " + ("QC" if after.outcome == Outcome.BLOCKED_QC else "data")
