"""The verb of splitting: some bags of a consignment on the road travel on by themselves."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind
from lims.errors import Invalid, Place, Problem, invalid
from lims.ids import uuid7
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.happenings import Here, check_here, happened, last_event
from samples.custody.limits import limits_of
from samples.custody.manifest import held_consignment, let_see, manifest_digest, next_code
from samples.custody.models import Consignment, ConsignmentItem, ConsignmentLeg, DocumentCheck
from samples.custody.road_checks import check_road
from samples.custody.rules import ITEM_TRANSITIONS, ConsignmentState, EventKind, ItemState
from samples.registry.arguments import person_of
from samples.registry.models import Sample

#: a consignment in these states still has bags on the road
SPLITTABLE: Final = (ConsignmentState.DISPATCHED, ConsignmentState.PARTLY_RECEIVED)


@verb
def split_consignment(
    *,
    actor: Actor,
    consignment: Consignment,
    samples: Sequence[Sample],
    here: Here,
    carrier: Organisation | None = None,
    destination: Organisation | None = None,
    consignment_id: UUID | None = None,
) -> Consignment:
    """Let some bags of a consignment on the road travel on as a consignment of their own, which names its input.

    It has its own manifest; papers and dose rate are those of the first. Another carrier or laboratory is the owner's
    to choose. Raises `Invalid` ("split-empty", "split-all", "sample-elsewhere", "part-does-not-fit"), `NotPermitted`
    or `Conflict` ("consignment-not-so", "id-used").
    """
    permit(actor, "custody.carry", consignment)
    check_here(here)
    held = held_consignment(consignment, *SPLITTABLE)
    carrier, destination = carrier or held.carrier, destination or held.destination
    if (carrier.pk, destination.pk) != (held.carrier_id, held.destination_id):
        permit(actor, "custody.pack", held)
        _check_parts(held, carrier, destination)
    moved = _moved(held, samples)
    new = _begun(held, carrier, destination, consignment_id or uuid7(), actor, here)
    items = ConsignmentItem.objects.bulk_create(
        ConsignmentItem(consignment=new, sample=item.sample, sealed_mass_g=item.sealed_mass_g)
        for item in moved
    )
    new.manifest_sha256 = manifest_digest(items)
    new.save(update_fields=["manifest_sha256"])
    _carry_over(held, new)
    let_see(new, items)
    _tell(held, new, len(items), here, actor)
    return new


def _check_parts(held: Consignment, carrier: Organisation, destination: Organisation) -> None:
    if carrier.kind != OrganisationKind.CARRIER:
        raise invalid("part-does-not-fit", f"{carrier} is no carrier.", "Choose one.", field="carrier")
    if destination.pk != held.destination_id and (
        held.returning or destination.kind != OrganisationKind.LABORATORY
    ):
        message = f"It cannot go to {destination}."
        raise invalid("part-does-not-fit", message, "Choose a laboratory.", field="destination")


def _moved(held: Consignment, samples: Sequence[Sample]) -> list[ConsignmentItem]:
    """Return the lines of the bags that go, which have left the first manifest then; all or none."""
    wanted = {sample.pk: sample for sample in samples}
    rows = ConsignmentItem.objects.select_for_update(of=("self",), no_key=True)
    items = list(
        rows.filter(consignment=held, state=ItemState.PACKED)
        .select_related("sample__tag", "sample__batch")
        .order_by("pk")
    )
    here = {item.sample_id for item in items}
    place = Place(field="samples")
    strange = [
        Problem("sample-elsewhere", f"{sample} does not travel in {held}.", "Leave it out.", place)
        for pk, sample in wanted.items()
        if pk not in here
    ]
    if strange:
        raise Invalid(*strange)
    if not wanted:
        raise invalid("split-empty", "No bag is named.", "Choose those that go.", field="samples")
    if len(wanted) == len(items):
        remedy = "Choose those that go; the others stay together."
        raise invalid("split-all", "All of its bags would go.", remedy, field="samples")
    going = [item for item in items if item.sample_id in wanted]
    for item in going:
        check_transition(ITEM_TRANSITIONS, ItemState(item.state), ItemState.MOVED)
        item.state = ItemState.MOVED
        item.save(update_fields=["state"])
    return going


def _begun(
    held: Consignment, carrier: Organisation, destination: Organisation, pk: UUID, actor: Actor, here: Here
) -> Consignment:
    """Return the new consignment, on the road as the first; its manifest is filled in once its bags are."""
    return Consignment.objects.create(
        id=pk,
        code=next_code(),
        owner=held.owner,
        carrier=carrier,
        destination=destination,
        state=ConsignmentState.DISPATCHED,
        planned_arrival=held.planned_arrival,
        dose_surface_usv_h=held.dose_surface_usv_h,
        dose_1m_usv_h=held.dose_1m_usv_h,
        dose_instrument=held.dose_instrument,
        manifest_sha256=manifest_digest([]),
        dispatched_at=here.at,
        dispatched_by=person_of(actor),
        route=held.route if destination.pk == held.destination_id else None,
        split_from=held,
        returning=held.returning,
        turned_back_at=held.turned_back_at,
        created_by=person_of(actor),
    )


def _carry_over(held: Consignment, new: Consignment) -> None:
    """Give the new consignment the papers of the first, and the legs that it still has before it."""
    DocumentCheck.objects.bulk_create(
        DocumentCheck(
            consignment=new,
            kind=paper.kind,
            reference=paper.reference,
            document_id=paper.document_id,
            given_by_id=paper.given_by_id,
        )
        for paper in held.documents.order_by("pk")
    )
    if new.route_id is None:
        return
    legs = list(ConsignmentLeg.objects.filter(consignment=held).order_by("position"))
    for leg in legs:
        leg.pk, leg.consignment = uuid7(), new
    ConsignmentLeg.objects.bulk_create(legs)


def _tell(held: Consignment, new: Consignment, count: int, here: Here, actor: Actor) -> None:
    """Put the split on both lines; whoever carried the first has the second, until another carrier takes it over."""
    bags, travel = ("1 bag", "travels") if count == 1 else (f"{count} bags", "travel")
    facts: dict[str, Any] = {
        "from_organisation": held.carrier,
        "to_organisation": held.carrier,
        "recorded_by": person_of(actor),
    }
    before = last_event(held)
    taken = held.events.filter(sample=None, kind__in=[EventKind.HANDED_OVER, EventKind.SPLIT])
    last = taken.order_by("-recorded_at", "-id").first()
    if last is not None:
        facts |= {"to_person_id": last.to_person_id, "to_outsider_id": last.to_outsider_id}
    went = replace(here, note=f"{bags} {travel} on as {new}. {here.note}".strip())
    event = happened(EventKind.SPLIT, went, consignment=held, **facts)
    check_road(before, event, held, limits=limits_of(held.owner_id))
    came = replace(here, id=None, note=f"{bags} of {held}.")
    happened(EventKind.SPLIT, came, consignment=new, **facts)
    if new.carrier_id != held.carrier_id:
        facts = {"from_organisation": held.carrier, "to_organisation": new.carrier}
        given = replace(here, id=None, note="")
        happened(EventKind.HANDED_OVER, given, consignment=new, recorded_by=person_of(actor), **facts)
