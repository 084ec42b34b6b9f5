"""Verbs of the road: handing over, and what happens on the way."""

from collections.abc import Sequence
from decimal import Decimal

from lims.accounts.models import User
from lims.errors import invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.checks import seal_key
from samples.custody.happenings import Here, check_here, check_road, happened, last_event, open_incident
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
from samples.custody.services import held_consignment
from samples.registry.arguments import one_of, person_of, said


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
    """Hand a consignment on the road to another person: one of ours, or an outsider with name and document number.

    `mass_g` is the gross mass of the whole, `seals` the (maker, number) of each seal that was seen, None if nobody
    looked: a bag whose seal is not among them gets an incident. Raises `Invalid` ("receiver-missing",
    "date-in-future", "mass-not-positive") or `Conflict` ("consignment-not-so").
    """
    permit(actor, "custody.carry", consignment)
    check_here(here)
    if mass_g is not None and mass_g <= 0:
        raise invalid("mass-not-positive", f"The mass is {mass_g} g.", "Weigh it again.", field="mass_g")
    held = held_consignment(consignment, ConsignmentState.DISPATCHED)
    if (to_person is None) == (not to_name.strip()):
        raise invalid(
            "receiver-missing",
            "It is not said who takes over.",
            "Choose a person, or write name and document number.",
            field="to_name",
        )
    outsider = None
    if to_person is None:
        outsider = Outsider.objects.create(
            name=said(to_name, field="to_name"), document=said(to_document, field="to_document", most=100)
        )
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
    if seals is not None:
        _look_for_seals(held, event, seals)
    return event


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
    """Record what happens on the way: a checkpoint, a border, the arrival. Raises as `hand_over`."""
    permit(actor, "custody.carry", consignment)
    check_here(here)
    held = held_consignment(consignment, ConsignmentState.DISPATCHED)
    what = one_of(EventKind, kind, field="kind")
    if what not in ON_THE_WAY:
        raise invalid(
            "choice-unknown",
            f"{what} is not recorded so.",
            f"Choose one of: {', '.join(sorted(ON_THE_WAY))}.",
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
