"""Pages of routes, and of the limits of the custody checks."""

from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lims.accounts.authentication import person
from lims.accounts.models import Organisation
from lims.errors import NotFound, Problem
from lims.web.access import page
from samples.custody.checks import DEFAULT, FOR_ALL, LIMIT_WORDS
from samples.custody.limits import limits_of, set_limit
from samples.custody.models import CustodyLimit
from samples.custody.routes import services
from samples.custody.routes.forms import LimitForm, RouteForm, managed
from samples.custody.routes.queries import drafts_of, route_for, routes_for
from samples.registry.forms import done


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.documents")
def routes(request: HttpRequest) -> HttpResponse:
    """List the routes that one may see; plan one."""
    user = person(request)
    may = rules.has_perm("custody.judge", user)
    form = RouteForm(user, request.POST or None)
    if request.method == "POST":
        made: Any = done(form, services.add_route, actor=user)
        if made is not None:
            messages.success(request, f"{made} is planned; consignments may take it.")
            return redirect("custody:route", pk=made.pk)
    rows = routes_for(user).order_by("retired_at", "name", "id")[:200]
    context = {"rows": rows, "form": form if may else None}
    return render(request, "custody/routes/routes.html", context, status=422 if form.errors else 200)


@require_safe
@page("custody.documents")
def route(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a route's legs."""
    user = person(request)
    found = route_for(user, pk)
    may = found.retired_at is None and rules.has_perm("custody.judge", user, found.owner)
    context = {"route": found, "legs": drafts_of(found), "may": may}
    return render(request, "custody/routes/route.html", context)


@require_POST
@page("custody.judge")
def retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let no more consignments take a route."""
    user = person(request)
    services.retire_route(actor=user, route=route_for(user, pk))
    messages.success(request, "The route is retired; those on it go on.")
    return redirect("custody:routes")


@require_safe
@page("custody.judge")
def limits(request: HttpRequest) -> HttpResponse:
    """Show the limits of the custody checks for each owner that one manages, with their reasons."""
    owners = Organisation.objects.filter(pk__in=managed(person(request))).order_by("name")
    return render(request, "custody/routes/limits.html", {"owners": [_limits(owner) for owner in owners]})


def _limits(owner: Organisation) -> dict[str, Any]:
    """Return the limits that hold for an owner, with who set each and why."""
    holding = limits_of(owner.pk)
    rows = CustodyLimit.objects.filter(owner=owner).select_related("set_by").order_by("id")
    given = {row.name: row for row in rows}
    lines = [
        {
            "name": name,
            "label": label,
            "unit": unit,
            "value": getattr(holding, name),
            "ours": getattr(DEFAULT, name),
            "why": given[name].rationale if name in given else why,
            "row": given.get(name),
            "for_all": name in FOR_ALL,
        }
        for name, (label, unit, why) in LIMIT_WORDS.items()
    ]
    return {"owner": owner, "lines": lines}


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.judge")
def limit(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Let another limit hold for an owner from now on."""
    user = person(request)
    if name not in LIMIT_WORDS:
        raise NotFound(Problem("limit-unknown", "There is no such limit.", "Look at the list."))
    owner = get_object_or_404(Organisation, pk=pk, pk__in=managed(user))
    form = LimitForm(request.POST or None, initial={"value": getattr(limits_of(owner.pk), name)})
    if request.method == "POST" and done(form, set_limit, actor=user, owner=owner, name=name) is not None:
        messages.success(request, "It holds from now on; the record keeps what it was.")
        return redirect("custody:limits")
    label, unit, why = LIMIT_WORDS[name]
    context = {"owner": owner, "label": label, "unit": unit, "why": why, "form": form}
    return render(request, "custody/routes/limit.html", context, status=422 if form.errors else 200)
