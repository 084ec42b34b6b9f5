"""Pages of consignments: the list, one consignment with its custody line, its papers, and its dispatch."""

from typing import Any, Final
from uuid import UUID

import rules
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.web.access import page
from samples.custody import incident_services, manifest, page_queries, queries, services, splitting
from samples.custody.forms import DoseForm, PaperForm, ReportForm, StartForm, WhereForm, with_here
from samples.custody.limits import limits_of
from samples.custody.line import holder_of, is_late, line_of
from samples.custody.models import Consignment
from samples.custody.papers.drawdown import against_documents
from samples.custody.papers.queries import documents_for
from samples.custody.queries import Receipt
from samples.custody.routes.queries import legs_of
from samples.custody.rules import CONSIGNMENT_LABELS, ConsignmentState
from samples.custody.seen import SeenEvent, seen_events, sight_on
from samples.custody.timeline.compose import leg_views, way_of
from samples.custody.timeline.maps import drawn, places_of
from samples.registry.forms import degrees, done
from samples.registry.sight import Sight

TONES: Final = {"PACKING": "neutral", "DISPATCHED": "info", "PARTLY_RECEIVED": "warn", "RECEIVED": "good"}
#: what each act asks for, and in which states it makes sense
ACTS: Final = {
    "pack": ("custody.pack", {ConsignmentState.PACKING}),
    "carry": ("custody.carry", {ConsignmentState.DISPATCHED}),
    "receive": ("custody.receive", {ConsignmentState.DISPATCHED, ConsignmentState.PARTLY_RECEIVED}),
    "split": ("custody.carry", set(splitting.SPLITTABLE)),
    "report": ("custody.explain", set(ConsignmentState)),
}


@require_safe
@page("custody.read")
def consignments(request: HttpRequest) -> HttpResponse:
    """List the consignments that one may see."""
    user, state = person(request), request.GET.get("state", "")
    found = queries.consignments_for(user)
    if state in list(ConsignmentState):
        found = found.filter(state=state)
    rows = keyset_page(found, order=("-id",), cursor=request.GET.get("cursor"))
    waiting = page_queries.waiting_incidents(user, rows.rows)
    context = {
        "page": rows,
        "rows": [
            {
                "it": one,
                "tone": TONES.get(one.state, "neutral"),
                "late": is_late(one),
                "n": waiting.get(one.pk),
            }
            for one in rows.rows
        ],
        "state": state,
        "states": [(value.value, label) for value, label in CONSIGNMENT_LABELS.items()],
        "open_incidents": queries.incidents_for(user).filter(state__in=page_queries.WAITING).count(),
        "may_start": rules.has_perm("custody.pack", user),
    }
    return render(request, "custody/consignments.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.pack")
def start(request: HttpRequest) -> HttpResponse:
    """Begin a consignment: who carries it, and to which laboratory."""
    user = person(request)
    form = StartForm(user, request.POST if request.method == "POST" else None)
    made = done(form, services.start_consignment, actor=user) if request.method == "POST" else None
    if made is None:
        return render(request, "custody/start.html", {"form": form}, status=422 if form.is_bound else 200)
    messages.success(request, f"Consignment {made} is begun. Now seal and pack its bags.")
    return redirect("custody:pack", pk=made.pk)


@require_safe
@page("custody.read")
def consignment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one consignment: its custody line, who has it, its bags, its papers."""
    return _shown(request, queries.consignment_for(person(request), pk))


def _shown(request: HttpRequest, found: Consignment, status: int = 200, **forms: Form) -> HttpResponse:
    user = person(request)
    receipt = queries.receipt_of(found)
    sight = sight_on(user, found)
    events = seen_events(queries.events_of(found), sight)
    incidents = list(queries.incidents_for(user).filter(consignment=found).order_by("opened_at", "id"))
    holder, since = holder_of(found, events)
    papers = page_queries.papers_of(found)
    missing = [str(paper["kind"]) for paper in papers if paper["paper"] is None]
    limits = limits_of(found.owner_id)
    context: dict[str, Any] = {
        "consignment": found,
        "tone": TONES.get(found.state, "neutral"),
        "late": is_late(found),
        "entries": line_of(found, events, incidents, receipt, sight),
        "incidents": [one for one in incidents if one.state in page_queries.WAITING],
        "holder": holder,
        "since": since,
        "stats": stats_of(found, receipt),
        "receipt": receipt,
        "visible": page_queries.visible_samples(user, (row.item.sample_id for row in receipt.rows)),
        "blind": sight <= Sight.BLIND,  # the number of a paper may tell where it was given
        "papers": papers,
        "missing": missing,
        "paper_form": forms.get("paper") or _paper_form(user, found, missing),
        "dose_form": forms.get("dose") or DoseForm(),
        "report_form": forms.get("report") or ReportForm(),
        "dose": [degrees(rate) for rate in (found.dose_surface_usv_h, found.dose_1m_usv_h)],
        "limits": [degrees(most) for most in (limits.surface_usv_h, limits.at_1m_usv_h)],
        **_way(found, events, sight),
        "split_from": Consignment.objects.visible_to(user).filter(parts=found).first(),
        "parts": Consignment.objects.visible_to(user).filter(split_from=found).order_by("code"),
        "may": may_do(user, found),
    }
    return render(request, "custody/consignment.html", context, status=status)


def _way(found: Consignment, events: list[SeenEvent], sight: Sight) -> dict[str, Any]:
    """Return the legs of a consignment and the map of its places; a laboratory sees neither."""
    if sight <= Sight.BLIND:
        return {"legs": (), "map": None}
    legs = legs_of(found)
    return {
        "legs": leg_views(legs, returning=found.returning),
        "map": drawn(way_of(legs, sight), places_of(events)),
    }


def _paper_form(user: User, found: Consignment, missing: list[str], *args: Any) -> PaperForm:
    """Return the form of a paper; the register offers the owner's documents of the kinds that are missing."""
    return PaperForm(missing, *args, documents=documents_for(user).filter(owner=found.owner_id))


def may_do(user: User, found: Consignment) -> dict[str, bool]:
    """Return which acts on a consignment the person may do now."""
    return {
        act: found.state in states and rules.has_perm(permission, user, found)
        for act, (permission, states) in ACTS.items()
    }


def stats_of(found: Consignment, receipt: Receipt) -> list[dict[str, Any]]:
    """Return the numbers at the top of a consignment's page."""
    mass = sum((row.item.sealed_mass_g for row in receipt.rows), start=0)
    numbers: list[dict[str, Any]] = [
        {"label": "Bags", "value": receipt.expected},
        {"label": "Sealed mass", "value": f"{mass / 1000:.3f}", "unit": "kg"},
        {"label": "Seals", "value": sum(bool(row.seals) for row in receipt.rows)},
    ]
    if found.state not in {ConsignmentState.PACKING, ConsignmentState.CANCELLED}:
        numbers.append({"label": "Received", "value": receipt.received})
    return [*numbers, {"label": "With an incident", "value": sum(bool(r.incidents) for r in receipt.rows)}]


@require_POST
@page("custody.pack")
def record_document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep that a paper is there, with its number."""
    user = person(request)
    found = queries.consignment_for(user, pk)
    missing = [str(one["kind"]) for one in page_queries.papers_of(found) if one["paper"] is None]
    form = _paper_form(user, found, missing, request.POST)
    if done(form, services.record_document, actor=user, consignment=found) is None:
        return _shown(request, found, status=422, paper=form)
    messages.success(request, "The paper is on the list.")
    return redirect("custody:consignment", pk=pk)


@require_POST
@page("custody.pack")
def record_dose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the dose rate of the packed bags."""
    user, form = person(request), DoseForm(request.POST)
    found = queries.consignment_for(user, pk)
    if done(form, services.record_dose_rate, actor=user, consignment=found) is None:
        return _shown(request, found, status=422, dose=form)
    messages.success(request, "The dose rate is kept.")
    return redirect("custody:consignment", pk=pk)


@require_POST
@page("custody.explain")
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open an incident that somebody noticed."""
    user, form = person(request), ReportForm(request.POST)
    found = queries.consignment_for(user, pk)
    made = done(form, incident_services.report_incident, actor=user, consignment=found)
    if made is None:
        return _shown(request, found, status=422, report=form)
    messages.success(request, "The incident is open. Now somebody explains it.")
    return redirect("custody:incident", pk=made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.pack")
def dispatch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lock the manifest and let the consignment go, after saying what that means."""
    user = person(request)
    found = queries.consignment_for(user, pk)
    form = WhereForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        verb = with_here(services.dispatch)
        if done(form, verb, actor=user, consignment=found) is not None:
            messages.success(request, f"{found} is on the road with {found.carrier}. Its manifest is locked.")
            return redirect("custody:consignment", pk=pk)
    receipt = queries.receipt_of(found)
    items = [row.item for row in receipt.rows]
    context = {
        "consignment": found,
        "receipt": receipt,
        "mass_g": sum((row.item.sealed_mass_g for row in receipt.rows), start=0),
        "problems": manifest.against_dispatch(found, items)
        + against_documents(found, items, at=timezone.now()),
        "may": may_do(user, found),
        "form": form,
    }
    return render(request, "custody/dispatch.html", context, status=422 if form.is_bound else 200)
