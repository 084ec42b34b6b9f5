"""Pages of typed results: the grid of a run, saved as one types, or as a plain form where no script runs."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from assays.certificates.entry import queries, services
from assays.certificates.entry.committing import submit_grid
from assays.certificates.entry.forms import BeginForm, VersionForm, typed_cells
from assays.certificates.entry.plain import sheet_of
from assays.certificates.entry.rules import Clash
from assays.certificates.models import Grid
from assays.runs.models import Run
from assays.runs.queries import run_for
from assays.runs.rules import RunState
from lims.accounts.authentication import person
from lims.errors import Conflict, DomainError, NotFound, Place, Problem
from lims.web.access import page
from lims.web.forms import add_problems


def _run(request: HttpRequest, pk: UUID) -> Run:
    """Return the run, for people of the laboratory that keeps it. Raises `NotFound` ("run-unknown")."""
    found = run_for(person(request), pk)
    if found.kept_by_id not in queries.laboratories_of(person(request)):
        raise NotFound(Problem("run-unknown", "There is no such run.", "Look it up.", Place(field="run")))
    return found


def _open(request: HttpRequest, pk: UUID) -> Grid:
    """Return the grid of the run that is being typed. Raises `NotFound` or `Conflict` ("grid-closed")."""
    run = _run(request, pk)
    grid = queries.open_grid_of(run)
    if grid is None:
        message = f"Nothing is being typed for {run}: it was submitted or put away."
        raise Conflict(Problem("grid-closed", message, "Look at the run, or begin anew."))
    return grid


@require_safe
@page("certificates.watch")
def typed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what is typed for a run, or offer to begin."""
    run = _run(request, pk)
    grid = queries.open_grid_of(run)
    if grid is not None:
        return _shown(request, grid)
    return _begin(request, run, BeginForm(run, reported=queries.standing_results(run) is not None))


def _begin(request: HttpRequest, run: Run, form: BeginForm, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {
        "run": run,
        "form": form,
        "standing": queries.standing_results(run),
        "planned": run.state == RunState.PLANNED,
        "may_log": rules.has_perm("certificates.log", person(request), run),
    }
    return render(request, "certificates/entry/begin.html", context, status=status)


def _shown(
    request: HttpRequest,
    grid: Grid,
    *,
    problems: Sequence[Any] = (),
    clashes: Sequence[Clash] = (),
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    user = person(request)
    state = queries.state_of(user, grid)
    start = request.POST.get("from") or request.GET.get("from") or "0"
    labels = {line.item.pk: line.item.label for line in state.rows}
    context = {
        "run": grid.run,
        "grid": grid,
        "state": state,
        "sheet": sheet_of(state, int(start) if start.isdecimal() and len(start) < 7 else 0, clashes),
        "problems": problems,
        "clashes": [(labels.get(one.item, ""), state.columns[one.column], one) for one in clashes],
        "standing": queries.standing_results(grid.run),
        "method": queries.method_of(grid),
        "api": reverse("api-grid-detail", args=[grid.pk]),
        "may_log": rules.has_perm("certificates.log", user, grid.run),
        "values": state.filled,
        "items": len({one.cell.item_id for one in state.cells if one.cell.raw}),
    }
    return render(request, "certificates/entry/grid.html", context, status=status)


@require_POST
@page("certificates.log")
def begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin to type, or go on with what was begun."""
    run = _run(request, pk)
    form = BeginForm(run, request.POST, reported=queries.standing_results(run) is not None)
    if form.is_valid():
        try:
            services.open_grid(actor=person(request), run=run, method=form.cleaned_data.get("method"))
        except DomainError as error:
            add_problems(form, error)
        else:
            return redirect("entry:typed", pk=pk)
    return _begin(request, run, form, HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@page("certificates.log")
def save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what was typed in the plain form; what somebody else changed meanwhile is shown beside it."""
    grid = _open(request, pk)
    try:
        saved = services.save_cells(actor=person(request), grid=grid, cells=typed_cells(request.POST))
    except Conflict:
        raise
    except DomainError as error:
        return _shown(request, grid, problems=error.problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if saved.clashes:
        return _shown(request, saved.grid, clashes=saved.clashes, status=HTTPStatus.CONFLICT)
    messages.success(request, "Kept. Nothing counts before it is submitted.")
    start = request.POST.get("go") or request.POST.get("from") or "0"
    return redirect(f"{reverse('entry:typed', args=[pk])}?{urlencode({'from': start})}")


@require_POST
@page("certificates.log")
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Commit what was typed as the run's certificate."""
    grid, form = _open(request, pk), VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else -1
    try:
        made = submit_grid(actor=person(request), grid=grid, version=version)
    except DomainError as error:
        refused = HTTPStatus.CONFLICT if isinstance(error, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
        return _shown(request, grid, problems=error.problems, status=refused)
    said = f"{made.determination_count} values of {made.rows} items are in; a second person reviews them."
    messages.success(request, said)
    return redirect("runs:run", pk=pk)


@require_POST
@page("certificates.log")
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put away what was typed."""
    services.discard_grid(actor=person(request), grid=_open(request, pk))
    messages.success(request, "What was typed is put away; nothing of it counts.")
    return redirect("runs:run", pk=pk)
