"""Pages of overrides and investigations, all on the run's page: proposed, agreed to, refused; opened and closed."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from assays.quality import services
from assays.quality.forms import CloseForm, OpenForm, ProposeForm, SecondForm
from assays.quality.investigating import close_investigation as close
from assays.quality.investigating import open_investigation
from assays.quality.looking_into import (
    SEPARATOR,
    investigation_choices,
    investigation_for,
    investigations_of,
)
from assays.quality.models import QcOverride
from assays.quality.panels import blocked_analytes
from assays.quality.queries import run_qc
from assays.runs.models import Run
from assays.runs.pages import shown
from assays.runs.parts import keep_form
from assays.runs.queries import run_for
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.errors import DomainError, NotFound, Place, Problem
from lims.web.access import page
from lims.web.forms import add_problems
from lims.web.problems import status_of


def override_for(user: User, pk: UUID) -> QcOverride:
    """Return the override, if the person may see its run. Raises `NotFound` ("override-unknown")."""
    rows = QcOverride.objects.filter(run__in=Run.objects.visible_to(user).values("pk"))
    found = rows.select_related("run").filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem("override-unknown", "There is no such override.", "Look it up.", Place(field="id"))
        )
    return found


@require_POST
@page("quality.override")
def propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Propose that results count although QC says otherwise."""
    user = person(request)
    run = run_for(user, pk)
    form = ProposeForm(blocked_analytes(run_qc(run)), request.POST, auto_id="id_propose_%s")
    said = "The override is proposed: it counts once a second person agrees."
    return _done(
        request,
        run,
        "propose",
        form,
        lambda: services.propose_override(actor=user, run=run, **form.cleaned_data),
        said,
    )


@require_POST
@page("quality.override")
def second(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Agree to an override as the second person."""
    return _judged(request, pk, services.second_override, "The override counts from now on.")


@require_POST
@page("quality.override")
def refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse an override as the second person."""
    return _judged(request, pk, services.refuse_override, "The override is refused: what QC says stands.")


def _judged(request: HttpRequest, pk: UUID, verb: Callable[..., Any], said: str) -> HttpResponse:
    user = person(request)
    found = override_for(user, pk)
    form = SecondForm(request.POST, auto_id=f"id_second_{pk}_%s")
    run = run_for(user, found.run_id)
    return _done(
        request,
        run,
        f"second-{pk}",
        form,
        lambda: verb(actor=user, override=found, **form.cleaned_data),
        said,
    )


@require_POST
@page("quality.investigate")
def investigate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin to look into what QC blocks in a run."""
    user = person(request)
    run = run_for(user, pk)
    choices = investigation_choices(run, investigations_of(run))
    form = OpenForm(choices, request.POST, auto_id="id_investigate_%s")

    def act() -> object:
        method, analyte, oxide = form.cleaned_data["of"].split(SEPARATOR)
        given = {"analyte": analyte, "oxide": oxide, "method_code": method}
        return open_investigation(actor=user, run=run, finding=form.cleaned_data["finding"], **given)

    said = "It is written down. Close it with the cause and what was done."
    return _done(request, run, "investigate", form, act, said, "investigations")


@require_POST
@page("quality.investigate")
def close_investigation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close an investigation. Raises `NotFound` ("investigation-unknown")."""
    user = person(request)
    found = investigation_for(user, pk)
    if found is None:
        problem = Problem("investigation-unknown", "There is no such investigation.", "Look it up.")
        raise NotFound(problem)
    form = CloseForm(request.POST, auto_id=f"id_close_{pk}_%s")
    run = run_for(user, found.run_id)
    return _done(
        request,
        run,
        f"close-{pk}",
        form,
        lambda: close(actor=user, investigation=found, **form.cleaned_data),
        "It is closed, with its cause.",
        "investigations",
    )


def _done(
    request: HttpRequest,
    run: Run,
    name: str,
    form: forms.Form,
    act: Callable[[], object],
    said: str,
    place: str = "overrides",
) -> HttpResponse:
    """Act and go back to the run's page; when form or verb refuse, show it again with what was typed."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            act()
        except DomainError as error:
            status = status_of(error)
            add_problems(form, error)
        else:
            messages.success(request, said)
            return redirect(f"{reverse('runs:run', args=[run.pk])}#{place}")
    keep_form(request, name, form)
    return shown(request, run, status=status)
