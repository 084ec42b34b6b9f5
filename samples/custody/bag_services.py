"""Verbs of single bags after they are sealed: opened, lost."""

from lims.errors import conflict
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.happenings import Here, check_here, happened, open_incident
from samples.custody.models import CustodyEvent, Seal
from samples.custody.rules import SEAL_TRANSITIONS, EventKind, IncidentKind, SealState
from samples.registry.arguments import person_of
from samples.registry.models import Sample


@verb
def open_bag(*, actor: Actor, sample: Sample, here: Here) -> CustodyEvent:
    """Take the seal off a bag; outside a laboratory (a customs inspection) that opens an incident.

    Raises `Invalid` ("date-in-future", …) or `Conflict` ("sample-not-sealed").
    """
    permit(actor, "custody.explain", sample)
    check_here(here)
    held = _held(sample)
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
    return rows.select_related("tag", "batch").get(pk=sample.pk)
