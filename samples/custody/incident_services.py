"""Verbs of incidents: reported, explained by one person, decided on by another."""

from uuid import UUID

import rules
from django.utils import timezone

from lims.accounts.models import User
from lims.errors import conflict, invalid, not_permitted
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from lims.web.services import tell
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.happenings import decide_again, open_incident
from samples.custody.models import Consignment, ConsignmentItem, Incident
from samples.custody.rules import INCIDENT_TRANSITIONS, IncidentKind, IncidentState
from samples.registry.arguments import one_of, person_of, said
from samples.registry.models import Sample


@verb
def report_incident(
    *,
    actor: Actor,
    kind: str,
    detail: str,
    sample: Sample | None = None,
    consignment: Consignment | None = None,
    incident_id: UUID | None = None,
) -> Incident:
    """Open an incident that a person noticed, of a bag or of a consignment; `incident_id` a client-made UUIDv7.

    Raises `Invalid` ("incident-of-nothing", "sample-elsewhere", "choice-unknown", "deviation-elsewhere").
    """
    if sample is None and consignment is None:
        raise invalid(
            "incident-of-nothing", "Nothing is named.", "Name a bag or a consignment.", field="sample"
        )
    permit(actor, "custody.explain", consignment or sample)
    if sample is not None and consignment is not None:
        _check_together(sample, consignment)
    what = one_of(IncidentKind, kind, field="kind")
    if what == IncidentKind.DEVIATION:
        message = "A deviation is asked by the laboratory that receives the bags."
        raise invalid("deviation-elsewhere", message, "Use “Report a deviation” there.", field="kind")
    words = said(detail, field="detail", most=500)
    return open_incident(what, words, sample=sample, consignment=consignment, incident_id=incident_id)


def _check_together(sample: Sample, consignment: Consignment) -> None:
    """Raise `Invalid` ("sample-elsewhere") for a bag that never was in the consignment."""
    if not ConsignmentItem.objects.filter(sample=sample, consignment=consignment).exists():
        raise invalid(
            "sample-elsewhere",
            f"{sample} is not in {consignment}.",
            "Name the bag or the consignment alone.",
            field="sample",
        )


@verb
def assign_incident(*, actor: Actor, incident: Incident, to: User) -> Incident:
    """Ask a person to explain an incident; they are told. Raises `Invalid` ("assignee-elsewhere") or `Conflict`."""
    permit(actor, "custody.explain", incident)
    held = _held(incident)
    if held.state != IncidentState.OPEN:
        message = f"It is {held.get_state_display().lower()} already."
        raise conflict("incident-not-open", message, "Look at it again.", field="to")
    if not (to.is_active and rules.has_perm("custody.explain", to, held)):
        message = f"{to.name} cannot explain it."
        raise invalid("assignee-elsewhere", message, "Choose somebody who had the bags.", field="to")
    held.assigned_to, held.assigned_by, held.assigned_at = to, person_of(actor), timezone.now()
    held.save(update_fields=["assigned_to", "assigned_by", "assigned_at"])
    title = f"Please explain: {held.get_kind_display()}"
    tell(actor=actor, user=to, kind="custody.incident", title=title, url=f"/incidents/{held.pk}/")
    return held


def _held(incident: Incident) -> Incident:
    rows = Incident.objects.select_for_update(of=("self",), no_key=True)
    related = ("sample__batch", "sample__tag", "consignment", "batch", "explained_by")
    return rows.select_related(*related).get(pk=incident.pk)


@verb
def explain_incident(*, actor: Actor, incident: Incident, explanation: str) -> Incident:
    """Say how an incident came about. Raises `Conflict` ("transition-refused")."""
    permit(actor, "custody.explain", incident)
    held = _held(incident)
    check_transition(INCIDENT_TRANSITIONS, IncidentState(held.state), IncidentState.EXPLAINED)
    held.state, held.explanation = IncidentState.EXPLAINED, said(explanation, field="explanation", most=2000)
    held.explained_by, held.explained_at = person_of(actor), timezone.now()
    held.save(update_fields=["state", "explanation", "explained_by", "explained_at"])
    return held


@verb
def clear_incident(*, actor: Actor, incident: Incident, reason: str) -> Incident:
    """Accept the explanation: the samples count again. Raises `NotPermitted` ("second-person") or `Conflict`."""
    return _judge(actor, incident, IncidentState.CLEARED, reason)


@verb
def uphold_incident(*, actor: Actor, incident: Incident, reason: str) -> Incident:
    """Refuse the explanation: the samples stay out of decisions. Raises `NotPermitted` ("second-person") or `Conflict`."""
    return _judge(actor, incident, IncidentState.UPHELD, reason)


def _judge(actor: Actor, incident: Incident, after: IncidentState, reason: str) -> Incident:
    permit(actor, "custody.judge", incident)
    held = _held(incident)
    check_transition(INCIDENT_TRANSITIONS, IncidentState(held.state), after)
    if held.explained_by is not None and held.explained_by == person_of(actor):
        raise not_permitted("second-person", "You explained it yourself.", "Somebody else decides on it.")
    held.state, held.judgement = after, said(reason, field="reason", most=2000)
    held.judged_by, held.judged_at = person_of(actor), timezone.now()
    held.save(update_fields=["state", "judgement", "judged_by", "judged_at"])
    if held.kind == IncidentKind.DEVIATION and held.explained_by is not None:
        answer = "test it" if after == IncidentState.CLEARED else "do not test it"
        about = held.sample or held.consignment
        title = f"The owner's answer about {about}: {answer}"
        url = f"/incidents/{held.pk}/"
        tell(actor=actor, user=held.explained_by, kind="custody.deviation", title=title, body=reason, url=url)
    decide_again(held)
    return held
