"""Pages of building runs: a new run, its rack, the sheet, the QC rule."""

from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assays.catalogue.models import Method
from assays.runs.building import queries, services
from assays.runs.building.forms import BeginForm, BuildForm, PlaceForm, RuleForm
from assays.runs.building.rates import SHARES
from assays.runs.building.rules import MARKS
from assays.runs.building.sheet import instrument_csv, run_sheet
from assays.runs.building.standing import calibration_words
from assays.runs.models import Portion, Run
from assays.runs.portions.pages import chosen_ids
from assays.runs.portions.queries import laboratories_of
from assays.runs.rules import ItemKind, RunState
from lims.accounts.authentication import person
from lims.accounts.rules import Role
from lims.errors import DomainError, invalid
from lims.web.access import page
from lims.web.forms import add_problems
from lims.web.problems import status_of
from samples.registry.forms import done

REFUSED: Final = HTTPStatus.UNPROCESSABLE_ENTITY


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@page("runs.bench")
def new(request: HttpRequest) -> HttpResponse:
    """Build a run: a method, then the portions that wait for it."""
    user = person(request)
    methods = list(queries.methods_for(user))
    asked = _id(request.POST.get("method") or request.GET.get("method", ""))
    method = queries.method_for(user, asked) if asked else (methods[0] if methods else None)
    if method is None:
        return render(request, "runs/building/new.html", {"methods": []})
    form = BuildForm(method, request.POST or None)
    chosen = chosen_ids(request.POST)
    if request.method == "POST":
        made = _build(request, form, method, chosen)
        if made is not None:
            messages.success(request, f"Run {made} is built. Look at its rack, then begin it.")
            return redirect("building:rack", pk=made.pk)
    rows = list(queries.waiting_for(method.laboratory, method)[: queries.MOST_OFFERED])
    context = {
        "methods": methods,
        "method": method,
        "form": form,
        "rows": [
            (row, row.pk in chosen or (not request.POST and getattr(row, "wanted", False))) for row in rows
        ],
        "full": len(rows) == queries.MOST_OFFERED,
        "rates": _shares(method),
        "may_set": rules.has_perm("runs.set_rates", user),
    }
    return render(request, "runs/building/new.html", context, status=REFUSED if form.errors else 200)


def _build(request: HttpRequest, form: BuildForm, method: Method, chosen: list[UUID]) -> Run | None:
    if not form.is_valid():
        return None
    given = dict(form.cleaned_data)
    label = given.pop("richest").strip()
    rows = queries.waiting_for(method.laboratory, method).filter(pk__in=chosen)
    try:
        highest = _labelled(list(rows), label) if label else None
        return services.build_run(
            actor=person(request),
            laboratory=method.laboratory,
            method=method,
            portions=list(rows),
            highest=highest,
            **given,
        )
    except DomainError as error:
        add_problems(form, error)
        return None


def _labelled(rows: list[Portion], label: str) -> Portion:
    for row in rows:
        if row.label.casefold() == label.casefold():
            return row
    message = f"No portion that is chosen is called “{label}”."
    raise invalid("portion-not-chosen", message, "Choose it too, or leave this empty.", field="richest")


def _shares(method: Method) -> list[tuple[str, Any]]:
    rates = queries.rates_for(method.laboratory_id, method)
    return [(label, getattr(rates, name)) for name, label in SHARES.items()]


@require_safe
@page("runs.bench")
def rack(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a run's rack, to be changed until it begins."""
    return _shown(request, queries.built_run_for(person(request), pk))


def _context(found: Run, **refused: Any) -> dict[str, Any]:
    rack_now = queries.rack_of(found)
    count = len(rack_now.items)
    return {
        "run": found,
        "rack": rack_now,
        "planned": found.state == RunState.PLANNED,
        "rows": [
            {
                "item": item,
                "mark": MARKS[ItemKind(item.kind)],
                "earlier": at - 1,
                "later": at + 1 if at < count else 0,
                "position": at,
            }
            for at, item in enumerate(rack_now.items, 1)
        ],
        **refused,
    }


def _shown(request: HttpRequest, found: Run, *, status: int = HTTPStatus.OK, **refused: Any) -> HttpResponse:
    context = _context(found, **refused)
    version, count = context["rack"].version, len(context["rows"])
    if context["planned"]:
        told = {"version": version, "instrument": found.instrument_id}
        short = bool(context["rack"].short)
        context.setdefault("begin", BeginForm(found, initial=told, short=short, auto_id="id_begin_%s"))
        told = {"version": version, "position": count + 1}
        context.setdefault("place", PlaceForm(found, initial=told, auto_id="id_place_%s"))
    warned = found.instrument
    context["warning"] = calibration_words(warned, timezone.localdate()) if warned else ""
    return render(request, "runs/building/rack.html", context, status=status)


def _changed(request: HttpRequest, pk: UUID, verb: Any, **given: Any) -> HttpResponse:
    """Change a rack; a script gets the rack alone, with what was wrong."""
    user = person(request)
    found = queries.built_run_for(user, pk)
    fragment, status, problem = bool(request.headers.get("HX-Request")), HTTPStatus.OK, ""
    try:
        named = given.pop("item")
        if named is None:
            raise invalid("item-missing", "No item of the rack was named.", "Choose one.", field="item")
        item = queries.item_in(found, named)
        verb(actor=user, run=found, version=request.POST.get("version", ""), item=item, **given)
    except DomainError as error:
        problem, status = str(error.problems[0]), status_of(error)
    if fragment:
        return render(
            request, "runs/building/_rack.html", _context(found, problem=problem), status=HTTPStatus(status)
        )
    if problem:
        return _shown(request, queries.built_run_for(user, pk), status=status, problem=problem)
    return redirect("building:rack", pk=pk)


@require_POST
@page("runs.bench")
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Move an item of the rack: `move` is "item:position"."""
    item, _, to = request.POST.get("move", "").partition(":")
    at = int(to) if to.isdecimal() and len(to) < 6 else 1
    return _changed(request, pk, services.move_item, item=_id(item), to=at)


@require_POST
@page("runs.bench")
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an item out of the rack."""
    return _changed(request, pk, services.remove_item, item=_id(request.POST.get("remove", "")))


@require_POST
@page("runs.bench")
def place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put something more into the rack."""
    user = person(request)
    found = queries.built_run_for(user, pk)
    form = PlaceForm(found, request.POST, auto_id="id_place_%s")
    made = done(form, services.place_item, actor=user, run=found)
    if made is None:
        return _shown(request, found, status=REFUSED, place=form)
    messages.success(request, f"{made} is in the rack.")
    return redirect("building:rack", pk=pk)


@require_POST
@page("runs.bench")
def begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin a run with the rack as it was seen."""
    user = person(request)
    found = queries.built_run_for(user, pk)
    short = bool(queries.rack_of(found).short)
    form = BeginForm(found, request.POST, short=short, auto_id="id_begin_%s")
    made = done(form, services.begin_run, actor=user, run=found)
    if made is None:
        return _shown(request, queries.built_run_for(user, pk), status=REFUSED, begin=form)
    messages.success(request, f"Run {made} has begun: its codes are given. Print the run sheet.")
    return redirect("building:rack", pk=pk)


@require_safe
@page("runs.bench")
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the run sheet as PDF."""
    found = queries.built_run_for(person(request), pk)
    answer = HttpResponse(run_sheet(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="run-{found.pk}.pdf"'
    return answer


@require_safe
@page("runs.bench")
def listing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the instrument's list as CSV."""
    found = queries.built_run_for(person(request), pk)
    answer = HttpResponse(instrument_csv(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="run-{found.pk}.csv"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@page("runs.set_rates")
def rule(request: HttpRequest) -> HttpResponse:
    """Show the versions of a laboratory's QC rules, and set one."""
    user = person(request)
    laboratory = laboratories_of(user, Role.MANAGER).first()
    assert laboratory is not None  # the permission is a manager's
    counts = queries.rates_for(laboratory, None)
    form = RuleForm(user, request.POST or None, initial={name: getattr(counts, name) for name in SHARES})
    if request.method == "POST" and form.is_valid():
        method = form.cleaned_data["method"]
        where = method.laboratory if method is not None else laboratory
        try:
            made = services.set_insertion_rule(
                actor=user,
                laboratory=where,
                method=method,
                rates=form.rates,
                rationale=form.cleaned_data["rationale"],
            )
        except DomainError as error:
            add_problems(form, error)
        else:
            messages.success(request, f"Version {made.version} counts for every run built from now on.")
            return redirect("building:rule")
    context = {"form": form, "versions": queries.rules_of(laboratory), "laboratory": laboratory}
    return render(request, "runs/building/rule.html", context, status=REFUSED if form.errors else 200)
