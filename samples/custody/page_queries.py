"""Reads that only the pages of custody need: bags to pack, what was found on a bag, who may take over, a batch's road."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from lims.accounts.models import User
from lims.accounts.rules import OrganisationKind, Role
from samples.custody.models import (
    Consignment,
    ConsignmentItem,
    CustodyEvent,
    DocumentCheck,
    Incident,
    Seal,
)
from samples.custody.queries import consignments_for, incidents_for
from samples.custody.rules import (
    DOCUMENT_LABELS,
    ConsignmentState,
    DocumentKind,
    EventKind,
    IncidentState,
    ItemState,
    SealState,
)
from samples.custody.tag_checks import replacement_of
from samples.registry.models import Batch, BatchParty, Sample
from samples.registry.rules import SampleState

#: incidents that still wait for somebody
WAITING = (IncidentState.OPEN, IncidentState.EXPLAINED)
#: consignments that a laboratory may receive
AWAITED = (ConsignmentState.DISPATCHED, ConsignmentState.PARTLY_RECEIVED)


def loose_bags(consignment: Consignment) -> QuerySet[Sample]:
    """Return the owner's sealed bags that are in no consignment, with `seal` and `sealed_mass_g`."""
    seals = Seal.objects.filter(sample=OuterRef("pk"), state=SealState.APPLIED)
    sealed = CustodyEvent.objects.filter(sample=OuterRef("pk"), kind=EventKind.SEALED).order_by("-at", "-id")
    lines = ConsignmentItem.objects.filter(sample=OuterRef("pk")).order_by("-id")
    lines = lines.exclude(state__in=[ItemState.MISSING, ItemState.MOVED])
    # One that came back to its owner may travel again.
    free = Q(line=None) | Q(line__in=[ItemState.RECEIVED, ItemState.UNEXPECTED], came_back=True)
    rows = Sample.objects.filter(batch__owner=consignment.owner_id, state=SampleState.REGISTERED)
    return (
        rows.select_related("tag", "batch")
        .annotate(
            line=Subquery(lines.values("state")[:1]),
            came_back=Subquery(lines.values("consignment__returning")[:1]),
            seal=Subquery(seals.values("number")[:1]),
            sealed_mass_g=Subquery(sealed.values("gross_mass_g")[:1]),
        )
        .filter(free, seal__isnull=False)
        .order_by("batch__code", "tag__code")
    )


def unsealed_count(consignment: Consignment) -> int:
    """Return how many registered bags of the owner carry no seal yet."""
    sealed = Seal.objects.values("sample")
    rows = Sample.objects.filter(batch__owner=consignment.owner_id, state=SampleState.REGISTERED)
    return rows.exclude(pk__in=sealed).count()


def owners_bag(consignment: Consignment, code: str) -> Sample | None:
    """Return the owner's bag with this tag code, whatever became of it; None when there is none."""
    rows = Sample.objects.filter(batch__owner=consignment.owner_id, tag__code=code)
    return rows.select_related("tag", "batch").first()


def bag_in_hand(consignment: Consignment, code: str) -> Sample | None:
    """Return the bag whose tag was scanned, or whose tag took the place of it: of the manifest, or another one of the owner."""
    mine = Q(consignment_items__consignment=consignment) | Q(batch__owner=consignment.owner_id)
    known = Sample.objects.filter(pk__in=Sample.objects.filter(mine).values("pk")).select_related("tag")
    old = replacement_of(code)
    return known.filter(tag__code=code).first() or (
        known.filter(pk=old.sample_id).first() if old is not None else None
    )


def line_of(consignment: Consignment, sample: Sample) -> ConsignmentItem | None:
    """Return the line of a bag on a consignment's manifest; None when it is not on it."""
    rows = ConsignmentItem.objects.filter(consignment=consignment, sample=sample)
    return rows.select_related("sample__tag", "sample__batch", "received_by").first()


def applied_seal(sample: Sample) -> Seal | None:
    """Return the seal that is on a bag; None when there is none."""
    return Seal.objects.filter(sample=sample, state=SealState.APPLIED).first()


def applied_seals(consignment: Consignment) -> list[Seal]:
    """Return the seals on the bags of a consignment, each with its bag, in the order of tags."""
    rows = Seal.objects.filter(
        sample__consignment_items__consignment=consignment,
        sample__consignment_items__state=ItemState.PACKED,
        state=SealState.APPLIED,
    )
    return list(rows.select_related("sample__tag").order_by("sample__tag__code"))


def returnable(user: User) -> QuerySet[ConsignmentItem]:
    """Return the lines by which sealed bags came to the person's laboratories, which may send them to their owners."""
    mine = [m.organisation_id for m in user.roles if m.organisation.kind == OrganisationKind.LABORATORY]
    later = ConsignmentItem.objects.filter(sample=OuterRef("sample"), pk__gt=OuterRef("pk"))
    gone = [EventKind.LOST, EventKind.DISPOSED]
    rows = ConsignmentItem.objects.filter(
        consignment__destination__in=mine,
        consignment__returning=False,
        state__in=[ItemState.RECEIVED, ItemState.UNEXPECTED],
        sample__in=Seal.objects.filter(state=SealState.APPLIED).values("sample"),
    )
    rows = rows.exclude(Exists(later.exclude(state=ItemState.MISSING)))
    rows = rows.exclude(sample__in=CustodyEvent.objects.filter(kind__in=gone).values("sample"))
    return rows.select_related("sample__tag", "consignment").order_by("-received_at", "-id")


def found_on(item: ConsignmentItem) -> str:
    """Return the seals that were found on a bag when it was received, as people read them; empty when none."""
    rows = CustodyEvent.objects.filter(
        consignment=item.consignment_id,
        sample=item.sample_id,
        kind__in=[EventKind.RECEIVED, EventKind.RETURNED],
    )
    found = rows.order_by("-recorded_at", "-id").values_list("seals_found", flat=True).first()
    return ", ".join(" ".join(one) for one in found or [])


def papers_of(consignment: Consignment) -> list[dict[str, Any]]:
    """Return every paper that must travel with a consignment, with its number when it is there; one query."""
    rows = DocumentCheck.objects.filter(consignment=consignment).select_related("given_by")
    given = {paper.kind: paper for paper in rows}
    return [{"kind": kind, "label": DOCUMENT_LABELS[kind], "paper": given.get(kind)} for kind in DocumentKind]


def visible_samples(user: User, ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these samples the person may open."""
    return set(Sample.objects.visible_to(user).filter(pk__in=list(ids)).values_list("pk", flat=True))


def carriers_people(consignment: Consignment, *, besides: User) -> QuerySet[User]:
    """Return the carrier's active people who may take a consignment over from `besides`."""
    rows = User.objects.filter(is_active=True, memberships__organisation=consignment.carrier_id)
    return rows.exclude(pk=besides.pk).distinct().order_by("name")


def awaited_by(user: User) -> QuerySet[Consignment]:
    """Return the consignments that the person's laboratories wait for or have begun to receive, the most urgent first."""
    mine = [membership.organisation_id for membership in user.roles]
    rows = consignments_for(user).filter(destination__in=mine, state__in=AWAITED)
    return rows.order_by("planned_arrival", "id")


def waiting_incidents(user: User, consignments: Iterable[Consignment]) -> dict[UUID, int]:
    """Return how many incidents of each consignment still wait for somebody; one query."""
    rows = incidents_for(user).filter(consignment__in=list(consignments), state__in=WAITING)
    counted = rows.order_by().values("consignment").annotate(n=Count("pk"))
    return {row["consignment"]: row["n"] for row in counted}


@dataclass(frozen=True, slots=True)
class OnTheRoad:
    """What of a batch travels in one consignment: bags, those received, mass in g."""

    consignment: Consignment
    bags: int
    received: int
    mass_g: Any


def roads_of(user: User, batch: Batch) -> list[OnTheRoad]:
    """Return the consignments with bags of a batch that the person may see, the newest first; two queries."""
    here = Q(state__in=[ItemState.RECEIVED, ItemState.UNEXPECTED])
    items = ConsignmentItem.objects.filter(sample__batch=batch).exclude(state=ItemState.MOVED)
    rows = items.order_by().values("consignment")
    counted = {
        row["consignment"]: row
        for row in rows.annotate(
            bags=Count("pk"), received=Count("pk", filter=here), mass=Sum("sealed_mass_g")
        )
    }
    seen = Consignment.objects.visible_to(user).filter(pk__in=list(counted))
    found = seen.select_related("owner", "carrier", "destination").order_by("-id")
    return [
        OnTheRoad(one, counted[one.pk]["bags"], counted[one.pk]["received"], counted[one.pk]["mass"])
        for one in found
    ]


def explainers(incident: Incident, user: User) -> QuerySet[User]:
    """Return the active people whom `user` may ask to explain an incident: those who had or have the bags.

    A laboratory asks its own people: who carried the bags it is not told.
    """
    batch = incident.sample.batch if incident.sample is not None else incident.batch
    where = set()
    if batch is not None:
        where |= {
            batch.owner_id,
            *BatchParty.objects.filter(batch=batch).values_list("organisation", flat=True),
        }
    if incident.consignment is not None:
        held = incident.consignment
        where |= {held.owner_id, held.carrier_id, held.destination_id}
    mine = {m.organisation_id for m in user.roles}
    if all(m.organisation.kind == OrganisationKind.LABORATORY for m in user.roles):
        where &= mine
    roles = [Role.FIELD_COORDINATOR, Role.MANAGER, Role.CUSTODIAN, Role.RECEPTIONIST, Role.TECHNICIAN]
    rows = User.objects.filter(
        is_active=True, memberships__organisation__in=where, memberships__role__in=roles
    )
    return rows.distinct().order_by("name", "id")
