"""What a manager's dashboard says: which batches are flagged or changed, and a sentence of it all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.safestring import SafeString

from assays.grading.models import Decision
from assays.grading.queries import standing_decisions
from assays.grading.rules import Outcome
from assays.reports.pipeline import StageCount
from assays.reports.rules import Stage, formula
from assays.reports.sparkline import sparkline
from assays.reports.words import criterion_name, several
from lims.accounts.models import User

#: what changed in this time is news
NEWS: Final = timedelta(days=7)
_BLOCKED: Final = frozenset({Outcome.BLOCKED_QC, Outcome.BLOCKED_DATA})


@dataclass(frozen=True, slots=True)
class Spark:
    """One criterion of a decision in a list: its name and its picture (or why there is none)."""

    name: str
    picture: SafeString | None
    said: str


@dataclass(frozen=True, slots=True)
class Row:
    """One batch with the decision that stands for it."""

    decision: Decision
    sparks: tuple[Spark, ...]
    news: str


def decisions_with_news(user: User) -> QuerySet[Decision]:
    """Return the standing decisions, each with `was` and `was_provisional` of the one before; newest first."""
    before = Decision.objects.filter(batch=OuterRef("batch"), number__lt=OuterRef("number")).order_by(
        "-number"
    )
    return (
        standing_decisions(user)
        .annotate(
            was=Subquery(before.values("outcome")[:1]),
            was_provisional=Subquery(before.values("provisional")[:1]),
        )
        .order_by("-decided_at", "-id")
    )


def notable(decisions: QuerySet[Decision], now: datetime) -> QuerySet[Decision]:
    """Narrow to what a manager wants to see: flagged, blocked, or decided within the last days."""
    return decisions.filter(Q(outcome__in=[Outcome.FLAGGED, *_BLOCKED]) | Q(decided_at__gte=now - NEWS))


def row_of(decision: Any, now: datetime) -> Row:
    """Return a decision (with `was`) as a row of the dashboard."""
    return Row(decision, sparks_of(decision), _news(decision, now))


def sparks_of(decision: Decision) -> tuple[Spark, ...]:
    """Return the criteria of a decision as sparklines."""
    sparks = []
    for row, criterion in zip(decision.criteria, decision.case["policy"]["criteria"], strict=True):
        name, unit = criterion_name(criterion), "%" if criterion.get("metric") == "share" else "ppm"
        said = f"{name}: {row['reason']}" if row["mean"] is None else _said(name, unit, row)
        picture = None
        if row["mean"] is not None:
            picture = sparkline(
                lower=row["lower"],
                mean=row["mean"],
                upper=row["upper"],
                threshold=row["threshold"],
                outcome=row["outcome"],
                said=said,
            )
        sparks.append(Spark(name, picture, said))
    return tuple(sparks)


def _said(name: str, unit: str, row: Any) -> str:
    low = "open" if row["lower"] is None else f"{row['lower']:.4g}"
    high = "open" if row["upper"] is None else f"{row['upper']:.4g}"
    return f"{name} {low} to {high} {unit}, threshold {row['threshold']:g}"


def _news(decision: Any, now: datetime) -> str:
    """Return how a decision differs from the one before, while that is news."""
    if decision.decided_at < now - NEWS:
        return ""
    if decision.was is None:
        return "new"
    if decision.was != decision.outcome:
        words = {
            Outcome.FLAGGED: "flagged",
            Outcome.NOT_FLAGGED: "not flagged",
            Outcome.INCONCLUSIVE: "inconclusive",
        }
        return f"was {words.get(decision.was, 'blocked')}"
    if decision.was_provisional and not decision.provisional:
        return "was provisional"
    return "decided anew"


@dataclass(frozen=True, slots=True)
class Counts:
    """What the dashboard's sentence counts."""

    flagged: int
    withdrawn: int
    blocked: int
    in_transit: int
    overdue: int


def counts(decisions: Any, stages: Sequence[StageCount], overdue: int, now: datetime) -> Counts:
    """Return the counts of the sentence; one light query, however many batches."""
    found = list(decisions.order_by().values_list("outcome", "provisional", "was", "decided_at"))
    return Counts(
        flagged=sum(outcome == Outcome.FLAGGED and not provisional for outcome, provisional, _, _ in found),
        withdrawn=sum(
            was == Outcome.FLAGGED and outcome != Outcome.FLAGGED and at >= now - NEWS
            for outcome, _, was, at in found
        ),
        blocked=sum(outcome in _BLOCKED for outcome, _, _, _ in found),
        in_transit=next(one.count for one in stages if one.stage is Stage.IN_TRANSIT),
        overdue=overdue,
    )


def sentence(found: Counts) -> str:
    """Return the state of everything in a sentence.

    >>> sentence(Counts(3, 1, 0, 41, 2))
    '3 batches flagged, 1 withdrawn in the last 7 days; 41 samples in transit, 2 consignments overdue.'
    >>> sentence(Counts(0, 0, 0, 0, 0))
    'No batch is flagged; nothing is on the road.'
    """
    first = (
        f"{several(found.flagged, 'batch', 'batches')} flagged" if found.flagged else "No batch is flagged"
    )
    parts = [first]
    if found.withdrawn:
        parts.append(f"{found.withdrawn} withdrawn in the last {NEWS.days} days")
    if found.blocked:
        parts.append(f"{found.blocked} blocked")
    road = (
        f"{several(found.in_transit, 'sample')} in transit" if found.in_transit else "nothing is on the road"
    )
    if found.overdue:
        road += f", {several(found.overdue, 'consignment')} overdue"
    return f"{', '.join(parts)}; {road}."


def pretty(sentence_of_decision: str, decision: Decision) -> str:
    """Return a decision's sentence with its oxides as they are printed."""
    for one in decision.case["policy"]["criteria"]:
        sentence_of_decision = sentence_of_decision.replace(one["oxide"], formula(one["oxide"]))
    return sentence_of_decision


def now() -> datetime:
    """Return the time that a page counts from."""
    return timezone.now()
