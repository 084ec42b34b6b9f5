"""Files beside incidents: a photograph, a letter, a scanned form; seen by those who read the incident's words."""

from django.db.models import QuerySet

from lims import files
from lims.accounts.models import Membership, User
from lims.errors import invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.models import Incident, IncidentAttachment
from samples.custody.papers.rules import LARGEST_SCAN_BYTES, scan_type
from samples.custody.seen import sight_on
from samples.registry.arguments import person_of, said
from samples.registry.sight import Sight, sight_of


@verb
def attach_to_incident(*, actor: Actor, incident: Incident, name: str, content: bytes) -> IncidentAttachment:
    """Lay a file beside an incident: PDF, JPEG or PNG by its content, at most 10 MB.

    Raises `Invalid` ("file-empty", "file-too-large", "file-unreadable") or `Conflict` ("incident-attachment-once").
    """
    permit(actor, "custody.explain", incident)
    kind = scan_type(content)
    if not content:
        raise invalid("file-empty", "The file is empty.", "Choose another.", field="file")
    if len(content) > LARGEST_SCAN_BYTES:
        raise invalid("file-too-large", "The file is over 10 MB.", "Make it smaller.", field="file")
    if kind is None:
        raise invalid("file-unreadable", "This is no PDF, JPEG or PNG.", "Send one of these.", field="file")
    plain = "".join(sign for sign in name if sign.isprintable() and sign not in '/\\:*?"<>|')
    return IncidentAttachment.objects.create(
        incident=incident,
        sha256=files.put(content),
        name=said(plain or "file", field="file", most=200),
        media_type=kind,
        size=len(content),
        added_by=person_of(actor),
    )


def attachments_for(user: User, incident: Incident) -> QuerySet[IncidentAttachment]:
    """Return the files of an incident that a person may see: a laboratory sees those of its own people only."""
    rows = IncidentAttachment.objects.filter(incident=incident).select_related("added_by").order_by("id")
    if incident.sample is not None:
        sight = sight_of(user, incident.sample.batch)
    elif incident.consignment is not None:
        sight = sight_on(user, incident.consignment)
    else:
        assert incident.batch is not None
        sight = sight_of(user, incident.batch)
    if sight > Sight.BLIND:
        return rows
    mine = [membership.organisation_id for membership in user.roles]
    colleagues = Membership.objects.filter(organisation__in=mine).values("user")
    return rows.filter(added_by__in=colleagues)
