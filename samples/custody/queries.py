"""Reads of custody: who has what, what is received, what is unexplained."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from lims.accounts.models import User
from lims.errors import NotFound, Place, Problem
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent, DocumentCheck, Incident, Seal
from samples.custody.rules import (
    DOCUMENT_LABELS,
    STANDING,
    Condition,
    DocumentKind,
    EventKind,
    ItemState,
)
from samples.custody.whereabouts import left_at
from samples.registry.models import Batch, Sample


def papers_missing(consignment: Consignment) -> list[str]:
    """Return which papers a consignment still lacks, in words."""
    given = set(DocumentCheck.objects.filter(consignment=consignment).values_list("kind", flat=True))
    return [DOCUMENT_LABELS[kind] for kind in DocumentKind if kind not in given]


def consignments_for(user: User) -> QuerySet[Consignment]:
    """Return the consignments that the person may see, with `bags`, `received`, `missing` and `mass_g`."""
    rows = Consignment.objects.visible_to(user).select_related("owner", "carrier", "destination")
    here = Q(items__state__in=[ItemState.RECEIVED, ItemState.UNEXPECTED])
    # What was split off travels on in another consignment.
    still = Q(items__state__in=[state for state in ItemState if state != ItemState.MOVED])
    return rows.annotate(
        bags=Count("items", filter=still),
        received=Count("items", filter=here),
        missing=Count("items", filter=Q(items__state=ItemState.MISSING)),
        mass_g=Sum("items__sealed_mass_g", filter=still),
    )


def consignment_for(user: User, pk: Any) -> Consignment:
    """Return the consignment, if the person may see it. Raises `NotFound` ("consignment-unknown")."""
    found = consignments_for(user).filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem("consignment-unknown", "There is no such consignment.", "Look it up.", Place(field="id"))
        )
    return found


def incidents_for(user: User) -> QuerySet[Incident]:
    """Return the incidents that the person may see, with bag and consignment."""
    rows = Incident.objects.visible_to(user)
    return rows.select_related(
        "sample__tag",
        "sample__batch",
        "consignment",
        "batch",
        "event",
        "explained_by",
        "judged_by",
        "assigned_to",
    )


def incident_for(user: User, pk: Any) -> Incident:
    """Return the incident, if the person may see it. Raises `NotFound` ("incident-unknown")."""
    found = incidents_for(user).filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem("incident-unknown", "There is no such incident.", "Look it up.", Place(field="id"))
        )
    return found


def blocking_incidents(batch: Batch) -> dict[UUID, list[Incident]]:
    """Return the incidents that keep samples of a batch out of decisions, by sample; three queries, four after a split.

    One of a whole consignment counts for every bag that was in it then. What was upheld keeps its samples out for good.
    """
    standing = Incident.objects.filter(blocking=True, state__in=sorted(STANDING)).order_by("id")
    found: dict[UUID, list[Incident]] = {}
    for incident in standing.filter(sample__batch=batch):
        assert incident.sample_id is not None
        found.setdefault(incident.sample_id, []).append(incident)
    of_all = standing.filter(sample=None, consignment__items__sample__batch=batch).distinct()
    whole = of_all.prefetch_related(
        Prefetch("consignment__items", ConsignmentItem.objects.filter(sample__batch=batch))
    )
    standing_of_all = list(whole.select_related("consignment"))
    lines = [
        (one, item) for one in standing_of_all if one.consignment for item in one.consignment.items.all()
    ]
    moved = any(item.state == ItemState.MOVED for _, item in lines)
    gone = left_at(ConsignmentItem.objects.filter(sample__batch=batch)) if moved else {}
    for incident, item in lines:
        at = gone.get((item.consignment_id, item.sample_id))
        if at is None or incident.opened_at <= at:
            found.setdefault(item.sample_id, []).append(incident)
    return found


def first_receipt_at(batch: Batch | UUID) -> datetime | None:
    """Return when the first bag of a batch was received by a laboratory."""
    rows = CustodyEvent.objects.filter(sample__batch=batch, kind=EventKind.RECEIVED).order_by("at")
    return rows.values_list("at", flat=True).first()


def custody_line(batch: Batch | UUID) -> list[CustodyEvent]:
    """Return what happened to a batch's consignments on the road, in order, with who gave and took."""
    rows = CustodyEvent.objects.filter(consignment__items__sample__batch=batch, sample=None).distinct()
    return list(
        rows.select_related(
            "consignment", "from_organisation", "to_organisation", "to_person", "to_outsider", "recorded_by"
        ).order_by("at", "id")
    )


def events_of(consignment: Consignment) -> list[CustodyEvent]:
    """Return what happened to a consignment as a whole, in order."""
    rows = CustodyEvent.objects.filter(consignment=consignment, sample=None)
    return list(
        rows.select_related(
            "consignment", "from_organisation", "to_organisation", "to_person", "to_outsider", "recorded_by"
        ).order_by("at", "id")
    )


def events_of_sample(sample: Sample) -> list[CustodyEvent]:
    """Return what happened to a bag by itself and with its consignments, in order."""
    consignments = ConsignmentItem.objects.filter(sample=sample).values("consignment")
    rows = CustodyEvent.objects.filter(Q(sample=sample) | Q(sample=None, consignment__in=consignments))
    told = rows.select_related(
        "consignment", "from_organisation", "to_organisation", "to_person", "to_outsider", "recorded_by"
    )
    gone = left_at(ConsignmentItem.objects.filter(sample=sample))
    # What happened to a consignment after a bag was split off it did not happen to the bag.
    return [
        event
        for event in told.order_by("at", "id")
        if event.consignment_id is None
        or event.sample_id is not None
        or (at := gone.get((event.consignment_id, sample.pk))) is None
        or event.recorded_at <= at
    ]


@dataclass(frozen=True, slots=True)
class ReceivedRow:
    """A bag of a receipt: what was expected and what was found."""

    item: ConsignmentItem
    seals: str
    incidents: tuple[Incident, ...]

    @property
    def is_problem(self) -> bool:
        """Return whether somebody must look at it."""
        absent = self.item.state in {ItemState.MISSING, ItemState.UNEXPECTED}
        return absent or bool(self.incidents) or self.item.condition in {Condition.DAMAGED, Condition.OPENED}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt in four numbers, its bags (problems first), and the bag that was received last."""

    expected: int
    received: int
    missing: int
    problems: int
    rows: list[ReceivedRow]
    last: ReceivedRow | None

    @property
    def unexpected(self) -> int:
        """Return how many bags came that are not on the manifest."""
        return sum(row.item.state == ItemState.UNEXPECTED for row in self.rows)

    @property
    def damaged(self) -> int:
        """Return how many bags were found damaged or opened."""
        return sum(row.item.condition in {Condition.DAMAGED, Condition.OPENED} for row in self.rows)

    @property
    def sealed_g(self) -> Decimal:
        """Return what the bags of the manifest that were received weighed when they were sealed, in g."""
        return sum((row.item.sealed_mass_g for row in self._here()), start=Decimal(0))

    @property
    def received_g(self) -> Decimal:
        """Return what the same bags weighed when they were received, in g."""
        return sum((row.item.received_mass_g or Decimal(0) for row in self._here()), start=Decimal(0))

    def _here(self) -> list[ReceivedRow]:
        return [row for row in self.rows if row.item.state == ItemState.RECEIVED]


def receipt_of(consignment: Consignment) -> Receipt:
    """Return how far a receipt is; three queries however many bags."""
    items = list(
        ConsignmentItem.objects.filter(consignment=consignment)
        .exclude(state=ItemState.MOVED)
        .select_related("sample__tag", "sample__batch", "received_by")
        .order_by("sample__tag__code")
    )
    seals = _seals(item.sample_id for item in items)
    incidents: dict[UUID, list[Incident]] = {}
    for incident in Incident.objects.filter(consignment=consignment, sample__isnull=False).order_by("id"):
        assert incident.sample_id is not None
        incidents.setdefault(incident.sample_id, []).append(incident)
    rows = [
        ReceivedRow(item, seals.get(item.sample_id, ""), tuple(incidents.get(item.sample_id, ())))
        for item in items
    ]
    here = [row for row in rows if row.item.received_at is not None]
    return Receipt(
        expected=sum(row.item.state != ItemState.UNEXPECTED for row in rows),
        received=len(here),
        missing=sum(row.item.state in {ItemState.PACKED, ItemState.MISSING} for row in rows),
        problems=sum(row.is_problem for row in rows),
        rows=sorted(rows, key=lambda row: (not row.is_problem, row.item.received_at is None)),
        last=max(here, key=_received_at, default=None),
    )


def _received_at(row: ReceivedRow) -> datetime:
    assert row.item.received_at is not None
    return row.item.received_at


def _seals(samples: Iterable[UUID]) -> dict[UUID, str]:
    """Return the seal that was put on each bag last, as people read it."""
    rows = Seal.objects.filter(sample__in=list(samples)).order_by("applied_at", "id")
    return {seal.sample_id: str(seal) for seal in rows}


def seals_for(user: User) -> QuerySet[Seal]:
    """Return the seals of bags that the person may see."""
    seen = Sample.objects.visible_to(user).values("pk")
    return Seal.objects.filter(sample__in=seen).select_related("sample__tag")


def happenings_for(user: User) -> QuerySet[CustodyEvent]:
    """Return what happened to bags and consignments that the person may see."""
    rows = CustodyEvent.objects.all()
    if not user.oversees:
        bags = Sample.objects.visible_to(user).values("pk")
        mine = Consignment.objects.visible_to(user).values("pk")
        rows = rows.filter(Q(sample__in=bags) | Q(sample=None, consignment__in=mine))
    return rows.select_related(
        "sample__tag",
        "sample__batch",
        "consignment",
        "from_organisation",
        "to_organisation",
        "to_person",
        "to_outsider",
    )


def bags_named(user: User, ids: Iterable[UUID]) -> list[Sample]:
    """Return these bags, if the person may see all of them. Raises `NotFound` ("sample-unknown") naming the others."""
    wanted = list(dict.fromkeys(ids))
    found = {
        bag.pk: bag
        for bag in Sample.objects.visible_to(user).filter(pk__in=wanted).select_related("batch", "tag")
    }
    unknown = [pk for pk in wanted if pk not in found]
    if unknown:
        raise NotFound(
            *(
                Problem("sample-unknown", f"There is no sample {pk}.", "Look it up.", Place(field="samples"))
                for pk in unknown
            )
        )
    return [found[pk] for pk in wanted]


def item_for(consignment: Consignment, pk: Any) -> ConsignmentItem:
    """Return a bag of a consignment by the id of its line. Raises `NotFound` ("bag-unknown")."""
    found = (
        ConsignmentItem.objects.filter(consignment=consignment, pk=pk).select_related("consignment").first()
    )
    if found is None:
        raise NotFound(
            Problem("bag-unknown", "There is no such bag in it.", "Look it up.", Place(field="id"))
        )
    return found
