"""Pages of the road: handing over, and what happens on the way."""

from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lims.accounts.authentication import person
from lims.accounts.handover import code_of
from lims.accounts.models import User
from lims.errors import DomainError
from lims.web.access import page
from lims.web.forms import add_problems
from samples.custody import page_queries, queries, road_services
from samples.custody.forms import OnTheWayForm, with_here
from samples.custody.models import Consignment, CustodyEvent
from samples.custody.road_forms import HOW, ConfirmForm, HandOverForm
from samples.custody.rules import CONFIRMED_LABELS, ConfirmedHow
from samples.custody.scales.queries import scale_unfit
from samples.registry.forms import done


def carried(user: User, pk: UUID) -> Consignment:
    """Return the consignment, if it is the person's to hand on."""
    found = queries.consignment_for(user, pk)
    if not rules.has_perm("custody.carry", user, found):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.carry")
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand a consignment on: first the form, then the summary that both look at and one confirms, then it is done."""
    user = person(request)
    found = carried(user, pk)
    applied = page_queries.applied_seals(found)
    people = page_queries.carriers_people(found, besides=user)
    posted = request.POST if request.method == "POST" else None
    form = HandOverForm(user, people, applied, posted)
    if posted is not None and "change" not in posted and form.is_valid() and _says_who(form):
        if "confirm" not in posted:
            return _summary(request, found, form, _unbound(form))
        confirm = ConfirmForm(posted)
        event = _handed(user, found, form, confirm)
        if event is not None:
            words = CONFIRMED_LABELS[ConfirmedHow(event.confirmed_how)] if event.confirmed_how else ""
            how = f", confirmed {words[0].lower()}{words[1:]}" if words else ". Nobody confirmed it"
            messages.success(request, f"{found} is handed over to {_taker(form)}{how}.")
            return redirect("custody:consignment", pk=pk)
        if not form.errors:
            return _summary(request, found, form, confirm, status=422)
    context = {"consignment": found, "form": form, "seals": applied}
    bad = form.is_bound and "change" not in request.POST
    return render(request, "custody/hand_over.html", context, status=422 if bad else 200)


def _unbound(form: HandOverForm) -> ConfirmForm:
    """Return the empty confirmation: what the receiver has is offered first."""
    taker = form.cleaned_data["to_person"]
    code = code_of(taker) if taker is not None else None
    how = ConfirmedHow.PIN if code is not None and code.pin_hash else ConfirmedHow.SIGNATURE
    return ConfirmForm(initial={"how": how})


def _handed(user: User, found: Consignment, form: HandOverForm, confirm: ConfirmForm) -> CustodyEvent | None:
    """Hand over; None, with the problems beside their fields, when something is wrong."""
    if not confirm.is_valid():
        return None
    try:
        return with_here(road_services.hand_over)(
            actor=user,
            consignment=found,
            confirmation=confirm.confirmation(),
            insist=True,
            **form.cleaned_data,
        )
    except DomainError as error:
        beside = all(problem.place.field in confirm.fields for problem in error.problems)
        add_problems(confirm if beside else form, error)
        return None


def _summary(
    request: HttpRequest, found: Consignment, form: HandOverForm, confirm: ConfirmForm, *, status: int = 200
) -> HttpResponse:
    given, how = form.cleaned_data, confirm.fields["how"]
    scale = given.get("scale")
    if given["to_person"] is None:  # only people of ours have a PIN or a code
        how.choices = [one for one in HOW if one[0] in {"", ConfirmedHow.SIGNATURE}]  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "consignment": found,
        "form": form,
        "confirm": confirm,
        "giver": person(request).name,
        "seals": list(form.applied.values()),
        "taker": _taker(form),
        "given": given,
        "missing": _unseen(form),
        "unfit": scale_unfit(scale, timezone.now()) if scale else "",
        "sent": [(name, value) for name in form.fields for value in request.POST.getlist(name)],
    }
    return render(request, "custody/hand_over_summary.html", context, status=status)


def _says_who(form: HandOverForm) -> bool:
    """Return whether one receiver is named; otherwise the form says so, before the phone is turned round."""
    given = form.cleaned_data
    if given["to_person"] is not None and given["to_name"]:
        form.add_error("to_name", "Either choose a person or write a name, not both.")
    elif given["to_person"] is None and not given["to_name"]:
        form.add_error("to_person", "It is not said who takes over. Choose a person, or write a name below.")
    elif given["to_name"] and not given["to_document"]:
        form.add_error("to_document", "Write the number of their document.")
    return form.is_valid()


def _taker(form: HandOverForm) -> str:
    taker = form.cleaned_data["to_person"]
    return str(taker.name if taker is not None else form.cleaned_data["to_name"])


def _unseen(form: HandOverForm) -> list[str]:
    """Return the seals that nobody ticked, in words."""
    seen = set(form.cleaned_data["seals"])
    return [
        f"{seal} on {seal.sample}"
        for seal in form.applied.values()
        if (seal.maker, seal.number) not in seen
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.carry")
def on_the_way(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a checkpoint, a border, the arrival."""
    user = person(request)
    found = carried(user, pk)
    form = OnTheWayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = done(form, with_here(road_services.record_event), actor=user, consignment=found)
        if made is not None:
            messages.success(request, f"{made} is on the custody line.")
            return redirect("custody:consignment", pk=pk)
    context = {"consignment": found, "form": form}
    return render(request, "custody/on_the_way.html", context, status=422 if form.is_bound else 200)
