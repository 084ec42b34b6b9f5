"""Pages of people and organisations, for administrators; and of oneself, for everybody."""

from typing import Any
from uuid import UUID

import rules
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import login
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from knox.models import get_token_model

from lims.accounts import queries, services
from lims.accounts.authentication import person
from lims.accounts.forms import AcceptForm, InvitationForm, OrganisationForm, ProfileForm, RoleForm, TokenForm
from lims.accounts.models import Invitation, Membership, Organisation, User
from lims.accounts.rules import ROLE_LABELS
from lims.api.pagination import keyset_page
from lims.errors import DomainError, invalid
from lims.ledger.queries import history_of
from lims.verbs import SystemActor
from lims.web.access import page
from lims.web.forms import add_problems
from lims.web.navigation import Place, register
from lims.web.search import Hit, register_finder

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

register(Place("People", "people:list", "users", "accounts.read", order=90, letter="p", phone=False))


def _find_people(user: Any, text: str) -> list[Hit]:
    if not rules.has_perm("accounts.read", user):
        return []
    found = queries.people(text=text).order_by("name", "id")[:8]
    return [
        Hit("person", person.name, reverse("people:person", args=[person.pk]), person.email)
        for person in found
    ]


register_finder("person", _find_people)


def _done(form: Form, verb: Any, **fixed: Any) -> Any:
    """Call a verb with the form's values; None, with the problems in the form, when it refuses."""
    if not form.is_valid():
        return None
    try:
        return verb(**form.cleaned_data, **fixed)
    except DomainError as error:
        add_problems(form, error)
        return None


@require_safe
@page("accounts.read")
def people(request: HttpRequest) -> HttpResponse:
    """List people with their roles."""
    asked = {name: request.GET.get(name, "") for name in ("text", "role", "organisation")}
    chosen = {name: text.replace("\0", "").strip() for name, text in asked.items()}
    found = queries.people(text=chosen["text"], role=chosen["role"], organisation=chosen["organisation"])
    rows = keyset_page(found, order=("name", "id"), cursor=request.GET.get("cursor"))
    context = {
        "page": rows,
        "chosen": chosen,
        "roles": [(role.value, label) for role, label in ROLE_LABELS.items()],
        "organisations": queries.organisations(),
        "invitations": queries.open_invitations()[:50],
        "may_administer": rules.has_perm("accounts.administer", request.user),
    }
    return render(request, "accounts/people.html", context)


@require_safe
@page("accounts.read")
def show_person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one person: roles, state, what was recorded about them."""
    return _person(request, get_object_or_404(queries.people(), pk=pk), RoleForm())


def _person(request: HttpRequest, user: User, form: RoleForm, status: int = 200) -> HttpResponse:
    context = {
        "person": user,
        "form": form,
        "changes": history_of(user, *queries.roles_ever(user)),
        "may_administer": rules.has_perm("accounts.administer", request.user),
    }
    return render(request, "accounts/person.html", context, status=status)


@require_POST
@page("accounts.administer")
def grant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a person a role."""
    user, form = get_object_or_404(queries.people(), pk=pk), RoleForm(request.POST)
    made = _done(form, services.grant_role, actor=person(request), user=user)
    if made is None:
        return _person(request, user, form, status=422)
    messages.success(request, f"{user} is now {made.get_role_display().lower()} of {made.organisation}.")
    return redirect("people:person", pk=pk)


@require_POST
@page("accounts.administer")
def revoke(request: HttpRequest, pk: UUID, membership: UUID) -> HttpResponse:
    """Take a role away."""
    held = get_object_or_404(
        Membership.objects.select_related("user", "organisation"), pk=membership, user=pk
    )
    services.revoke_role(actor=person(request), membership=held)
    messages.success(
        request, f"{held.user} is no longer {held.get_role_display().lower()} of {held.organisation}."
    )
    return redirect("people:person", pk=pk)


@require_POST
@page("accounts.administer")
def activity(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lock a person out (`active=no`), or let them in again (`active=yes`)."""
    user = get_object_or_404(User, pk=pk)
    # What is wanted is said, not switched: a second click on the same button must not undo the first.
    wanted = request.POST.get("active")
    if wanted == "no":
        services.deactivate_user(actor=person(request), user=user)
        messages.success(request, f"{user} is locked out: sessions and tokens ended.")
    elif wanted == "yes":
        services.reactivate_user(actor=person(request), user=user)
        messages.success(request, f"{user} may sign in again.")
    else:
        raise invalid("activity-unknown", "Neither locking out nor letting in was asked for.", field="active")
    return redirect("people:person", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page("accounts.administer")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the link is shown once, and sent by e-mail."""
    form = InvitationForm(request.POST or None, initial={"organisation": request.GET.get("organisation")})
    made = _done(form, services.invite, actor=person(request)) if request.method == "POST" else None
    if made is None:
        return render(request, "accounts/invite.html", {"form": form}, status=422 if form.is_bound else 200)
    invitation, secret = made
    link = request.build_absolute_uri(reverse("people:invitation", args=[secret]))
    return render(request, "accounts/invited.html", {"invitation": invitation, "link": link})


@require_POST
@page("accounts.administer")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an invitation back."""
    offer = get_object_or_404(Invitation, pk=pk)
    services.withdraw_invitation(actor=person(request), invitation=offer)
    messages.success(request, f"The invitation of {offer.email} is withdrawn.")
    return redirect("people:list")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page("anyone")
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Let the invited person choose a password, and sign them in."""
    offer = queries.open_invitation(secret)
    form = AcceptForm(request.POST or None, initial={"name": offer.name})
    actor = SystemActor("invitation")
    user = (
        _done(form, services.accept_invitation, actor=actor, secret=secret)
        if request.method == "POST"
        else None
    )
    if user is None:
        context = {"form": form, "invitation": offer}
        answer = render(request, "accounts/invitation.html", context, status=422 if form.is_bound else 200)
        # The address is a secret. ("no-referrer" would make browsers hide where the form comes from, and it be refused.)
        answer["Referrer-Policy"] = "strict-origin"
        return answer
    login(request, user, backend=BACKEND)
    messages.success(request, f"Welcome, {user}.")
    return redirect("web:home")


@require_safe
@page("accounts.read")
def organisations(request: HttpRequest) -> HttpResponse:
    """List organisations."""
    rows = keyset_page(queries.organisations(), order=("name", "id"), cursor=request.GET.get("cursor"))
    may_administer = rules.has_perm("accounts.administer", request.user)
    context = {"page": rows, "may_administer": may_administer}
    return render(request, "accounts/organisations.html", context)


@require_safe
@page("accounts.read")
def organisation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one organisation: its people by role, who is invited, what was recorded about it."""
    shown = get_object_or_404(queries.organisations(), pk=pk)
    context = {
        "organisation": shown,
        "memberships": queries.memberships(shown),
        "invitations": queries.open_invitations().filter(organisation=shown),
        "changes": history_of(shown),
        "may_administer": rules.has_perm("accounts.administer", request.user),
    }
    return render(request, "accounts/organisation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("accounts.administer")
def add_organisation(request: HttpRequest) -> HttpResponse:
    """Add an organisation."""
    form = OrganisationForm(request.POST or None)
    made: Organisation | None = None
    if request.method == "POST":
        made = _done(form, services.create_organisation, actor=person(request))
    if made is None:
        return render(
            request, "accounts/add_organisation.html", {"form": form}, status=422 if form.is_bound else 200
        )
    messages.success(request, f"{made} is added.")
    return redirect("people:organisation", pk=made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page("signed-in")
def me(request: HttpRequest) -> HttpResponse:
    """Show and change oneself: name, time zone, second factor, tokens."""
    user = person(request)
    form = ProfileForm(request.POST or None, initial={"name": user.name, "time_zone": user.time_zone})
    if request.method == "POST" and _done(form, services.change_profile, actor=user):
        messages.success(request, "Your profile is kept.")
        return redirect("people:me")
    return _me(request, user, form, TokenForm(), status=422 if form.is_bound else 200)


def _me(
    request: HttpRequest, user: User, form: ProfileForm, tokens: TokenForm, status: int, secret: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "roles": user.roles,
        "second_factor": is_mfa_enabled(user),
        "token_form": tokens,
        "secret": secret,
        "tokens": get_token_model().objects.filter(user=user).order_by("created"),
    }
    return render(request, "accounts/me.html", context, status=status)


@never_cache
@require_POST
@page("signed-in")
def issue_token(request: HttpRequest) -> HttpResponse:
    """Issue a token to oneself and show it once."""
    user, form = person(request), TokenForm(request.POST)
    made = _done(form, services.issue_token, actor=user, user=user)
    profile = ProfileForm(initial={"name": user.name, "time_zone": user.time_zone})
    return _me(request, user, profile, form, status=200 if made else 422, secret=made[1] if made else "")


@require_POST
@page("signed-in")
def revoke_token(request: HttpRequest, token_key: str) -> HttpResponse:
    """Revoke one of one's own tokens."""
    user = person(request)
    services.revoke_token(actor=user, user=user, token_key=token_key)
    messages.success(request, "The token is revoked.")
    return redirect("people:me")
