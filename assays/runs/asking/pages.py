"""The page on which an owner asks for an analysis, and what a batch's page shows of it."""

from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assays.runs.asking.forms import AskForm
from assays.runs.expected import asked_for
from assays.runs.services import request_analysis
from lims.accounts.authentication import person
from lims.errors import DomainError
from lims.permits import permit
from lims.web.access import page
from lims.web.forms import add_problems
from samples.registry.models import Batch
from samples.registry.panels import Shown, register_panel
from samples.registry.queries import batch_for


@require_http_methods(["GET", "HEAD", "POST"])
@page("runs.request")
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask a laboratory to analyse samples of a batch."""
    user = person(request)
    batch = batch_for(user, pk)
    permit(user, "runs.request", batch)
    form = AskForm(batch, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = request_analysis(actor=user, batch=batch, **form.values())
        except DomainError as error:
            add_problems(form, error)
        else:
            messages.success(request, f"Asked for {made}: the samples are expected from now on.")
            return redirect("registry:batch", pk=pk)
    context = {
        "form": form,
        "batch": batch,
        "choices": bool(form.fields["method"].queryset.exists()),  # type: ignore[attr-defined]  # a choice of rows
    }
    return render(request, "runs/asking/ask.html", context, status=422 if form.is_bound else 200)


def batch_panel(request: HttpRequest, batch: Batch) -> Shown:
    """Return what was asked for a batch beside what was reported; for its owner's people with a way to ask."""
    rows, may = list(asked_for(batch)), rules.has_perm("runs.request", person(request), batch)
    if not rows and not may:
        return None
    return "runs/asking/_panel.html", {
        "rows": rows,
        "may": may,
        "batch": batch,
        "today": timezone.localdate(),
    }


register_panel("batch", batch_panel, order=40)
