"""Pages of the store: what may be thrown away, how long portions are kept, the places and what stands there."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assays.runs.models import Portion
from assays.runs.portions import queries, services
from assays.runs.portions.forms import PlaceForm, ReasonForm, RetentionForm
from assays.runs.portions.pages import chosen_ids, tabs
from assays.runs.portions.retention import day_of, first_day_of
from assays.runs.rules import PORTION_LABELS, PortionState
from lims.accounts.authentication import person
from lims.accounts.rules import Role
from lims.web.access import page
from samples.registry.forms import done

#: rows of the list of what may be thrown away; whoever has more begins with these
DUE_SHOWN: Final = 200


@require_safe
@page("runs.bench")
def due(request: HttpRequest) -> HttpResponse:
    """List what may be thrown away today in one's laboratories."""
    return _due(request, ReasonForm())


def _due(request: HttpRequest, form: ReasonForm, status: int = 200) -> HttpResponse:
    user, today = person(request), day_of(timezone.now())
    mine = queries.laboratories_of(user, Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER)
    rows = [row for one in mine for row in queries.due_for_disposal(one, today)[: DUE_SHOWN + 1]]
    kept = set(map(str, chosen_ids(request.POST)))
    context = {
        "rows": [(row, first_day_of(row), str(row.pk) in kept) for row in rows[:DUE_SHOWN]],
        "more": len(rows) > DUE_SHOWN,
        "form": form,
        "rules": [
            (one, label, queries.retention_rules(one).get(kind))
            for one in mine
            for kind, label in PORTION_LABELS.items()
        ],
        "several": len(mine) > 1,
        "rule_form": RetentionForm(user),
        "today": today,
        "tab": "due",
        **tabs(user),
    }
    return render(request, "runs/portions/due.html", context, status=status)


@require_POST
@page("portions.handle")
def dispose_chosen(request: HttpRequest) -> HttpResponse:
    """Throw away the chosen portions, all or none."""
    user, form = person(request), ReasonForm(request.POST)
    found = list(queries.portions_for(user).filter(pk__in=chosen_ids(request.POST)))
    events = done(form, services.dispose_portions, actor=user, portions=found)
    if events is None:
        return _due(request, form, 422)
    messages.success(
        request, f"{len(events)} portion{'s' * (len(events) != 1)} thrown away; the record keeps them."
    )
    return redirect("portions:due")


@require_POST
@page("portions.keep")
def set_rule(request: HttpRequest) -> HttpResponse:
    """Say how long portions of a kind are kept."""
    user = person(request)
    form = RetentionForm(user, request.POST)
    made = done(form, services.set_retention_rule, actor=user)
    if made is None:
        context = {"form": form, "tab": "due", **tabs(user)}
        return render(request, "runs/portions/rule.html", context, status=422)
    messages.success(request, f"{made}: version {made.version} counts, also for what is there already.")
    return redirect("portions:due")


@require_safe
@page("runs.bench")
def store(request: HttpRequest) -> HttpResponse:
    """List the places of one's laboratories with what stands there."""
    return _store(request, None)


def _store(request: HttpRequest, form: PlaceForm | None, status: int = 200) -> HttpResponse:
    user = person(request)
    rows = list(queries.places_for(user))
    mine = queries.laboratories_of(user, Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER)
    nowhere = Portion.objects.filter(laboratory__in=mine, state=PortionState.HELD, place=None)
    context = {
        "rows": [row for row in rows if row.retired_at is None],
        "retired": [row for row in rows if row.retired_at is not None],
        "nowhere": nowhere.count(),
        "form": form or PlaceForm(user),
        "tab": "store",
        **tabs(user),
    }
    return render(request, "runs/portions/store.html", context, status=status)


@require_POST
@page("portions.handle")
def add_place(request: HttpRequest) -> HttpResponse:
    """Add a place of a laboratory."""
    user = person(request)
    form = PlaceForm(user, request.POST)
    made = done(form, services.add_place, actor=user)
    if made is None:
        return _store(request, form, 422)
    messages.success(request, f"{made} is there.")
    return redirect("portions:store")


@require_POST
@page("portions.handle")
def retire_place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let nothing be put into a place any more."""
    user = person(request)
    held = services.retire_place(actor=user, place=queries.place_for(user, pk))
    messages.success(request, f"{held} is no longer used.")
    return redirect("portions:store")
