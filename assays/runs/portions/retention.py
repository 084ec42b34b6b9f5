"""Reads of retention: which rule counts, from which day a portion may be thrown away, what is due."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from assays.runs.models import Portion, RequestedSample, RetentionRule, Retest, RunItem
from assays.runs.portions.rules import later
from assays.runs.rules import PortionState, RunState
from lims.accounts.models import Organisation

#: runs that may still need what a portion holds
UNFINISHED = (RunState.PLANNED, RunState.OPEN, RunState.REPORTED)


def day_of(at: datetime) -> date:
    """Return the day by which retention counts, in UTC: the same for everybody, wherever they read it."""
    return at.astimezone(UTC).date()


def retention_rules(laboratory: Organisation | UUID) -> dict[str, RetentionRule]:
    """Return the rules that count in a laboratory, by kind of portion: the newest version of each."""
    rows = RetentionRule.objects.filter(laboratory=laboratory).select_related("made_by")
    return {rule.kind: rule for rule in rows.order_by("kind", "-version").distinct("kind")}


def with_first_day(rows: QuerySet[Portion]) -> QuerySet[Portion]:
    """Add to portions until when the owner asked to keep them (`asked_until`), and whether a run needs them (`needed`)."""
    asked = RequestedSample.objects.filter(
        sample=OuterRef("sample"), request__method__laboratory=OuterRef("laboratory")
    )
    until = asked.values("sample").annotate(
        last=Max(Greatest("request__dispose_after", "request__hold_until"))
    )
    running = RunItem.objects.filter(portion=OuterRef("pk"), run__state__in=UNFINISHED)
    retests = Retest.objects.filter(item__portion=OuterRef("pk"), done_in=None)
    return rows.annotate(
        asked_until=Subquery(until.order_by().values("last")), needed=Exists(running) | Exists(retests)
    )


def first_day_of(portion: Portion) -> date | None:
    """Return the first day on which a portion of `with_first_day` may be thrown away; None while nobody has said.

    The later of the laboratory's rule and the owner's request counts; a request holds through its last day.
    """
    asked: date | None = portion.asked_until  # type: ignore[attr-defined]  # annotated
    return later(portion.keep_until, asked and asked + timedelta(days=1))


def first_days(portions: Iterable[UUID]) -> dict[UUID, tuple[date | None, bool]]:
    """Return for portions from when they may be thrown away, and whether a run still needs them; one query."""
    rows = with_first_day(Portion.objects.filter(pk__in=list(portions)))
    return {row.pk: (first_day_of(row), row.needed) for row in rows}  # type: ignore[attr-defined]  # annotated


def due_for_disposal(laboratory: Organisation | UUID, on: date) -> QuerySet[Portion]:
    """Return what a laboratory may throw away on a day, the longest due first: its time is over and no run needs it."""
    rows = with_first_day(Portion.objects.filter(laboratory=laboratory, state=PortionState.HELD))
    by_rule, by_owner = (
        Q(keep_until=None) | Q(keep_until__lte=on),
        Q(asked_until=None) | Q(asked_until__lt=on),
    )
    said = ~Q(keep_until=None, asked_until=None)
    return (
        rows.filter(by_rule, by_owner, said, Q(needed=False))
        .select_related("sample__tag", "place", "laboratory")
        .order_by(F("keep_until").asc(nulls_last=True), "id")
    )
