"""Pages about phones: whose they are, what they sent, what waits for a manager, and outboxes that were carried."""

from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.errors import DomainError, Problem
from lims.web.access import page
from lims.web.forms import add_problems
from lims.web.navigation import Place, register
from lims.web.search import Hit, register_finder
from samples.field import queries, services
from samples.field.carrying import Carried, carry
from samples.field.forms import CarryForm, ReasonForm, SettleForm
from samples.field.models import Device
from samples.field.rules import Answer
from samples.field.seen import seen_operation
from samples.registry.forms import done
from samples.registry.panels import Shown, register_panel


def home_panel(request: HttpRequest, user: User) -> Shown:  # noqa: ARG001  # panels are given both
    """Return the way to the application that works without a network, and to one's phones."""
    phones = Device.objects.filter(person=user, revoked_at=None).count()
    return "field/home_panel.html", {"phones": phones}


register_panel("home", home_panel, order=10)
register(Place("Phones", "field:devices", "device-mobile", "field.use", order=85, phone=False))
#: rows of a phone's page
LAST = 50
#: records that a manager decides on at once
MOST_SHOWN = 200
ANSWER_TONES = {
    Answer.APPLIED: "good",
    Answer.DUPLICATE: "neutral",
    Answer.CONFLICT: "bad",
    Answer.REJECTED: "warn",
    Answer.QUARANTINED: "warn",
}


def _find(user: User, text: str) -> list[Hit]:
    """Return the phones whose name begins so."""
    found = queries.devices_for(user).filter(name__istartswith=text)[:8] if "\x00" not in text else []
    return [Hit("phone", one.name, reverse("field:device", args=[one.pk]), one.person.name) for one in found]


register_finder("phone", _find)


def _places(request: HttpRequest) -> dict[str, Any]:
    """Return how many records wait for this manager, for the links between the pages."""
    user = person(request)
    may_settle = rules.has_perm("field.settle", user)
    waiting = queries.to_settle_for(user).count() if may_settle else 0
    return {"may_settle": may_settle, "waiting": waiting}


@require_safe
@page("field.use")
def devices(request: HttpRequest) -> HttpResponse:
    """List the phones that one may see: one's own, and those of one's people."""
    rows = keyset_page(queries.devices_for(person(request)), order=("-id",), cursor=request.GET.get("cursor"))
    return render(request, "field/devices.html", {"page": rows, **_places(request)})


@require_safe
@page("field.use")
def device(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one phone: its last contact, what it sent, and the lock."""
    return _shown(request, queries.device_for(person(request), pk), ReasonForm())


def _shown(request: HttpRequest, found: Device, form: ReasonForm, status: int = 200) -> HttpResponse:
    user = person(request)
    sent = queries.operations_for(user).filter(device=found).order_by("-sequence")[:LAST]
    context = {
        "device": found,
        "operations": [seen_operation(one) for one in sent],
        "refusals": found.refusals.order_by("-id")[:LAST],
        "form": form,
        "may_revoke": found.revoked_at is None and rules.has_perm("field.revoke", user, found),
        **_places(request),
    }
    return render(request, "field/device.html", context, status=status)


@require_POST
@page("field.revoke")
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lock a phone at its next contact."""
    user = person(request)
    found, form = queries.device_for(user, pk), ReasonForm(request.POST)
    if done(form, services.revoke_device, actor=user, device=found) is None:
        return _shown(request, found, form, status=422)
    messages.success(
        request, f"“{found.name}” is locked at its next contact. What it has not sent waits for you."
    )
    return redirect("field:device", pk=pk)


@require_safe
@page("field.settle")
def quarantine(request: HttpRequest) -> HttpResponse:
    """List what locked phones had not sent before: a manager looks at each and decides."""
    return _waiting(request, None)


def _waiting(request: HttpRequest, form: SettleForm | None, status: int = 200, **more: Any) -> HttpResponse:
    found = queries.to_settle_for(person(request))[:MOST_SHOWN]
    context = {
        "operations": [seen_operation(one) for one in found],
        "form": form or SettleForm(operations=found),
        **_places(request),
        **more,
    }
    return render(request, "field/quarantine.html", context, status=status)


@require_POST
@page("field.settle")
def settle(request: HttpRequest) -> HttpResponse:
    """Release the chosen records, or discard them, in the order in which they were made."""
    user = person(request)
    form = SettleForm(request.POST, operations=queries.to_settle_for(user))
    if not form.is_valid():
        return _waiting(request, form, status=422)
    releasing = request.POST.get("act") == "release"
    verb = services.release_operation if releasing else services.discard_operation
    refused: list[tuple[str, Problem]] = []
    chosen = list(form.cleaned_data["operation"][:MOST_SHOWN])
    for one in chosen:
        try:
            verb(actor=user, operation=one, reason=form.cleaned_data["reason"])
        except DomainError as error:
            refused.append((seen_operation(one).label, error.problems[0]))
    settled = len(chosen) - len(refused)
    if settled:
        word = "released" if releasing else "discarded"
        messages.success(request, f"{settled} record{'s' if settled > 1 else ''} {word}.")
    if refused:
        return _waiting(request, form, status=422, refused=refused)
    return redirect("field:quarantine")


@require_safe
@page("field.use")
def conflicts(request: HttpRequest) -> HttpResponse:
    """List what contradicted the record: two phones that claim the same tag, a seal that was used."""
    found = queries.conflicts_for(person(request))
    rows = keyset_page(found, order=("-id",), cursor=request.GET.get("cursor"))
    shown = [seen_operation(one) for one in rows.rows]
    return render(request, "field/conflicts.html", {"page": rows, "operations": shown, **_places(request)})


@require_http_methods(["GET", "HEAD", "POST"])
@page("field.carry")
def carry_by_hand(request: HttpRequest) -> HttpResponse:
    """Upload an outbox that somebody carried, and show what was answered."""
    form = CarryForm(request.POST, request.FILES) if request.method == "POST" else CarryForm()
    carried: Carried | None = None
    if request.method == "POST" and form.is_valid():
        try:
            carried = carry(form.cleaned_data["file"].read(), by=person(request))
        except DomainError as error:
            add_problems(form, error)
    context = {"form": form, "carried": carried, "answers": _answers(request, carried), **_places(request)}
    context["told"] = carried is not None and carried.device.person_id == person(request).pk
    if carried is not None:
        context["stats"] = [
            {"label": label.title(), "value": count} for label, count in carried.counts().items() if count
        ]
    return render(request, "field/carry.html", context, status=422 if form.errors else 200)


def _answers(request: HttpRequest, carried: Carried | None) -> list[dict[str, Any]]:
    if carried is None:
        return []
    told = carried.answers_for(person(request))
    return [answer | {"tone": ANSWER_TONES[Answer(answer["answer"])]} for answer in told]
