"""Pages of batches: the list, one batch, and the acts on it."""

from typing import Any, Final
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lims.accounts.authentication import person
from lims.api.pagination import keyset_page
from lims.web.access import page
from samples.registry import queries, services
from samples.registry.forms import BatchForm, PartyForm, done
from samples.registry.histories import history_for
from samples.registry.models import Batch, BatchParty
from samples.registry.panels import panels_for
from samples.registry.rules import BatchState
from samples.registry.seen import SeenBatch
from samples.registry.sight import EXACT, Sight

SORTS: Final = {"newest": ("-id",), "code": ("code", "id")}


@require_safe
@page("registry.read")
def batches(request: HttpRequest) -> HttpResponse:
    """List the batches that one may see."""
    user, state = person(request), request.GET.get("state", "")
    found = queries.batches_for(user)
    if state in list(BatchState):
        found = found.filter(state=state)
    rows = keyset_page(found, order=SORTS["newest"], cursor=request.GET.get("cursor"))
    seen = queries.seen_batches(user, rows.rows)
    context = {
        "page": rows,
        "rows": seen,
        "sees_mines": any(batch.sight > Sight.BLIND for batch in seen),
        "state": state,
        "states": [(state.value, state.title()) for state in BatchState],
        "may_open": rules.has_perm("registry.manage", user),
    }
    return render(request, "registry/batches.html", context)


@require_safe
@page("registry.read")
def batch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one batch: its bags and mass, its parties, its lists, what was recorded of it."""
    return _shown(request, queries.batch_for(person(request), pk), PartyForm())


def _shown(request: HttpRequest, found: Batch, form: PartyForm, status: int = 200) -> HttpResponse:
    user = person(request)
    seen = queries.seen_batches(user, [found])[0]
    parties = queries.parties_for(user, found)
    last = queries.samples_for(user).filter(batch=found).order_by("-registered_at", "-id")[:10]
    blind = seen.sight <= Sight.BLIND
    context: dict[str, Any] = {
        "batch": seen,
        "stats": _stats(seen),
        "parties": parties,
        "last": queries.seen_samples(user, last),
        "lists": queries.lists_for(user).filter(batch=found).order_by("-id")[:10],
        "form": form,
        "changes": history_for(seen.sight, found, [found] if blind else [found, *parties]),
        "may_manage": rules.has_perm("registry.manage", user, found),
        "may_register": rules.has_perm("registry.register", user, found) and found.state == BatchState.OPEN,
    }
    context |= panels_for(request, "batch", found)
    return render(request, "registry/batch.html", context, status=status)


def _stats(batch: SeenBatch) -> list[dict[str, Any]]:
    """Return the numbers at the top of a batch's page."""
    planned = {"value": batch.planned_count, "hint": f"{batch.percent} % are there"}
    return [
        {"label": "Bags", "value": batch.count},
        {"label": "Mass", "value": batch.mass_kg, "unit": "kg"},
        {"label": "Planned", **(planned if batch.planned_count else {"value": "–", "hint": "no plan"})},
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page("registry.manage")
def open_batch(request: HttpRequest) -> HttpResponse:
    """Open a batch at a mine."""
    user = person(request)
    mines = queries.mines_for(user).filter(owner__in=user.organisations_as(*EXACT)).order_by("name")
    form = BatchForm(mines, request.POST or None, initial={"mine": request.GET.get("mine")})
    made = done(form, services.open_batch, actor=user) if request.method == "POST" else None
    if made is None:
        context = {"form": form, "has_mines": mines.exists()}
        return render(request, "registry/open_batch.html", context, status=422 if form.is_bound else 200)
    messages.success(request, f"Batch {made} is open.")
    return redirect("registry:batch", pk=made.pk)


@require_POST
@page("registry.manage")
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let no more samples in."""
    user = person(request)
    services.close_batch(actor=user, batch=queries.batch_for(user, pk))
    messages.success(request, "The batch is closed: no more samples go in.")
    return redirect("registry:batch", pk=pk)


@require_POST
@page("registry.manage")
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let samples in again."""
    user = person(request)
    services.reopen_batch(actor=user, batch=queries.batch_for(user, pk))
    messages.success(request, "The batch is open again.")
    return redirect("registry:batch", pk=pk)


@require_POST
@page("registry.manage")
def add_party(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let an organisation hold or test the batch."""
    user = person(request)
    found, form = queries.batch_for(user, pk), PartyForm(request.POST)
    made: Any = done(form, services.add_party, actor=user, batch=found)
    if made is None:
        return _shown(request, found, form, status=422)
    messages.success(request, f"{made.organisation} sees this batch from now on.")
    return redirect("registry:batch", pk=pk)


@require_POST
@page("registry.manage")
def remove_party(request: HttpRequest, pk: UUID, party: UUID) -> HttpResponse:
    """End an organisation's part in the batch."""
    user = person(request)
    found = queries.batch_for(user, pk)
    held = get_object_or_404(
        BatchParty.objects.select_related("batch__owner", "organisation"), pk=party, batch=found
    )
    services.remove_party(actor=user, party=held)
    messages.success(request, f"{held.organisation} does not see this batch any more.")
    return redirect("registry:batch", pk=pk)
