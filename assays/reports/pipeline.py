"""Where everything is: samples by the furthest stage that they have reached, and how long they have been there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    Func,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, In
from django.utils import timezone

from assays.certificates.models import Determination
from assays.grading.models import Decision
from assays.grading.queries import batches_read_by
from assays.reports.rules import STAGE_LABELS, STAGE_WAITS, Stage, age
from assays.runs.rules import RunState
from lims.accounts.models import User
from samples.custody.models import ConsignmentItem
from samples.registry.models import Sample
from samples.registry.rules import SampleState

_DAY_S: Final = 86_400


class Median(Aggregate):
    """The middle one of times, of both middle ones the earlier: an age that somebody really has."""

    function = "percentile_disc"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DateTimeField()


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many samples are in a stage, and the median age of their being there."""

    stage: Stage
    count: int
    median_since: datetime | None
    share: float

    @property
    def label(self) -> str:
        """Return the stage as people say it."""
        return STAGE_LABELS[self.stage]

    @property
    def waits(self) -> str:
        """Return what its samples wait for."""
        return STAGE_WAITS[self.stage]

    @property
    def age(self) -> str:
        """Return the median age in a few words."""
        if self.median_since is None:
            return age(None)
        return age((timezone.now() - self.median_since).total_seconds() / _DAY_S)


def _decided_tags() -> Any:
    """Return the tags that the standing decisions count; asked once, not for every sample."""
    standing = Decision.objects.order_by("batch", "-number").distinct("batch").values("pk")
    reported = Func(
        KeyTransform("reported", "sources"), function="jsonb_array_elements_text", output_field=CharField()
    )
    return Decision.objects.filter(pk__in=standing).annotate(counted=reported).values("counted")


def _reported(*, approved: bool) -> QuerySet[Determination]:
    rows = Determination.objects.filter(sample=OuterRef("pk"), certificate__successor=None)
    state = "certificate__run__state"
    return (
        rows.filter(**{state: RunState.APPROVED}) if approved else rows.exclude(**{state: RunState.APPROVED})
    )


def samples_by_stage(user: User) -> QuerySet[Sample]:
    """Return the registered samples whose decisions the person may read, each with `stage` and `since`."""
    bags = ConsignmentItem.objects.filter(sample=OuterRef("pk"))
    received = bags.filter(received_at__isnull=False).order_by("received_at")
    on_the_road = bags.filter(received_at=None, consignment__dispatched_at__isnull=False)
    stages = [
        When(In(F("tag__code"), _decided_tags()), then=Value(Stage.DECIDED.value)),
        When(Exists(_reported(approved=True)), then=Value(Stage.REVIEWED.value)),
        When(Exists(_reported(approved=False)), then=Value(Stage.ANALYSED.value)),
        When(Exists(received), then=Value(Stage.RECEIVED.value)),
        When(Exists(on_the_road), then=Value(Stage.IN_TRANSIT.value)),
    ]
    mine = batches_read_by(user)
    rows = Sample.objects.filter(state=SampleState.REGISTERED, blind_item=None, batch__in=mine)
    return rows.annotate(
        stage=Case(*stages, default=Value(Stage.REGISTERED.value), output_field=CharField())
    ).annotate(since=_since(received, on_the_road))


def _since(received: QuerySet[ConsignmentItem], on_the_road: QuerySet[ConsignmentItem]) -> Case:
    """Return since when a sample has been in its stage."""
    decisions = Decision.objects.filter(batch=OuterRef("batch")).order_by("-number")
    decided = Subquery(decisions.values("decided_at")[:1])
    reported = Determination.objects.filter(sample=OuterRef("pk"), certificate__successor=None).order_by()
    reviewed = Subquery(
        reported.filter(certificate__run__reviews__isnull=False)
        .values("sample")
        .annotate(at=Max("certificate__run__reviews__reviewed_at"))
        .values("at")
    )
    analysed = Subquery(
        reported.values("sample").annotate(at=Max("certificate__run__submitted_at")).values("at")
    )
    dispatched = Subquery(on_the_road.order_by("-id").values("consignment__dispatched_at")[:1])
    arrived = Subquery(received.values("received_at")[:1])
    since = {
        Stage.DECIDED: decided,
        Stage.REVIEWED: reviewed,
        Stage.ANALYSED: analysed,
        Stage.RECEIVED: arrived,
        Stage.IN_TRANSIT: dispatched,
    }
    whens = [
        When(Exact(F("stage"), stage.value), then=Coalesce(at, F("registered_at")))
        for stage, at in since.items()
    ]
    return Case(*whens, default=F("registered_at"), output_field=DateTimeField())


def _plain(rows: QuerySet[Sample]) -> Any:
    """Return rows without an order; annotated columns are beyond the type checker."""
    return rows.order_by()


def pipeline(user: User) -> list[StageCount]:
    """Return every stage with its count and median age, in the order of the road; one query."""
    rows: Any = _plain(samples_by_stage(user)).values("stage").annotate(n=Count("pk"), median=Median("since"))
    found = {row["stage"]: row for row in rows}
    total = sum(row["n"] for row in found.values())
    return [
        StageCount(
            stage,
            found[stage]["n"] if stage in found else 0,
            found[stage]["median"] if stage in found else None,
            found[stage]["n"] / total if stage in found else 0.0,
        )
        for stage in Stage
    ]
