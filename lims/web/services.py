"""Verbs of notices: tell somebody, mark as read."""

from typing import Any

from django.db.models.functions import Now

from lims.permits import permit
from lims.verbs import Actor, verb
from lims.web import permissions  # noqa: F401  # whoever may act must be known before anybody acts
from lims.web.models import Notice
from lims.web.queries import notices_of


@verb
def tell(*, actor: Actor, user: Any, kind: str, title: str, body: str = "", url: str = "") -> Notice:
    """Tell `user` something; `kind` is a stable word ("work.failed"), `url` an address of ours.

    Raises `NotPermitted`.
    """
    permit(actor, "notices.tell")
    return Notice.objects.create(user=user, kind=kind, title=title[:200], body=body, url=url)


@verb
def mark_read(*, actor: Actor, notice: Notice) -> Notice:
    """Mark a notice of the actor's own as read; a second time changes nothing. Raises `NotPermitted`."""
    permit(actor, "notices.mark_read", notice)
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=Now())
    notice.refresh_from_db()
    return notice


@verb
def mark_all_read(*, actor: Any) -> int:
    """Mark all notices of the actor's own as read; return how many were not. Raises `NotPermitted`."""
    permit(actor, "notices.read")
    return notices_of(actor).filter(read_at=None).update(read_at=Now())
