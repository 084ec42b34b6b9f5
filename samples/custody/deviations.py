"""Deviations on receipt: the laboratory asks, testing stops, the owner answers (ISO/IEC 17025:2017, 7.4.3)."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from lims.accounts.models import User
from lims.accounts.rules import Role
from lims.errors import invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from lims.web.services import tell
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.happenings import open_incident
from samples.custody.models import Consignment, ConsignmentItem, Incident
from samples.custody.rules import STANDING, IncidentKind, IncidentState, ItemState
from samples.registry.arguments import person_of, said
from samples.registry.models import Sample


@verb
def report_deviation(
    *, actor: Actor, consignment: Consignment, question: str, sample: Sample | None = None
) -> Incident:
    """Ask the owner about something that is not as it should be, of a bag or of all of a consignment; testing stops.

    It is an incident that the laboratory has explained already; a manager of the owner answers: cleared, it is tested;
    upheld, it is not. Raises `Invalid` ("field-required", "sample-elsewhere").
    """
    permit(actor, "custody.receive", consignment)
    asked = said(question, field="question", most=500)
    if (
        sample is not None
        and not ConsignmentItem.objects.filter(consignment=consignment, sample=sample).exists()
    ):
        message = f"{sample} did not come with {consignment}."
        raise invalid("sample-elsewhere", message, "Choose a bag of it.", field="sample")
    made = open_incident(IncidentKind.DEVIATION, asked, sample=sample, consignment=consignment)
    made.state, made.explanation = IncidentState.EXPLAINED, asked
    made.explained_by, made.explained_at = person_of(actor), timezone.now()
    made.save(update_fields=["state", "explanation", "explained_by", "explained_at"])
    what = str(sample) if sample is not None else f"all of {consignment}"
    for manager in _managers(consignment):
        tell(
            actor=actor,
            user=manager,
            kind="custody.deviation",
            title=f"{consignment.destination} asks about {what}: testing waits for your answer",
            body=asked,
            url=f"/incidents/{made.pk}/",
        )
    return made


def _managers(consignment: Consignment) -> list[User]:
    owners = User.objects.filter(
        is_active=True, memberships__organisation=consignment.owner_id, memberships__role=Role.MANAGER
    )
    return list(owners.distinct().order_by("pk"))


def testing_stopped(samples: Iterable[UUID]) -> set[UUID]:
    """Return which of these samples may not be tested: asked about and not answered, or answered "do not test". Two queries."""
    ids = list(samples)
    standing = Incident.objects.filter(kind=IncidentKind.DEVIATION, state__in=STANDING)
    bags = set(standing.filter(sample__in=ids).values_list("sample", flat=True))
    whole = ConsignmentItem.objects.filter(
        sample__in=ids, consignment__in=standing.filter(sample=None).values("consignment")
    ).exclude(state=ItemState.MOVED)
    return bags | set(whole.values_list("sample", flat=True))
