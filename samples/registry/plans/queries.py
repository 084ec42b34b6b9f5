"""How far a batch is with its plan; constant queries."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from samples.registry.models import Batch, BlindItem, Sample, SamplingPlan
from samples.registry.plans.rules import outside, site_key
from samples.registry.rules import BlindKind, SampleState


@dataclass(frozen=True, slots=True)
class SiteProgress:
    """A site of the plan: how many samples were planned there and how many are registered; its place in degrees."""

    name: str
    planned: int
    registered: int
    latitude: Decimal | None
    longitude: Decimal | None
    note: str

    @property
    def left(self) -> int:
        """Return how many are still to come."""
        return max(self.planned - self.registered, 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """A plan and what has come of it; blind items are no samples and counted apart."""

    plan: SamplingPlan
    sites: tuple[SiteProgress, ...]
    registered: int
    outside: frozenset[UUID]
    blanks: int
    crms: int
    frozen_at: datetime | None
    frozen_by: str

    @property
    def percent(self) -> int:
        """Return how much of the plan is there, in per cent of its number, at most 100."""
        within = self.registered - len(self.outside)
        return min(100 * within // self.plan.planned_number, 100)


def plan_of(batch: Batch) -> SamplingPlan | None:
    """Return a batch's plan, if it has one."""
    return SamplingPlan.objects.filter(batch=batch).select_related("frozen_by", "created_by").first()


def outside_plan(batch: Batch) -> frozenset[UUID]:
    """Return the ids of the samples of a batch that are outside its plan; none without a plan."""
    found = progress_of(batch)
    return found.outside if found is not None else frozenset()


def outside_of(batch_id: UUID) -> frozenset[UUID]:
    """Return the ids of the samples that are outside the plan of the batch with this id; none without a plan."""
    plan = SamplingPlan.objects.filter(batch=batch_id).select_related("batch").first()
    return outside_plan(plan.batch) if plan else frozenset()


def progress_of(batch: Batch) -> Progress | None:
    """Return how far a batch is with its plan; None without one. Four queries, however many samples."""
    plan = plan_of(batch)
    if plan is None:
        return None
    rows = Sample.objects.filter(batch=batch, state=SampleState.REGISTERED, blind_item=None)
    samples = list(rows.order_by("registered_at", "id").values_list("pk", "site"))
    sites = list(plan.sites.order_by("position", "id"))
    numbers = {site_key(site.name): site.planned_number for site in sites}
    counts = Counter(site_key(name) for _, name in samples)
    kinds = Counter(
        BlindItem.objects.filter(sample__batch=batch, sample__state=SampleState.REGISTERED).values_list(
            "kind", flat=True
        )
    )
    return Progress(
        plan=plan,
        sites=tuple(
            SiteProgress(
                site.name,
                site.planned_number,
                counts[site_key(site.name)],
                site.latitude,
                site.longitude,
                site.note,
            )
            for site in sites
        ),
        registered=len(samples),
        outside=outside(samples, numbers, plan.planned_number),
        blanks=kinds[BlindKind.BLANK],
        crms=kinds[BlindKind.CRM],
        frozen_at=plan.frozen_at,
        frozen_by=plan.frozen_by.name if plan.frozen_by else "",
    )
