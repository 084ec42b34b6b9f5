"""Verbs of the road: handing over, and what happens on the way."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lims.accounts.handover import count_failure
from lims.accounts.models import User
from lims.errors import Invalid, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.checks import seal_key
from samples.custody.confirming import Confirmation, Confirmed, NotConfirmed, confirmed, taker_of
from samples.custody.happenings import Here, check_here, happened, last_event, open_incident
from samples.custody.limits import limits_of
from samples.custody.manifest import held_consignment
from samples.custody.models import Consignment, CustodyEvent, Outsider, Scale, Seal
from samples.custody.road_checks import check_giver, check_road
from samples.custody.routes.legs import reach_legs
from samples.custody.rules import (
    ON_THE_WAY,
    Condition,
    ConsignmentState,
    EventKind,
    IncidentKind,
    ItemState,
    SealState,
)
from samples.custody.whole_mass import check_load, check_whole
from samples.registry.arguments import one_of, person_of, said


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
    scale: Scale | None = None,
    drying_loss_g: Decimal | None = None,
    confirmation: Confirmation | None = None,
    insist: bool = False,
) -> CustodyEvent:
    """Hand a consignment on to another person: one of the carrier's, or an outsider with name and document number.

    `mass_g` is the gross mass of the whole, `drying_loss_g` what it lost by drying as declared, `seals` the (maker,
    number) of each seal that was seen, None if nobody looked: a bag whose seal is not among them gets an incident, and
    so does a giver who did not have the consignment. A `confirmation` that is wrong does not undo what happened on the
    road: it is kept unconfirmed with an incident; but with `insist` (the receiver stands there) it is refused, and
    counted. Raises `Invalid` ("receiver-missing", "receiver-elsewhere", "date-in-future", "mass-not-positive",
    "mass-too-large", "drying-negative"), `NotConfirmed` ("confirmation-wrong", …) or `Conflict` ("consignment-not-so").
    """
    try:
        return _hand_over(
            actor=actor,
            consignment=consignment,
            here=here,
            to_person=to_person or (taker_of(confirmation) if not to_name.strip() else None),
            to_name=to_name,
            to_document=to_document,
            mass_g=mass_g,
            seals=seals,
            condition=condition,
            scale=scale,
            drying_loss_g=drying_loss_g,
            confirmation=confirmation,
            insist=insist,
        )
    except NotConfirmed as refusal:
        # The refusal undid everything, the counting of a wrong PIN as well: it is counted by itself.
        if refusal.guessed is not None:
            count_failure(actor=actor, person=refusal.guessed)
        raise


@verb
def _hand_over(
    *,
    actor: Actor,
    consignment: Consignment,
    here: Here,
    to_person: User | None,
    to_name: str,
    to_document: str,
    mass_g: Decimal | None,
    seals: Sequence[tuple[str, str]] | None,
    condition: str,
    scale: Scale | None,
    drying_loss_g: Decimal | None,
    confirmation: Confirmation | None,
    insist: bool,
) -> CustodyEvent:
    permit(actor, "custody.carry", consignment)
    check_here(here)
    check_load(mass_g, drying_loss_g)
    held = held_consignment(consignment, ConsignmentState.DISPATCHED)
    _check_receiver(held, to_person, to_name)
    found = confirmed(confirmation, person=to_person, at=timezone.now() if insist else here.at)
    if insist and found.refusal is not None:
        raise _refused(found, to_person)
    before = last_event(held)
    event = happened(
        EventKind.HANDED_OVER,
        here,
        consignment=held,
        from_organisation=held.carrier,
        to_organisation=held.carrier,
        to_person=to_person,
        to_outsider=_outsider(to_person, to_name, to_document, found.signature_sha256),
        gross_mass_g=mass_g,
        scale=scale,
        drying_loss_g=drying_loss_g,
        seals_found=[list(one) for one in seals or ()],
        condition=one_of(Condition, condition, field="condition") if condition else "",
        confirmed_how=found.how,
        confirmed_at=found.at,
        recorded_by=person_of(actor),
    )
    limits = limits_of(held.owner_id)
    check_road(before, event, held, limits=limits)
    check_giver(held, event)
    # Whoever takes over at the end of a leg has reached it.
    reach_legs(held, event)
    check_whole(held, event, limits=limits)
    if found.refusal is not None:
        _unconfirmed(held, event, found.refusal)
    if seals is not None:
        _look_for_seals(held, event, seals)
    return event


def _refused(found: Confirmed, person: User | None) -> NotConfirmed:
    """Return the refusal of a confirmation, with whose secret was guessed at."""
    assert found.refusal is not None
    refusal = NotConfirmed(*found.refusal.problems)
    if refusal.problems[0].code == "confirmation-wrong":
        refusal.guessed = person
    return refusal


def _unconfirmed(consignment: Consignment, event: CustodyEvent, refusal: Invalid) -> None:
    """Open an incident for a hand-over whose confirmation does not hold: nobody knows who really took it."""
    detail = f"The receiver's confirmation does not hold: {refusal.problems[0].message}"
    facts = {"refused_with": refusal.problems[0].code}
    open_incident(IncidentKind.CUSTODY_GAP, detail, consignment=consignment, event=event, facts=facts)


def _check_receiver(consignment: Consignment, person: User | None, name: str) -> None:
    """Raise `Invalid` ("receiver-missing", "receiver-elsewhere"): a person of ours must be the carrier's."""
    if (person is None) == (not name.strip()):
        raise invalid(
            "receiver-missing",
            "It is not said who takes over.",
            "Choose a person, or write name and document number.",
            field="to_name",
        )
    if person is None:
        return
    if not (person.is_active and person.memberships.filter(organisation=consignment.carrier_id).exists()):
        raise invalid(
            "receiver-elsewhere",
            f"They do not carry for {consignment.carrier}.",
            "Choose one of the carrier's people, or write name and document number.",
            field="to_person",
        )


def _outsider(person: User | None, name: str, document: str, signature_sha256: str) -> Outsider | None:
    """Return who takes over if it is nobody of ours; one of ours only for the signature that they drew.

    A drawn signature is personal data: it lies with name and document number, where it can be erased.
    """
    if person is not None:
        facts: dict[str, Any] = {"name": person.name, "signature_sha256": signature_sha256}
        return Outsider.objects.create(**facts) if signature_sha256 else None
    return Outsider.objects.create(
        name=said(name, field="to_name"),
        document=said(document, field="to_document", most=100),
        signature_sha256=signature_sha256,
    )


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
    check_road(before, event, held, limits=limits_of(held.owner_id))
    reach_legs(held, event)
    return event
