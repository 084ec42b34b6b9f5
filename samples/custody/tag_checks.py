"""A tag that was seen after another one took its place: somebody kept it, or took it off a bag that is not this one."""

from samples.custody.happenings import open_incident
from samples.custody.models import Consignment, CustodyEvent, Incident, TagReplacement
from samples.custody.rules import IncidentKind


def replacement_of(code: str) -> TagReplacement | None:
    """Return how the tag with this code (as `read_tag` gives it) was replaced; None if it was not."""
    rows = TagReplacement.objects.filter(old_tag__code=code)
    return rows.select_related("old_tag", "new_tag", "sample__tag", "sample__batch").first()


def check_tag(code: str, event: CustodyEvent, *, consignment: Consignment | None = None) -> Incident | None:
    """Open an incident if the tag that was read at an event was replaced before: on the bag that it belonged to.

    At the time of its replacement itself, or earlier, it was still on the bag (METHODS.md section 6: after).
    """
    replaced = replacement_of(code)
    if replaced is None or event.at <= replaced.at:
        return None
    detail = f"{replaced.old_tag} was read; {replaced.new_tag} took its place on {replaced.at:%Y-%m-%d}."
    facts = {
        "seen_tag": str(replaced.old_tag),
        "tag_now": str(replaced.new_tag),
        "seen_at": event.at.isoformat(),
        "replaced_at": replaced.at.isoformat(),
    }
    return open_incident(
        IncidentKind.TAG_REPLACED,
        detail,
        sample=replaced.sample,
        consignment=consignment,
        event=event,
        facts=facts,
    )
