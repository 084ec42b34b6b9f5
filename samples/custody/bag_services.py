"""Verbs of single bags after they are sealed: opened, sealed anew, stored, disposed of, lost."""

from dataclasses import replace
from decimal import Decimal

from lims.accounts.models import Organisation
from lims.errors import conflict
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.deviations import testing_stopped
from samples.custody.happenings import Here, check_here, happened, open_incident
from samples.custody.limits import limits_of
from samples.custody.mass_checks import check_mass as weigh
from samples.custody.models import ConsignmentItem, CustodyEvent, Scale, Seal
from samples.custody.packing import sealed_masses
from samples.custody.rules import (
    SEAL_TRANSITIONS,
    ConsignmentState,
    EventKind,
    IncidentKind,
    ItemState,
    SealState,
)
from samples.custody.whereabouts import whereabouts
from samples.registry.arguments import person_of, said
from samples.registry.models import Sample
from samples.registry.rules import check_mass


@verb
def open_bag(*, actor: Actor, sample: Sample, here: Here) -> CustodyEvent:
    """Take the seal off a bag; outside a laboratory (a customs inspection) that opens an incident.

    Raises `Invalid` ("date-in-future", …) or `Conflict` ("sample-not-sealed", "testing-stopped").
    """
    permit(actor, "custody.explain", sample)
    check_here(here)
    held = _held(sample)
    if testing_stopped([held.pk]):
        message = f"The laboratory asked the owner about {held}, who has not said to test it."
        raise conflict("testing-stopped", message, "Wait for the answer on its incident.", field="sample")
    seal = Seal.objects.select_for_update().filter(sample=held, state=SealState.APPLIED).first()
    if seal is None:
        raise conflict("sample-not-sealed", f"{held} carries no seal.", "There is nothing to take off.")
    check_transition(SEAL_TRANSITIONS, SealState(seal.state), SealState.REMOVED)
    seal.state, seal.ended_at, seal.ended_by = SealState.REMOVED, here.at, person_of(actor)
    seal.save(update_fields=["state", "ended_at", "ended_by"])
    event = happened(
        EventKind.OPENED,
        here,
        sample=held,
        seals_found=[[seal.maker, seal.number]],
        recorded_by=person_of(actor),
    )
    if not CustodyEvent.objects.filter(sample=held, kind=EventKind.RECEIVED).exists():
        detail = f"{seal} was taken off before a laboratory had received the bag."
        open_incident(IncidentKind.OPENED_OUTSIDE, detail, sample=held, event=event)
    return event


@verb
def report_lost(*, actor: Actor, sample: Sample, here: Here) -> CustodyEvent:
    """Say that a bag is lost; it stays out of decisions until that is cleared.

    Raises `Invalid` ("date-in-future", …) or `Conflict` ("bag-lost").
    """
    permit(actor, "custody.explain", sample)
    check_here(here)
    held = _held(sample)
    if CustodyEvent.objects.filter(sample=held, kind=EventKind.LOST).exists():
        raise conflict("bag-lost", f"{held} was reported lost before.", "Look at its incident.")
    event = happened(EventKind.LOST, here, sample=held, recorded_by=person_of(actor))
    open_incident(IncidentKind.LOST, "Reported lost.", sample=held, event=event)
    return event


def _held(sample: Sample) -> Sample:
    rows = Sample.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("tag", "batch__owner").get(pk=sample.pk)


@verb
def reseal_bag(
    *,
    actor: Actor,
    sample: Sample,
    maker: str,
    number: str,
    mass_g: Decimal,
    here: Here,
    scale: Scale | None = None,
) -> Seal:
    """Put a new seal on a bag that was opened, at its gross mass (g); one that is still on it is taken off first.

    What taking it off means stays: outside a laboratory an incident; so does a mass that is not what it was. Raises `Invalid` ("mass-not-positive", …) or
    `Conflict` ("seal-used", "bag-never-sealed", "bag-disposed").
    """
    permit(actor, "custody.explain", sample)
    check_here(here)
    check_mass(mass_g)
    held = _held(sample)
    _check_there(held)
    before = Seal.objects.filter(sample=held).order_by("-applied_at", "-id").first()
    if before is None:
        message = f"{held} was never sealed."
        raise conflict("bag-never-sealed", message, "Seal it, as it is sealed at the mine.", field="sample")
    if before.state == SealState.APPLIED:
        open_bag(actor=actor, sample=held, here=replace(here, id=None))
    keeper = _keeper(held)
    sealed_g = sealed_masses([held.pk]).get(held.pk)
    seal = Seal.objects.create(
        maker=" ".join(said(maker, field="maker", most=60).split()),
        number="".join(said(number, field="number", most=60).split()),
        sample=held,
        applied_at=here.at,
        applied_by=person_of(actor),
    )
    event = happened(
        EventKind.SEALED,
        here,
        sample=held,
        from_organisation=keeper,
        to_organisation=keeper,
        gross_mass_g=mass_g,
        scale=scale,
        seals_found=[[seal.maker, seal.number]],
        recorded_by=person_of(actor),
    )
    if sealed_g is not None:
        limits = limits_of(held.batch.owner_id)
        weigh(event, sample=held, consignment=None, sealed_g=sealed_g, limits=limits)
    return seal


@verb
def store_bag(*, actor: Actor, sample: Sample, place: str, here: Here) -> CustodyEvent:
    """Say where a bag is kept from now on: a depot, a room and shelf.

    Raises `Invalid` ("field-required", "date-in-future", …) or `Conflict` ("bag-disposed").
    """
    permit(actor, "custody.explain", sample)
    check_here(here)
    where = said(place, field="place", most=100)
    held = _held(sample)
    _check_there(held)
    keeper = _keeper(held)
    return happened(
        EventKind.STORED,
        replace(here, place=where),
        sample=held,
        from_organisation=keeper,
        to_organisation=keeper,
        recorded_by=person_of(actor),
    )


@verb
def dispose_bag(*, actor: Actor, sample: Sample, reason: str, here: Here) -> CustodyEvent:
    """Say that a bag was disposed of, and why; it travels nowhere afterwards.

    Raises `Invalid` ("field-required", "date-in-future", …) or `Conflict` ("bag-disposed", "bag-travels").
    """
    permit(actor, "custody.dispose", sample)
    check_here(here)
    why = said(reason, field="reason", most=500)
    held = _held(sample)
    _check_there(held)
    travels = ConsignmentItem.objects.filter(sample=held, state=ItemState.PACKED).exclude(
        consignment__state=ConsignmentState.CANCELLED
    )
    line = travels.select_related("consignment").first()
    if line is not None:
        message = f"{held} travels in {line.consignment}."
        raise conflict("bag-travels", message, "Receive it, or take it out, first.", field="sample")
    keeper = _keeper(held)
    return happened(
        EventKind.DISPOSED,
        replace(here, note=f"{why} {here.note}".strip()),
        sample=held,
        from_organisation=keeper,
        recorded_by=person_of(actor),
    )


def _check_there(sample: Sample) -> None:
    if CustodyEvent.objects.filter(sample=sample, kind=EventKind.DISPOSED).exists():
        raise conflict("bag-disposed", f"{sample} was disposed of.", "Look at its line.", field="sample")


def _keeper(sample: Sample) -> Organisation:
    """Return in whose hands a bag is; its owner's before anybody else took it over."""
    found = whereabouts([sample.pk]).get(sample.pk)
    return found.organisation if found and found.organisation else sample.batch.owner
