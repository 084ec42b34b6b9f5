"""Reads of runs: who may see which, what waits for review, what was expected."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from assays.runs.models import AnalysisRequest, Moisture, RequestedSample, Run, RunItem
from assays.runs.rules import ItemKind, RunState
from lims.accounts.models import User
from lims.accounts.rules import Role
from lims.errors import NotFound, Place, Problem
from samples.registry.models import Batch, Sample


def batches_in(run: Run) -> list[UUID]:
    """Return the ids of the batches that have samples in a run, in key order."""
    found = RunItem.objects.filter(run=run, sample__isnull=False).values_list("sample__batch", flat=True)
    return sorted(set(found))


def runs_for(user: User, *, state: str = "") -> QuerySet[Run]:
    """Return the runs that the person may see, with counts of their items (`sample_count`, `qc_count`)."""
    of_samples = Q(items__kind=ItemKind.SAMPLE)
    rows = Run.objects.visible_to(user).select_related("laboratory", "kept_by", "submitted_by")
    rows = rows.annotate(
        sample_count=Count("items", filter=of_samples), qc_count=Count("items", filter=~of_samples)
    )
    return rows.filter(state=state) if state else rows


def overdue_for(user: User) -> list[Run]:
    """Return the runs of the person's laboratories that should be approved by now, the first due first; at most 20."""
    mine = user.organisations_as(Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER)
    late = runs_for(user).filter(kept_by__in=mine, due_on__lt=timezone.localdate())
    return list(late.exclude(state=RunState.APPROVED).order_by("due_on", "id")[:20])


def run_for(user: User, pk: Any) -> Run:
    """Return the run, if the person may see it. Raises `NotFound` ("run-unknown")."""
    found = runs_for(user).filter(pk=pk).first()
    if found is None:
        raise NotFound(Problem("run-unknown", "There is no such run.", "Look it up.", Place(field="run")))
    return found


def items_for(user: User, run: Run) -> QuerySet[RunItem]:
    """Return a run's items: its QC items, and those of samples that the person may see."""
    rows = RunItem.objects.filter(run=run).select_related("sample__tag", "material")
    seen = Sample.objects.visible_to(user).values("pk")
    return rows.filter(Q(sample=None) | Q(sample__in=seen))


def item_called(user: User, run: Run, label: str) -> RunItem:
    """Return the item that a run's certificate calls so, the first of several. Raises `NotFound` ("item-unknown")."""
    rows = items_for(user, run).filter(label__iexact=label.strip()).order_by("occurrence")
    found = rows.first()
    if found is None:
        message = f"No item of this run is called “{label.strip()[:60]}”."
        remedy = "Use its name as it stands in the results."
        raise NotFound(Problem("item-unknown", message, remedy, Place(field="item")))
    return found


def review_queue(user: User) -> QuerySet[Run]:
    """Return the runs that wait for a review in the person's laboratories, the oldest first."""
    return runs_for(user, state=RunState.REPORTED).filter(kept_by__in=user.organisations_as(Role.REVIEWER))


def requests_of(batch: Batch) -> QuerySet[AnalysisRequest]:
    """Return what was asked for a batch, the oldest first, with `expected` samples each."""
    return (
        AnalysisRequest.objects.filter(batch=batch)
        .select_related("method__laboratory", "requested_by")
        .annotate(expected=Count("samples"))
        .order_by("id")
    )


def requested(batch: Batch) -> list[tuple[UUID, UUID, str]]:
    """Return (sample id, laboratory id, method code in lower case) of everything that was asked for a batch."""
    rows = RequestedSample.objects.filter(request__batch=batch).values_list(
        "sample", "request__method__laboratory", "request__method__code"
    )
    return [(sample, laboratory, code.casefold()) for sample, laboratory, code in rows]


def dry_fractions(samples: Iterable[UUID]) -> dict[UUID, tuple[UUID, Decimal]]:
    """Return for samples with a moisture record its id and dry mass / wet mass; the newest record counts."""
    rows = Moisture.objects.filter(sample__in=list(samples)).order_by("sample", "-id").distinct("sample")
    return {row.sample_id: (row.pk, row.dry_g / row.wet_g) for row in rows}
