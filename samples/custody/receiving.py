"""Verbs of receiving: bag by bag, in any order, interrupted and taken up again."""

from decimal import Decimal

from django.db.models import Q

from lims.errors import Conflict, NotFound, Place, Problem, conflict
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from lims.work.services import request
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.happenings import (
    DECIDE,
    Here,
    check_here,
    happened,
    last_event,
)
from samples.custody.limits import limits_of
from samples.custody.manifest import held_consignment
from samples.custody.mass_checks import check_drying
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent, Scale
from samples.custody.receipt_checks import Seals, check_bag
from samples.custody.road_checks import check_road
from samples.custody.routes.legs import reach_legs
from samples.custody.rules import (
    CONSIGNMENT_TRANSITIONS,
    ITEM_TRANSITIONS,
    Condition,
    ConsignmentState,
    EventKind,
    ItemState,
)
from samples.custody.tag_checks import check_tag, replacement_of
from samples.registry.arguments import one_of, person_of
from samples.registry.models import BatchParty, Sample
from samples.registry.rules import Part, check_mass, read_tag, show_tag

PIN = "assays.pin_policy"
_AWAITED = (ConsignmentState.DISPATCHED, ConsignmentState.PARTLY_RECEIVED)


@verb
def receive_bag(
    *,
    actor: Actor,
    consignment: Consignment,
    tag: str,
    mass_g: Decimal,
    seals: Seals,
    condition: str,
    here: Here,
    scale: Scale | None = None,
    drying_loss_g: Decimal | None = None,
) -> ConsignmentItem:
    """Receive one bag in the laboratory: gross mass (g), seals found, condition; the checks open incidents.

    `drying_loss_g` is what it was declared to have lost by drying. A bag that is not on the manifest is received as unexpected. Raises `Invalid` ("tag-malformed",
    "tag-check-character", "mass-not-positive"), `NotFound` ("tag-unknown") or `Conflict` ("bag-received").
    """
    permit(actor, "custody.receive", consignment)
    check_here(here)
    check_mass(mass_g)
    check_drying(drying_loss_g)
    found = one_of(Condition, condition, field="condition")
    held = held_consignment(consignment, *_AWAITED)
    code = read_tag(tag)
    sample = _sample(code, held)
    item = (
        ConsignmentItem.objects.select_for_update(of=("self",))
        .filter(consignment=held, sample=sample)
        .first()
    )
    if item is not None and item.state in {ItemState.RECEIVED, ItemState.UNEXPECTED}:
        raise conflict(
            "bag-received",
            f"{sample} was received at {item.received_at:%Y-%m-%d %H:%M} UTC.",
            "Go on with the next bag.",
            field="tag",
        )
    if item is not None and item.state == ItemState.MOVED:
        raise _moved(sample)
    event = happened(
        EventKind.RETURNED if held.returning else EventKind.RECEIVED,
        here,
        consignment=held,
        sample=sample,
        from_organisation=held.carrier,
        to_organisation=held.destination,
        to_person=person_of(actor),
        gross_mass_g=mass_g,
        scale=scale,
        drying_loss_g=drying_loss_g,
        seals_found=[list(one) for one in seals],
        condition=found,
        recorded_by=person_of(actor),
    )
    if held.returning:
        kept = _keep(held, item, sample, event, actor)
        check_bag(held, kept, event, seals)
        check_tag(code, event, consignment=held)
        return kept
    first = not CustodyEvent.objects.filter(
        sample__batch=sample.batch_id, kind=EventKind.RECEIVED
    ).exclude(pk=event.pk).exists()  # fmt: skip
    kept = _keep(held, item, sample, event, actor)
    check_bag(held, kept, event, seals)
    check_tag(code, event, consignment=held)
    if first:
        request(PIN, key=sample.batch_id)
    request(DECIDE, key=sample.batch_id)
    return kept


def _sample(code: str, consignment: Consignment) -> Sample:
    """Return the bag with this tag, or with the one that took its place: on the manifest, or any bag of the owner.

    Raises `NotFound` ("tag-unknown").
    """
    known = Sample.objects.select_for_update(of=("self",), no_key=True).select_related("tag", "batch")
    mine = Q(consignment_items__consignment=consignment) | Q(batch__owner=consignment.owner_id)
    sample = known.filter(pk__in=Sample.objects.filter(mine, tag__code=code).values("pk")).first()
    old = replacement_of(code) if sample is None else None
    if old is not None:
        sample = known.filter(pk__in=Sample.objects.filter(mine, pk=old.sample_id).values("pk")).first()
    if sample is None:
        message = f"No bag of {consignment.owner} has the tag {show_tag(code)}."
        raise NotFound(Problem("tag-unknown", message, "Put it aside and ask the owner.", Place(field="tag")))
    return sample


def _moved(sample: Sample) -> Conflict:
    """Return the refusal of a bag that was split off into another consignment."""
    there = ConsignmentItem.objects.filter(sample=sample, state=ItemState.PACKED).select_related(
        "consignment"
    )
    where = there.first()
    code = where.consignment.code if where is not None else "another consignment"
    return conflict("bag-moved", f"{sample} travels in {code}.", "Receive it with that one.", field="tag")


def _keep(
    consignment: Consignment,
    item: ConsignmentItem | None,
    sample: Sample,
    event: CustodyEvent,
    actor: Actor,
) -> ConsignmentItem:
    received = {
        "received_at": event.at,
        "received_by": person_of(actor),
        "received_mass_g": event.gross_mass_g,
        "condition": event.condition,
    }
    if item is None:
        if not consignment.returning:
            BatchParty.objects.get_or_create(
                batch_id=sample.batch_id, organisation=consignment.destination, part=Part.TESTER
            )
        return ConsignmentItem.objects.create(
            consignment=consignment,
            sample=sample,
            sealed_mass_g=_sealed_mass_g(sample),
            state=ItemState.UNEXPECTED,
            **received,
        )
    check_transition(ITEM_TRANSITIONS, ItemState(item.state), ItemState.RECEIVED)
    item.state = ItemState.RECEIVED
    for name, value in received.items():
        setattr(item, name, value)
    item.save(update_fields=["state", *received])
    item.sample = sample
    return item


def _sealed_mass_g(sample: Sample) -> Decimal:
    """Return the gross mass (g) at which a bag was sealed last; its registered mass when it never was."""
    rows = CustodyEvent.objects.filter(sample=sample, kind=EventKind.SEALED).order_by("-at", "-id")
    sealed = rows.values_list("gross_mass_g", flat=True).first()
    return sealed if sealed is not None else sample.mass_g


@verb
def finish_receipt(*, actor: Actor, consignment: Consignment, here: Here) -> Consignment:
    """End a receipt: complete, or partly received with the rest missing; a missing bag may still be received later.

    Raises `Conflict` ("receipt-empty", "consignment-not-so").
    """
    permit(actor, "custody.receive", consignment)
    check_here(here)
    held = held_consignment(consignment, *_AWAITED)
    items = list(held.items.select_for_update().order_by("pk"))
    if not any(item.state == ItemState.RECEIVED for item in items):
        raise conflict("receipt-empty", "No bag of it was received.", "Scan the bags first.")
    missing = [item for item in items if item.state == ItemState.PACKED]
    for item in missing:
        item.state = ItemState.MISSING
        item.save(update_fields=["state"])
    absent = any(item.state == ItemState.MISSING for item in items)
    after = ConsignmentState.PARTLY_RECEIVED if absent else ConsignmentState.RECEIVED
    if held.state != after:
        check_transition(CONSIGNMENT_TRANSITIONS, ConsignmentState(held.state), after)
    before = last_event(held)
    event = happened(
        EventKind.ARRIVED,
        here,
        consignment=held,
        from_organisation=held.carrier,
        to_organisation=held.destination,
        to_person=person_of(actor),
        recorded_by=person_of(actor),
    )
    check_road(before, event, held, limits=limits_of(held.owner_id))
    reach_legs(held, event, arrived=True)
    held.state = after
    held.save(update_fields=["state"])
    return held
