"""Pages on which a consignment changes its way: split, turned back, given up, and bags sent to their owner."""

from typing import Final
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from lims.accounts.authentication import person
from lims.web.access import page
from samples.custody import page_queries, returning, services, splitting
from samples.custody.forms import with_here
from samples.custody.packing_pages import packed
from samples.custody.road_forms import ReasonForm, SendBackForm, SplitForm, TurnBackForm
from samples.custody.road_pages import carried
from samples.registry.forms import done

#: so many bags are offered at once to be ticked
MOST_OFFERED: Final = 200


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.carry")
def split(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let some bags of a consignment travel on by themselves."""
    user = person(request)
    found = carried(user, pk)
    owners = rules.has_perm("custody.pack", user, found)
    form = SplitForm(found, request.POST if request.method == "POST" else None, owners=owners)
    if request.method == "POST":
        made = done(form, with_here(splitting.split_consignment), actor=user, consignment=found)
        if made is not None:
            messages.success(request, f"{made} is on the road with the bags that were split off {found}.")
            return redirect("custody:consignment", pk=made.pk)
    context = {"consignment": found, "form": form, "open": found.state in splitting.SPLITTABLE}
    return render(request, "custody/split.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.carry")
def turn_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Turn a consignment round on the road."""
    user = person(request)
    found = carried(user, pk)
    form = TurnBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = done(form, with_here(returning.turn_back), actor=user, consignment=found)
        if made is not None:
            messages.success(request, f"{found} is on its way back to {found.owner}.")
            return redirect("custody:consignment", pk=pk)
    context = {
        "consignment": found,
        "form": form,
        "open": found.state == "DISPATCHED" and not found.returning,
    }
    return render(request, "custody/turn_back.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.pack")
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a consignment up that has not left."""
    user = person(request)
    found = packed(user, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = done(form, services.cancel_consignment, actor=user, consignment=found)
        if made is not None:
            messages.success(request, f"{found} is cancelled. Its bags are free, and still sealed.")
            return redirect("custody:consignment", pk=pk)
    context = {"consignment": found, "form": form, "bags": found.bags, "open": found.state == "PACKING"}  # type: ignore[attr-defined]  # annotated
    return render(request, "custody/cancel.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.desk")
def send_back(request: HttpRequest) -> HttpResponse:
    """Send bags of one's laboratory to their owner."""
    user = person(request)
    items = page_queries.returnable(user)
    form = SendBackForm(items, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = done(form, with_here(returning.send_back), actor=user)
        if made is not None:
            bags = made.items.count()
            words = "1 bag is" if bags == 1 else f"{bags} bags are"
            messages.success(request, f"{words} on the way to {made.owner} as {made}, with {made.carrier}.")
            return redirect("custody:receiving")
    context = {"form": form, "any": items.exists()}
    return render(request, "custody/send_back.html", context, status=422 if form.is_bound else 200)
