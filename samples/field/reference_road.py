"""How the things of the road are told to a phone: consignments, people, routes, scales, documents, incidents."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from lims.accounts.models import Membership, Organisation, User
from lims.accounts.rules import OrganisationKind
from samples.custody.models import Consignment, Document, Incident, Route, Scale
from samples.custody.seen import detail_of
from samples.field.reference_words import applied, mine_of, moment, text
from samples.registry.models import Batch
from samples.registry.sight import Sight, sights_of


def consignments(_user: User, consignments: list[Consignment]) -> list[dict[str, Any]]:
    """Return consignments with their bags and legs."""
    items = [item for one in consignments for item in one.items.all()]
    seals = applied(item.sample_id for item in items)
    return [
        {
            "id": str(one.pk),
            "code": one.code,
            "state": one.state,
            "owner": str(one.owner_id),
            "carrier": str(one.carrier_id),
            "destination": str(one.destination_id),
            "items": [
                {
                    "sample": str(item.sample_id),
                    "tag": item.sample.tag.code,
                    "sealed_mass_g": str(item.sealed_mass_g),
                    "seal": seals.get(item.sample_id),
                    "state": item.state,
                }
                for item in one.items.all()
            ],
            "legs": [
                {
                    "position": leg.position,
                    "from": leg.from_name,
                    "to": leg.to_name,
                    "mode": leg.mode,
                    "due_at": moment(leg.due_at),
                    "done_at": moment(leg.done_at),
                }
                for leg in one.legs.all()
            ],
        }
        for one in consignments
    ]


def organisations(_user: User, organisations: list[Organisation]) -> list[dict[str, Any]]:
    """Return organisations by name and kind."""
    return [{"id": str(one.pk), "name": one.name, "kind": one.kind} for one in organisations]


def contacts(_user: User, people: list[User]) -> list[dict[str, Any]]:
    """Return people of carriers, each with the carrier."""
    rows = Membership.objects.filter(user__in=people, organisation__kind=OrganisationKind.CARRIER)
    where = dict(rows.order_by("id").values_list("user", "organisation"))
    return [
        {"id": str(one.pk), "name": one.name, "organisation": str(where[one.pk])}
        for one in people
        if one.pk in where
    ]


def routes(_user: User, routes: list[Route]) -> list[dict[str, Any]]:
    """Return routes with their legs."""
    return [
        {
            "id": str(route.pk),
            "name": route.name,
            "owner": str(route.owner_id),
            "legs": [
                {
                    "position": leg.position,
                    "from": leg.from_name,
                    "to": leg.to_name,
                    "mode": leg.mode,
                    "hours": str(leg.hours),
                }
                for leg in route.legs.all()
            ],
        }
        for route in routes
    ]


def scales(_user: User, scales: list[Scale]) -> list[dict[str, Any]]:
    """Return scales with the local day of their last passed check."""
    checked: dict[UUID, Any] = {}
    for scale in scales:
        passed = [check.at for check in scale.checks.all() if check.passed]
        if passed:
            checked[scale.pk] = timezone.localtime(max(passed)).date().isoformat()
    return [
        {
            "id": str(scale.pk),
            "name": scale.name,
            "division_g": str(scale.division_g),
            "checked_on": checked.get(scale.pk),
        }
        for scale in scales
    ]


def documents(_user: User, documents: list[Document]) -> list[dict[str, Any]]:
    """Return documents by kind and number."""
    return [
        {
            "id": str(one.pk),
            "kind": one.kind,
            "number": one.number,
            "owner": str(one.owner_id),
            "expires_on": one.expires_on.isoformat() if one.expires_on else None,
        }
        for one in documents
    ]


def incidents(user: User, incidents: list[Incident]) -> list[dict[str, Any]]:
    """Return incidents, as far as the person may read them."""
    batches: dict[UUID, Batch] = {}
    for one in incidents:
        batch = one.sample.batch if one.sample else one.batch
        if batch is not None:
            batches[batch.pk] = batch
    sights, mine = sights_of(user, batches.values()), set(mine_of(user))

    def sight(one: Incident) -> Sight:
        of = one.sample.batch_id if one.sample else one.batch_id
        if of is not None:
            return sights[of]
        road = one.consignment
        told = road is not None and ({road.owner_id, road.carrier_id} & mine or user.oversees)
        return Sight.ROUNDED if told else Sight.BLIND

    return [
        {
            "id": str(one.pk),
            "kind": one.kind,
            "detail": detail_of(one, sight(one)),
            "state": one.state,
            "sample": text(one.sample_id),
            "consignment": text(one.consignment_id),
        }
        for one in incidents
    ]
