"""Verbs of the road: handing over, and what happens on the way."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from lims.accounts.models import User
from lims.errors import invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.checks import seal_key
from samples.custody.happenings import Here, check_here, check_road, happened, last_event, open_incident
from samples.custody.manifest import held_consignment
from samples.custody.models import Consignment, CustodyEvent, Outsider, Seal
from samples.custody.rules import (
    ON_THE_WAY,
    Condition,
    ConsignmentState,
    EventKind,
    IncidentKind,
    ItemState,
    SealState,
)
from samples.registry.arguments import one_of, person_of, said

#: what no lorry of ours carries, in g
LARGEST_LOAD_G: Final = Decimal(50_000_000)


@verb
def hand_over(
    *,
    actor: Actor,
    consignment: Consignment,
    here: Here,
    to_person: User | None = None,
    to_name: str = "",
    to_document: str = "",
    mass_g: Decimal | None = None,
    seals: Sequence[tuple[str, str]] | None = None,
    condition: str = "",
) -> CustodyEvent:
    """Hand a consignment on to another person: one of the carrier's, or an outsider with name and document number.

    `mass_g` is the gross mass of the whole, `seals` the (maker, number) of each seal that was seen, None if nobody
    looked: a bag whose seal is not among them gets an incident, and so does a giver who did not have the consignment.
    Raises `Invalid` ("receiver-missing", "receiver-elsewhere", "date-in-future", "mass-not-positive",
    "mass-too-large") or `Conflict` ("consignment-not-so").
    """
    permit(actor, "custody.carry", consignment)
    check_here(here)
    _check_load(mass_g)
    held = held_consignment(consignment, ConsignmentState.DISPATCHED)
    outsider = _outsider(held, to_person, to_name, to_document)
    before = last_event(held)
    event = happened(
        EventKind.HANDED_OVER,
        here,
        consignment=held,
        from_organisation=held.carrier,
        to_organisation=held.carrier,
        to_person=to_person,
        to_outsider=outsider,
        gross_mass_g=mass_g,
        seals_found=[list(one) for one in seals or ()],
        condition=one_of(Condition, condition, field="condition") if condition else "",
        recorded_by=person_of(actor),
    )
    check_road(before, event, held)
    _check_giver(held, event)
    if seals is not None:
        _look_for_seals(held, event, seals)
    return event


def _check_load(mass_g: Decimal | None) -> None:
    if mass_g is not None and mass_g <= 0:
        raise invalid("mass-not-positive", f"The mass is {mass_g} g.", "Weigh it again.", field="mass_g")
    if mass_g is not None and mass_g > LARGEST_LOAD_G:
        raise invalid(
            "mass-too-large",
            f"The mass is {mass_g} g, over 50 t.",
            "Was it entered in grams instead of kilograms?",
            field="mass_g",
        )


def _outsider(consignment: Consignment, person: User | None, name: str, document: str) -> Outsider | None:
    """Return who takes over if it is nobody of ours; a person of ours must be the carrier's."""
    if (person is None) == (not name.strip()):
        raise invalid(
            "receiver-missing",
            "It is not said who takes over.",
            "Choose a person, or write name and document number.",
            field="to_name",
        )
    if person is None:
        return Outsider.objects.create(
            name=said(name, field="to_name"), document=said(document, field="to_document", most=100)
        )
    if not (person.is_active and person.memberships.filter(organisation=consignment.carrier_id).exists()):
        raise invalid(
            "receiver-elsewhere",
            f"They do not carry for {consignment.carrier}.",
            "Choose one of the carrier's people, or write name and document number.",
            field="to_person",
        )
    return None


def _check_giver(consignment: Consignment, event: CustodyEvent) -> None:
    """Open an incident if somebody else gives a consignment away than the one of ours who took it over last.

    After an outsider nobody can tell: they do not write to us themselves.
    """
    rows = CustodyEvent.objects.filter(consignment=consignment, sample=None, kind=EventKind.HANDED_OVER)
    taken = rows.exclude(pk=event.pk).select_related("to_person").order_by("-recorded_at", "-id").first()
    giver = event.recorded_by
    if taken is None or taken.to_person is None or giver is None or taken.to_person == giver:
        return
    detail = f"Given by {giver.name}; {taken.to_person.name} had taken it over."
    open_incident(IncidentKind.CUSTODY_GAP, detail, consignment=consignment, event=event)


def _look_for_seals(consignment: Consignment, event: CustodyEvent, seen: Sequence[tuple[str, str]]) -> None:
    """Open an incident for each bag whose seal was not seen."""
    keys = {seal_key(*one) for one in seen}
    bags = Seal.objects.filter(
        sample__consignment_items__consignment=consignment,
        sample__consignment_items__state=ItemState.PACKED,
        state=SealState.APPLIED,
    )
    for seal in bags.select_related("sample__tag", "sample__batch").order_by("sample__tag__code"):
        if seal_key(seal.maker, seal.number) not in keys:
            detail = f"{seal} of {seal.sample} was not seen at the hand-over."
            open_incident(
                IncidentKind.SEAL_MISMATCH,
                detail,
                sample=seal.sample,
                consignment=consignment,
                event=event,
            )


@verb
def record_event(*, actor: Actor, consignment: Consignment, kind: str, here: Here) -> CustodyEvent:
    """Record what happens on the way: a checkpoint, a border, the arrival.

    Raises `Invalid` ("choice-unknown", "date-in-future", "place-impossible", …) or `Conflict` ("consignment-not-so").
    """
    permit(actor, "custody.carry", consignment)
    check_here(here)
    held = held_consignment(consignment, ConsignmentState.DISPATCHED)
    what = one_of(EventKind, kind, field="kind")
    if what not in ON_THE_WAY:
        raise invalid(
            "choice-unknown",
            f"{what} is not recorded so.",
            f"Choose one of: {', '.join(sorted(ON_THE_WAY))}.",
            field="kind",
        )
    before = last_event(held)
    event = happened(
        what,
        here,
        consignment=held,
        from_organisation=held.carrier,
        to_organisation=held.carrier,
        recorded_by=person_of(actor),
    )
    check_road(before, event, held)
    return event
