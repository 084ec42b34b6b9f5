"""How much of what was asked for has been reported: "61 of 105 received"."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from assays.runs.models import RequestedSample, Run, RunItem
from assays.runs.rules import RunState
from lims.accounts.models import User
from lims.accounts.rules import Role
from samples.registry.models import Batch
from samples.registry.rules import Part


@dataclass(frozen=True, slots=True)
class Expected:
    """Samples that were asked for, and how many of them the laboratory has reported."""

    expected: int
    received: int

    @property
    def whole(self) -> bool:
        """Return whether everything that was asked for is there."""
        return self.received >= self.expected


def _reported() -> Exists:
    """Return whether the laboratory that was asked has reported a requested sample.

    A run that was built here counts for its own method only; one that a certificate brought, for any of the laboratory's.
    """
    by_method = Q(run__method=None) | Q(run__method=OuterRef("request__method"))
    return Exists(
        RunItem.objects.filter(
            by_method, sample=OuterRef("sample"), run__laboratory=OuterRef("request__method__laboratory")
        ).exclude(run__state__in=[RunState.PLANNED, RunState.OPEN])
    )


def expected_of(runs: Sequence[Run]) -> dict[UUID, Expected]:
    """Return what was asked for of the batches in each run, by run; those nobody asked for are not there; two queries.

    A sample that is wanted by several methods counts once.
    """
    pairs = RunItem.objects.filter(run__in=[run.pk for run in runs], sample__isnull=False)
    batches: dict[UUID, set[UUID]] = defaultdict(set)
    for pk, batch in pairs.values_list("run", "sample__batch").distinct():
        batches[pk].add(batch)
    wanted = {batch for found in batches.values() for batch in found}
    counts = {
        (batch, laboratory): (expected, received)
        for batch, laboratory, expected, received in RequestedSample.objects.filter(request__batch__in=wanted)
        .annotate(reported=_reported())
        .values("request__batch", "request__method__laboratory")
        .annotate(
            expected=Count("sample", distinct=True),
            received=Count("sample", distinct=True, filter=Q(reported=True)),
        )
        .values_list("request__batch", "request__method__laboratory", "expected", "received")
    }
    found = {}
    for run in runs:
        asked = [counts[key] for batch in batches[run.pk] if (key := (batch, run.laboratory_id)) in counts]
        if asked:
            found[run.pk] = Expected(sum(one for one, _ in asked), sum(one for _, one in asked))
    return found


def batches_of(user: User, runs: Sequence[Run]) -> dict[UUID, list[str]]:
    """Return the codes of the batches in each run, by run, as far as the person may see them; one query."""
    rows = RunItem.objects.filter(
        run__in=[run.pk for run in runs], sample__batch__in=Batch.objects.visible_to(user).values("pk")
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    pairs = rows.values_list("run", "sample__batch__code").distinct()
    for run, code in pairs.order_by("sample__batch__code"):
        found[run].append(code)
    return found


def asked_of(user: User) -> QuerySet[RequestedSample, dict[str, Any]]:
    """Return what was asked for and is not all there yet, the first due first, with `expected` and `received` samples.

    Only of batches that the laboratories test where the person works.
    """
    mine = user.organisations_as(Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER, Role.RECEPTIONIST)
    # An outside laboratory's methods are asked for through the one that tests the batch.
    tested = Batch.objects.filter(parties__organisation__in=mine, parties__part=Part.TESTER)
    rows = RequestedSample.objects.filter(request__batch__in=tested.values("pk")).annotate(
        reported=_reported()
    )
    found: QuerySet[RequestedSample, dict[str, Any]] = (
        rows.values(
            "request",
            batch=F("request__batch"),
            code=F("request__batch__code"),
            method=F("request__method__code"),
            laboratory=F("request__method__laboratory__name"),
            at=F("request__requested_at"),
            due_on=F("request__due_on"),
        )
        .annotate(expected=Count("pk"), received=Count("pk", filter=Q(reported=True)))
        .filter(received__lt=F("expected"))
        .order_by(F("request__due_on").asc(nulls_last=True), "request")
    )
    return found


def asked_for(batch: Batch) -> QuerySet[RequestedSample, dict[str, Any]]:
    """Return every analysis that was asked for a batch, the oldest first, with `expected` and `received` samples; one query."""
    rows = RequestedSample.objects.filter(request__batch=batch).annotate(reported=_reported())
    found: QuerySet[RequestedSample, dict[str, Any]] = (
        rows.values(
            "request",
            method=F("request__method__code"),
            laboratory=F("request__method__laboratory__name"),
            due_on=F("request__due_on"),
            agreed=F("request__agreed_rule"),
            hold_until=F("request__hold_until"),
            dispose_after=F("request__dispose_after"),
        )
        .annotate(expected=Count("pk"), received=Count("pk", filter=Q(reported=True)))
        .order_by("request")
    )
    return found
