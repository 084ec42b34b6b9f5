"""What a policy would change: a fragment beside its rule, computed at once for a few batches and by a worker for many."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from assays.grading import services
from assays.grading import what_if as computing
from assays.grading.models import Policy
from assays.reports.policy_pages import policy_for
from assays.reports.queries import is_due
from assays.reports.what_if import view_of
from lims.accounts.authentication import person
from lims.web.access import page
from lims.work import progress


def _shown(policy: Policy) -> dict[str, Any]:
    """Return what the fragment shows: the answer, or how far a worker has come, or how many batches there are."""
    count = computing.batches_for(policy).count()
    if count <= computing.AT_ONCE:
        return {"view": view_of(policy, computing.what_if(policy)), "many": False}
    due = is_due(services.WHAT_IF, policy.pk)
    told = progress.of(services.WHAT_IF, policy.pk) if due else None
    kept = None if due else computing.remembered(policy)
    return {
        "view": None if kept is None else view_of(policy, kept),
        "many": True,
        "due": due,
        "progress": told or progress.Progress(0, count, "Waiting for a worker"),
        "batches": count,
    }


@require_safe
@page("grading.read")
def what_if(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what a policy would say of the batches that are decided; writes nothing."""
    policy = policy_for(person(request), pk)
    return render(request, "reports/_what_if.html", {"policy": policy, **_shown(policy)})


@require_POST
@page("grading.read")
def ask_what_if(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have a worker compute it."""
    user = person(request)
    services.ask_what_if(actor=user, policy=policy_for(user, pk))
    return redirect("reports:policy", pk=pk)
