"""Pages of mines."""

from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lims.accounts.authentication import person
from lims.api.pagination import keyset_page
from lims.ledger.queries import history_of
from lims.web.access import page
from samples.registry import queries, services
from samples.registry.forms import DueDiligenceForm, MineForm, done
from samples.registry.models import Mine

TONES = {"GREEN": "good", "YELLOW": "warn", "RED": "bad", "UNKNOWN": "neutral"}


@require_safe
@page("registry.see_mines")
def mines(request: HttpRequest) -> HttpResponse:
    """List the mines that one may know of."""
    user = person(request)
    rows = keyset_page(queries.mines_for(user), order=("name", "id"), cursor=request.GET.get("cursor"))
    context = {
        "page": rows,
        "rows": [(mine, TONES[mine.due_diligence]) for mine in queries.seen_mines(user, rows.rows)],
        "may_add": rules.has_perm("registry.manage", user),
    }
    return render(request, "registry/mines.html", context)


@require_safe
@page("registry.see_mines")
def mine(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one mine: where it is, whose, what we know of its conditions, its batches."""
    return _shown(request, queries.mine_for(person(request), pk), None)


def _shown(
    request: HttpRequest, found: Mine, form: DueDiligenceForm | None, status: int = 200
) -> HttpResponse:
    user = person(request)
    batches = queries.batches_for(user).filter(mine=found).order_by("-id")[:20]
    seen = queries.seen_mines(user, [found])[0]
    context = {
        "mine": seen,
        "tone": TONES[seen.due_diligence],
        "batches": queries.seen_batches(user, batches),
        "form": form or DueDiligenceForm(initial={"status": seen.due_diligence}),
        "changes": history_of(found),
        "may_manage": rules.has_perm("registry.manage", user, found),
    }
    return render(request, "registry/mine.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page("registry.manage")
def add_mine(request: HttpRequest) -> HttpResponse:
    """Add a mine."""
    user = person(request)
    form = MineForm(user, request.POST or None)
    made = done(form, services.add_mine, actor=user) if request.method == "POST" else None
    if made is None:
        return render(request, "registry/add_mine.html", {"form": form}, status=422 if form.is_bound else 200)
    messages.success(request, f"{made} is added.")
    return redirect("registry:mine", pk=made.pk)


@require_POST
@page("registry.manage")
def due_diligence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is known of a mine's conditions."""
    user, form = person(request), DueDiligenceForm(request.POST)
    found = queries.mine_for(user, pk)
    if done(form, services.change_due_diligence, actor=user, mine=found) is None:
        return _shown(request, found, form, status=422)
    messages.success(request, "Kept; the record says who changed it.")
    return redirect("registry:mine", pk=pk)
