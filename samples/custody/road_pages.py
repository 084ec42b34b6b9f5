"""Pages of the road: handing over, and what happens on the way."""

from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.web.access import page
from samples.custody import page_queries, queries, road_services
from samples.custody.forms import HandOverForm, OnTheWayForm, with_here
from samples.custody.models import Consignment
from samples.registry.forms import done


def _carried(user: User, pk: UUID) -> Consignment:
    """Return the consignment, if it is the person's to hand on."""
    found = queries.consignment_for(user, pk)
    if not rules.has_perm("custody.carry", user, found):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.carry")
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand a consignment on: first the form, then the summary that both look at, then it is done."""
    user = person(request)
    found = _carried(user, pk)
    applied = page_queries.applied_seals(found)
    people = page_queries.carriers_people(found, besides=user)
    form = HandOverForm(people, applied, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"consignment": found, "form": form, "giver": user.name, "seals": applied}
    if request.method == "POST":
        if "confirm" in request.POST:
            verb = with_here(road_services.hand_over)
            if done(form, verb, actor=user, consignment=found) is not None:
                messages.success(request, f"{found} is handed over to {_taker(form)}.")
                return redirect("custody:consignment", pk=pk)
        elif "change" not in request.POST and form.is_valid() and _says_who(form):
            context |= {"taker": _taker(form), "given": form.cleaned_data, "missing": _unseen(form)}
            context |= {
                "sent": [(name, value) for name in form.fields for value in request.POST.getlist(name)]
            }
            return render(request, "custody/hand_over_summary.html", context)
    bad = form.is_bound and "change" not in request.POST
    return render(request, "custody/hand_over.html", context, status=422 if bad else 200)


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
    found = _carried(user, pk)
    form = OnTheWayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = done(form, with_here(road_services.record_event), actor=user, consignment=found)
        if made is not None:
            messages.success(request, f"{made} is on the custody line.")
            return redirect("custody:consignment", pk=pk)
    context = {"consignment": found, "form": form}
    return render(request, "custody/on_the_way.html", context, status=422 if form.is_bound else 200)
