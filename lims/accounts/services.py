"""Verbs about people and organisations: who there is, in which role, with which tokens."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from knox.models import get_token_model

from lims.accounts.arguments import email_of, fitting, name_of, strong
from lims.accounts.models import Invitation, Membership, Organisation, User
from lims.accounts.queries import digest, open_invitation, open_invitations
from lims.accounts.rules import INVITATION_DAYS, ROLE_LABELS, OrganisationKind, Role, time_zones
from lims.errors import NotFound, Problem, conflict, invalid, not_permitted
from lims.permits import permit
from lims.verbs import Actor, SystemActor, verb

#: tokens live this long at most, in days
LONGEST_TOKEN_DAYS = 365


@verb
def create_organisation(*, actor: Actor, name: str, code: str, kind: str) -> Organisation:
    """Add an organisation. Raises `Invalid` or `Conflict` ("organisation-name-once", "organisation-code-once", …)."""
    permit(actor, "accounts.administer")
    if kind not in list(OrganisationKind):
        raise invalid(
            "kind-unknown",
            f"There is no kind “{kind}”.",
            f"Kinds: {', '.join(OrganisationKind)}.",
            field="kind",
        )
    return Organisation.objects.create(name=name_of(name), code=code.strip().upper(), kind=kind)


@verb
def create_user(*, actor: Actor, email: str, name: str, password: str | None = None) -> User:
    """Add a person; without a password they cannot sign in until they choose one. Raises `Conflict` ("user-email-once")."""
    permit(actor, "accounts.administer")
    user = User(email=email_of(email), name=name_of(name))
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(strong(password, user))
    user.save(force_insert=True)
    return user


@verb
def grant_role(*, actor: Actor, user: User, organisation: Organisation, role: Role | str) -> Membership:
    """Give a person a role in an organisation. Raises `Invalid` ("role-does-not-fit") or `Conflict` ("membership-once")."""
    permit(actor, "accounts.administer")
    return Membership.objects.create(user=user, organisation=organisation, role=fitting(organisation, role))


@verb
def revoke_role(*, actor: Actor, membership: Membership) -> None:
    """Take a role away. Raises `Conflict` ("last-administrator"): somebody must be able to give it back."""
    permit(actor, "accounts.administer")
    if membership.role == Role.ADMINISTRATOR:
        _keep_an_administrator(Q(pk=membership.pk), membership.user)
    membership.delete()


def _keep_an_administrator(lost: Q, whose: User) -> None:
    """Lock the administrators' roles and see that one is left when those that fit `lost` are gone."""
    held = Membership.objects.select_for_update(no_key=True).filter(
        role=Role.ADMINISTRATOR, user__is_active=True
    )
    # All of them are locked, in one order: of two administrators who dismiss each other at once, one stays.
    locked = [membership.pk for membership in held.order_by("pk")]
    if not Membership.objects.filter(~lost, pk__in=locked).exists():
        raise conflict(
            "last-administrator",
            f"{whose} is the last administrator.",
            "Make somebody else one first.",
            field="role",
        )


@verb
def invite(
    *, actor: User, email: str, name: str, organisation: Organisation, role: Role | str
) -> tuple[Invitation, str]:
    """Offer a role to an e-mail address and send the link; return the invitation and its secret, shown only now.

    Raises `Conflict` ("invitation-open-once", "user-email-once": add a role to the person instead).
    """
    permit(actor, "accounts.administer")
    address = email_of(email)
    if User.objects.filter(email=address).exists():
        raise conflict(
            "user-email-once", f"{address} is here already.", "Give that person the role.", field="email"
        )
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    # An invitation that nobody answered in time makes room for a new one.
    Invitation.objects.filter(email=address, accepted_at=None, withdrawn_at=None, expires_at__lt=now).update(
        withdrawn_at=now
    )
    invitation = Invitation.objects.create(
        email=address,
        name=name_of(name),
        organisation=organisation,
        role=fitting(organisation, role),
        token_sha256=digest(secret),
        invited_by=actor,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    transaction.on_commit(lambda: _send(invitation, secret), robust=True)
    return invitation, secret


def _send(invitation: Invitation, secret: str) -> None:
    send_mail(
        f"{invitation.invited_by} invites you to the rare-earth LIMS",
        f"{invitation.name},\n\nyou are invited as {ROLE_LABELS[Role(invitation.role)].lower()} of "
        f"{invitation.organisation}. Choose a password here within {INVITATION_DAYS} days:\n\n"
        f"{settings.SITE_ADDRESS}/invitation/{secret}/\n",
        None,
        [invitation.email],
    )


@verb
def withdraw_invitation(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Take an offer back. Raises `Conflict` ("invitation-closed") when it was answered or withdrawn before."""
    permit(actor, "accounts.administer")
    held = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if held.accepted_at or held.withdrawn_at:
        raise conflict("invitation-closed", "The invitation is not open any more.", "Look at the list again.")
    held.withdrawn_at = timezone.now()
    held.save(update_fields=["withdrawn_at"])
    return held


@verb
def accept_invitation(*, actor: SystemActor, secret: str, name: str, password: str) -> User:
    """Answer an invitation: the person exists from now on, with every role that was offered to their address.

    Two clicks make one person. Raises `NotFound` ("invitation-unknown"), `Conflict` ("invitation-closed",
    "user-email-once") or `Invalid` ("password-weak", "name-missing").
    """
    asked = open_invitation(secret)
    offers = list(open_invitations().filter(email=asked.email).select_for_update(of=("self",)).order_by("pk"))
    # Whoever waited for the lock finds that the other click was faster.
    open_invitation(secret)
    user = create_user(actor=actor, email=asked.email, name=name, password=password)
    for offer in offers:
        grant_role(actor=actor, user=user, organisation=offer.organisation, role=offer.role)
        offer.accepted_at, offer.accepted_by = timezone.now(), user
        offer.save(update_fields=["accepted_at", "accepted_by"])
    return user


@verb
def deactivate_user(*, actor: Actor, user: User) -> User:
    """Lock a person out at once: sign-in, sessions and tokens. Raises `Conflict` ("last-administrator", "oneself")."""
    permit(actor, "accounts.administer")
    if actor == user:
        raise conflict("oneself", "You cannot lock yourself out.", "Ask another administrator.")
    if user.has_role(Role.ADMINISTRATOR):
        _keep_an_administrator(Q(user=user), user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    get_token_model().objects.filter(user=user).delete()
    _end_sessions(user)
    return user


def _end_sessions(user: User) -> None:
    """Sign the person out everywhere."""
    mine = [
        s.pk
        for s in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if _of(s) == str(user.pk)
    ]
    Session.objects.filter(pk__in=mine).delete()


def _of(session: Session) -> str:
    return str(session.get_decoded().get("_auth_user_id", ""))


@verb
def reactivate_user(*, actor: Actor, user: User) -> User:
    """Let a person in again."""
    permit(actor, "accounts.administer")
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


@verb
def change_profile(*, actor: User, name: str, time_zone: str) -> User:
    """Change one's own name and time zone. Raises `Invalid` ("time-zone-unknown", "name-missing")."""
    if time_zone not in time_zones():
        raise invalid(
            "time-zone-unknown",
            f"“{time_zone}” is no time zone.",
            "Choose one like Asia/Kolkata.",
            field="time_zone",
        )
    actor.name, actor.time_zone = name_of(name), time_zone
    actor.save(update_fields=["name", "time_zone"])
    return actor


@verb
def issue_token(*, actor: Actor, user: User, days: int) -> tuple[Any, str]:
    """Give a person a token for the API, for at most a year; return it and its secret, shown only now.

    Raises `NotPermitted` for somebody else's token and `Invalid` ("days-out-of-range").
    """
    if not isinstance(actor, SystemActor) and actor != user:
        raise not_permitted("not-permitted", "A token is issued to oneself only.")
    # Locked: whoever is locked out in this moment gets no token that outlives it.
    if not User.objects.select_for_update(no_key=True).get(pk=user.pk).is_active:
        raise conflict("user-inactive", f"{user} is locked out.", "Let the person in again first.")
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise invalid(
            "days-out-of-range",
            f"A token lives 1 to {LONGEST_TOKEN_DAYS} days.",
            "Ask for fewer.",
            field="days",
        )
    token, secret = get_token_model().objects.create(user=user, expiry=timedelta(days=days))
    return token, secret


@verb
def revoke_token(*, actor: Actor, user: User, token_key: str) -> None:
    """Make a token worthless from now on. Raises `NotFound` ("token-unknown")."""
    if not isinstance(actor, SystemActor) and actor != user:
        permit(actor, "accounts.administer")
    deleted, _ = get_token_model().objects.filter(user=user, token_key=token_key).delete()
    if not deleted:
        raise NotFound(Problem("token-unknown", "There is no such token.", "Look at the list again."))
