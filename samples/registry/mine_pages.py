"""Pages of mines and of tags."""

from typing import Any
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
from samples.registry.forms import DueDiligenceForm, LettersForm, MineForm, TagsForm, done, owners
from samples.registry.models import Mine, Tag, TagSeries
from samples.registry.rules import show_tag
from samples.registry.writers import csv_file

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


# --- Tags -------------------------------------------------------------------------------------------


@require_safe
@page("registry.manage")
def tags(request: HttpRequest) -> HttpResponse:
    """List tags, those on no bag first to be asked for; issue new ones."""
    user = person(request)
    return _tags(request, TagsForm(user), LettersForm(user))


def _tags(request: HttpRequest, form: TagsForm, letters: LettersForm, status: int = 200) -> HttpResponse:
    user, only = person(request), request.GET.get("only", "")
    found = queries.free_tags(user) if only == "free" else Tag.objects.visible_to(user)
    rows = keyset_page(
        found.select_related("sample__batch", "owner"), order=("-id",), cursor=request.GET.get("cursor")
    )
    series = list(TagSeries.objects.filter(owner__in=owners(user)).select_related("owner").order_by("prefix"))
    context: dict[str, Any] = {
        "page": rows,
        "rows": [(show_tag(tag.code), tag, getattr(tag, "sample", None)) for tag in rows.rows],
        "only": only,
        "free": queries.free_tags(user).count(),
        "series": series,
        "without_letters": len({s.owner_id for s in series}) < len(owners(user)),
        "form": form,
        "letters_form": letters,
    }
    return render(request, "registry/tags.html", context, status=status)


@require_POST
@page("registry.manage")
def issue(request: HttpRequest) -> HttpResponse:
    """Issue an owner's next tags."""
    user = person(request)
    form = TagsForm(user, request.POST)
    made = done(form, services.issue_tags, actor=user)
    if made is None:
        return _tags(request, form, LettersForm(user), status=422)
    messages.success(request, f"{len(made)} tags are issued, {made[0]} to {made[-1]}.")
    return redirect("registry:tags")


@require_POST
@page("registry.manage")
def letters(request: HttpRequest) -> HttpResponse:
    """Give an owner the two letters of their tags."""
    user = person(request)
    form = LettersForm(user, request.POST)
    made = done(form, services.start_tags, actor=user)
    if made is None:
        return _tags(request, TagsForm(user), form, status=422)
    messages.success(request, f"Tags begin with {made} from now on.")
    return redirect("registry:tags")


@require_safe
@page("registry.manage")
def free_tags(request: HttpRequest) -> HttpResponse:
    """Give the tags that are on no bag yet as CSV, for whoever prints them."""
    found = queries.free_tags(person(request)).select_related("owner").order_by("code")
    rows = [[show_tag(tag.code), tag.owner.code, tag.issued_at.isoformat()] for tag in found]
    answer = HttpResponse(
        csv_file(["tag", "owner", "issued_at"], rows), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="free-tags.csv"'
    return answer
