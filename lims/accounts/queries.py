"""Reads about people: lists for pages and API, and the invitation behind a link."""

import hashlib
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from lims.accounts.models import Invitation, Membership, Organisation, User
from lims.errors import NotFound, Problem, conflict
from lims.ledger.models import Entry


def digest(secret: str) -> str:
    """Return what is kept of a link's secret: its SHA-256, in hexadecimal.

    >>> digest("x")[:8]
    '2d711642'
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def open_invitation(secret: str) -> Invitation:
    """Return the open invitation of a link.

    Raises `NotFound` ("invitation-unknown") or `Conflict` ("invitation-closed").
    """
    rows = Invitation.objects.select_related("organisation")
    invitation = rows.filter(token_sha256=digest(secret)).first()
    if invitation is None:
        raise NotFound(
            Problem("invitation-unknown", "This link is not one of ours.", "Copy it whole from the e-mail.")
        )
    if invitation.accepted_at or invitation.withdrawn_at or invitation.expires_at < timezone.now():
        raise conflict(
            "invitation-closed",
            "This invitation was used, withdrawn, or is too old.",
            "Sign in if you used it; otherwise ask for a new one.",
        )
    return invitation


def people(
    *, text: str = "", role: str = "", organisation: str = "", active: bool | None = None
) -> QuerySet[User]:
    """Return people with their roles (two queries), narrowed by name or address, role, organisation code, activity."""
    rows = User.objects.prefetch_related("memberships__organisation")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if role or organisation:
        held = Q(memberships__role=role) if role else Q()
        where = Q(memberships__organisation__code=organisation) if organisation else Q()
        rows = rows.filter(pk__in=User.objects.filter(held & where).values("pk"))
    return rows if active is None else rows.filter(is_active=active)


def organisations() -> QuerySet[Organisation]:
    """Return the organisations in the order of their names."""
    return Organisation.objects.order_by("name", "id")


def memberships(organisation: Organisation | None = None) -> QuerySet[Membership]:
    """Return the roles that people have, in one organisation or in all, with person and organisation (one query)."""
    rows = Membership.objects.select_related("user", "organisation").order_by("user__name", "role", "id")
    return rows if organisation is None else rows.filter(organisation=organisation)


def roles_ever(user: User) -> list[Membership]:
    """Return the roles that a person has or had, by key only: those taken away stand in the record alone."""
    entries = Entry.objects.filter(table_name=Membership._meta.db_table)
    mine = entries.filter(Q(after__user_id=str(user.pk)) | Q(before__user_id=str(user.pk)))
    return [Membership(pk=UUID(key)) for key in mine.values_list("row_key", flat=True).distinct()]


def open_invitations() -> QuerySet[Invitation]:
    """Return the invitations that can still be answered, the newest first."""
    waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())
    return waiting.select_related("organisation", "invited_by").order_by("-id")
