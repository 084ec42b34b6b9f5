"""What a phone takes along: mines, batches, tags, bags, consignments, people … as far as its person may see them.

Each kind is two querysets, what the person may know of and what of it is current, and a function that shapes rows with
a number of queries that does not grow with them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Prefetch, Q, QuerySet

from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind
from samples.custody.models import (
    Consignment,
    ConsignmentItem,
    ConsignmentLeg,
    Document,
    Incident,
    Route,
    RouteLeg,
    Scale,
)
from samples.custody.rules import ConsignmentState, IncidentState
from samples.field import reference_mine as mine
from samples.field import reference_road as road
from samples.field.reference_words import mine_of
from samples.registry.models import Batch, BatchParty, Mine, Sample, TagBlock
from samples.registry.rules import BatchState, Part

#: bags that a phone keeps: the newest
MOST_SAMPLES: Final = 5_000
MOST_INCIDENTS: Final = 500
_UNDER_WAY: Final = (
    ConsignmentState.PACKING,
    ConsignmentState.DISPATCHED,
    ConsignmentState.PARTLY_RECEIVED,
)
Shape = Callable[[User, list[Any]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of reference data: what a person may know of, what of it a phone keeps, and how it is told."""

    visible: Callable[[User], QuerySet[Any]]
    current: Callable[[User], QuerySet[Any]]
    shape: Shape
    most: int = MOST_SAMPLES


# --- Who may know of what -------------------------------------------------------------------------------


def _visible_samples(user: User) -> QuerySet[Sample]:
    return Sample.objects.filter(batch__owner__in=mine_of(user)).select_related("tag")


def _visible_consignments(user: User) -> QuerySet[Consignment]:
    items = ConsignmentItem.objects.select_related("sample__tag").order_by("sample__tag__code")
    legs = ConsignmentLeg.objects.order_by("position")
    return Consignment.objects.visible_to(user).prefetch_related(
        Prefetch("items", items), Prefetch("legs", legs)
    )


def _visible_organisations(user: User) -> QuerySet[Organisation]:
    others = Q(kind__in=[OrganisationKind.CARRIER, OrganisationKind.LABORATORY])
    return Organisation.objects.filter(others | Q(pk__in=mine_of(user)))


def _visible_contacts(user: User) -> QuerySet[User]:
    """Return the people of carriers that the person works for, or that carry or hold what the person may see."""
    carriers = Organisation.objects.filter(kind=OrganisationKind.CARRIER)
    batches = Batch.objects.visible_to(user).values("pk")
    holders = BatchParty.objects.filter(part=Part.HOLDER, batch__in=batches)
    met = (
        Q(pk__in=mine_of(user))
        | Q(pk__in=Consignment.objects.visible_to(user).values("carrier"))
        | Q(pk__in=holders.values("organisation"))
    )
    return User.objects.filter(memberships__organisation__in=carriers.filter(met).values("pk")).distinct()


def _visible_incidents(user: User) -> QuerySet[Incident]:
    return Incident.objects.visible_to(user).select_related("sample__batch", "batch", "consignment", "event")


def _visible_scales(user: User) -> QuerySet[Scale]:
    return Scale.objects.visible_to(user).prefetch_related("checks")


def _visible_routes(user: User) -> QuerySet[Route]:
    return Route.objects.visible_to(user).prefetch_related(
        Prefetch("legs", RouteLeg.objects.order_by("position"))
    )


def _my_blocks(user: User) -> QuerySet[TagBlock]:
    return TagBlock.objects.filter(coordinator=user)


def _batch_rows(user: User) -> QuerySet[Batch]:
    return Batch.objects.visible_to(user).select_related("plan").prefetch_related("plan__sites")


KINDS: Final[Mapping[str, Kind]] = {
    "mines": Kind(Mine.objects.visible_to, Mine.objects.visible_to, mine.mines),
    "batches": Kind(_batch_rows, lambda user: _batch_rows(user).filter(state=BatchState.OPEN), mine.batches),
    "tag_blocks": Kind(_my_blocks, lambda user: _my_blocks(user).filter(released_at=None), mine.tag_blocks),
    "samples": Kind(
        _visible_samples,
        lambda user: _visible_samples(user).filter(batch__state=BatchState.OPEN),
        mine.samples,
    ),
    "consignments": Kind(
        _visible_consignments,
        lambda user: _visible_consignments(user).filter(state__in=_UNDER_WAY),
        road.consignments,
    ),
    "organisations": Kind(_visible_organisations, _visible_organisations, road.organisations),
    "contacts": Kind(
        _visible_contacts, lambda user: _visible_contacts(user).filter(is_active=True), road.contacts
    ),
    "routes": Kind(_visible_routes, lambda user: _visible_routes(user).filter(retired_at=None), road.routes),
    "scales": Kind(_visible_scales, lambda user: _visible_scales(user).filter(retired_at=None), road.scales),
    "documents": Kind(Document.objects.visible_to, Document.objects.visible_to, road.documents),
    "incidents": Kind(
        _visible_incidents,
        lambda user: _visible_incidents(user).filter(state__in=[IncidentState.OPEN, IncidentState.EXPLAINED]),
        road.incidents,
        most=MOST_INCIDENTS,
    ),
}


def whole(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return everything that a person's phone keeps, by kind, the newest first where there are too many."""
    return {
        name: kind.shape(user, list(kind.current(user).order_by("-pk")[: kind.most]))
        for name, kind in KINDS.items()
    }


def some(user: User, ids: Mapping[str, set[str]]) -> dict[str, list[dict[str, Any]]]:
    """Return the things with these ids as they are now; {id, gone: true} for those that a phone shall forget."""
    told = {}
    for name, wanted in ids.items():
        kind = KINDS[name]
        found = kind.shape(user, list(kind.current(user).filter(pk__in=wanted)))
        left = wanted - {one["id"] for one in found}
        ended = kind.visible(user).filter(pk__in=left).values_list("pk", flat=True) if left else []
        changed = [*found, *({"id": str(pk), "gone": True} for pk in ended)]
        if changed:
            told[name] = changed
    return told
