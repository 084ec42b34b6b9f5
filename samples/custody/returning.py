"""Verbs of the way back: a consignment turned round on the road, and bags that a laboratory sends to their owner."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind
from lims.errors import Conflict, Invalid, Place, Problem, conflict, invalid
from lims.ids import uuid7
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.happenings import Here, check_here, happened, last_event
from samples.custody.limits import limits_of
from samples.custody.manifest import held_consignment, let_see, manifest_digest, next_code, seals_on
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent
from samples.custody.packing import sealed_masses
from samples.custody.road_checks import check_road
from samples.custody.rules import ConsignmentState, EventKind, ItemState
from samples.registry.arguments import person_of, said
from samples.registry.models import Sample

#: a laboratory has a bag whose line says so
_THERE = (ItemState.RECEIVED, ItemState.UNEXPECTED)


@verb
def turn_back(*, actor: Actor, consignment: Consignment, here: Here, reason: str) -> Consignment:
    """Turn a consignment round on the road: it travels to its owner now, who receives it.

    Raises `Invalid` ("field-required", "date-in-future", …) or `Conflict` ("consignment-not-so", "turned-already",
    "bag-received": split off what is to go back).
    """
    permit(actor, "custody.carry", consignment)
    check_here(here)
    why = said(reason, field="reason", most=500)
    held = held_consignment(consignment, ConsignmentState.DISPATCHED)
    if held.returning:
        raise conflict("turned-already", f"{held} is on its way back already.", "Nothing is to be done.")
    if held.items.filter(state__in=_THERE).exists():
        message = f"{held.destination} has received bags of it."
        raise conflict("bag-received", message, "Split off the bags that go back, and turn those round.")
    was_for = held.destination
    held.returning, held.turned_back_at, held.destination = True, here.at, held.owner
    # When it was to reach the laboratory tells nothing of when it is back.
    held.planned_arrival = None
    held.save(update_fields=["returning", "turned_back_at", "destination", "planned_arrival"])
    before = last_event(held)
    event = happened(
        EventKind.DEPARTED,
        replace(here, note=f"Turned back on the way to {was_for}: {why} {here.note}".strip()),
        consignment=held,
        from_organisation=held.carrier,
        to_organisation=held.carrier,
        recorded_by=person_of(actor),
    )
    check_road(before, event, held, limits=limits_of(held.owner_id))
    return held


@verb
def send_back(
    *,
    actor: Actor,
    samples: Sequence[Sample],
    carrier: Organisation,
    here: Here,
    consignment_id: UUID | None = None,
) -> Consignment:
    """Send bags that a laboratory has to their owner, sealed, as one consignment that leaves at once.

    Raises `Invalid` with a problem for each bag ("bag-not-here", "bag-disposed", "bag-lost", "sample-not-sealed"), or
    ("bags-missing", "owners-differ", "laboratories-differ", "part-does-not-fit"), or `Conflict`
    ("sample-in-one-consignment", "id-used").
    """
    check_here(here)
    if not samples:
        raise invalid("bags-missing", "No bag is named.", "Choose those that go back.", field="samples")
    if carrier.kind != OrganisationKind.CARRIER:
        raise invalid("part-does-not-fit", f"{carrier} is no carrier.", "Choose one.", field="carrier")
    laboratory = _laboratory(actor, samples)
    found = _held(samples)
    seals, masses = seals_on(bag.pk for bag in found), sealed_masses([bag.pk for bag in found])
    unsealed = [
        Problem("sample-not-sealed", f"{bag} carries no seal.", "Seal it anew first.", Place(field="samples"))
        for bag in found
        if bag.pk not in seals
    ]
    if unsealed:
        raise Invalid(*unsealed)
    owner = found[0].batch.owner
    new = Consignment.objects.create(
        id=consignment_id or uuid7(),
        code=next_code(),
        owner=owner,
        carrier=carrier,
        destination=owner,
        state=ConsignmentState.DISPATCHED,
        manifest_sha256=manifest_digest([]),
        dispatched_at=here.at,
        dispatched_by=person_of(actor),
        returning=True,
        sent_by=laboratory,
        created_by=person_of(actor),
    )
    items = ConsignmentItem.objects.bulk_create(
        ConsignmentItem(consignment=new, sample=bag, sealed_mass_g=masses[bag.pk]) for bag in found
    )
    new.manifest_sha256 = manifest_digest(items)
    new.save(update_fields=["manifest_sha256"])
    let_see(new, items)
    facts: dict[str, Any] = {"consignment": new, "recorded_by": person_of(actor), "to_organisation": carrier}
    happened(EventKind.HANDED_OVER, here, from_organisation=laboratory, **facts)
    happened(EventKind.DEPARTED, replace(here, id=None, note=""), from_organisation=carrier, **facts)
    return new


def last_receipts(samples: Sequence[UUID]) -> dict[UUID, ConsignmentItem]:
    """Return by which line each bag was received last, by a laboratory or by its owner; one query."""
    rows = ConsignmentItem.objects.filter(sample__in=list(samples), state__in=_THERE)
    last = rows.order_by("sample", "-received_at", "-id").distinct("sample")
    return {item.sample_id: item for item in last.select_related("consignment__destination")}


def _laboratory(actor: Actor, samples: Sequence[Sample]) -> Organisation:
    """Return the one laboratory that has all of these bags, for which the actor works."""
    lines = last_receipts([sample.pk for sample in samples])
    strange = [
        Problem("bag-not-here", f"{bag} is in no laboratory.", "Leave it out.", Place(field="samples"))
        for bag in samples
        if bag.pk not in lines or lines[bag.pk].consignment.returning
    ]
    if strange:
        raise Invalid(*strange)
    for line in lines.values():
        permit(actor, "custody.receive", line.consignment)
    where = {line.consignment.destination_id: line.consignment.destination for line in lines.values()}
    if len(where) > 1:
        raise invalid(
            "laboratories-differ",
            "Different laboratories have these bags.",
            "Each sends its own.",
            field="samples",
        )
    return next(iter(where.values()))


def _held(samples: Sequence[Sample]) -> list[Sample]:
    """Return the bags, locked, if they are one owner's and none of them is gone."""
    rows = Sample.objects.select_for_update(of=("self",), no_key=True).select_related("batch__owner", "tag")
    found = list(rows.filter(pk__in=[sample.pk for sample in samples]).order_by("pk"))
    gone = CustodyEvent.objects.filter(sample__in=found, kind__in=[EventKind.LOST, EventKind.DISPOSED])
    kinds = dict(gone.values_list("sample", "kind"))
    problems = [
        Problem(
            "bag-lost" if kinds[bag.pk] == EventKind.LOST else "bag-disposed",
            f"{bag} is gone.",
            "Leave it out.",
            Place(field="samples"),
        )
        for bag in found
        if bag.pk in kinds
    ]
    if problems:
        raise Conflict(*problems)
    if len({bag.batch.owner_id for bag in found}) > 1:
        message = "These bags are of different owners."
        raise invalid("owners-differ", message, "Send each owner's by themselves.", field="samples")
    return found
