"""Pages of one portion: what became of it, and what is done with it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import rules
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assays.runs.models import Portion
from assays.runs.portions import queries, services
from assays.runs.portions.forms import PrepareForm, ReasonForm, StoreForm, UseForm, see_again
from assays.runs.portions.pages import TONES
from assays.runs.portions.retention import day_of
from assays.runs.portions.rules import fineness_warning, grams
from assays.runs.portions.telling import told_of
from assays.runs.rules import PortionState, Step
from lims.accounts.authentication import person
from lims.ledger.queries import history_of
from lims.web.access import page
from samples.registry.forms import done


@require_safe
@page("runs.read")
def portion(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one portion: what is left of it, where it comes from, what was done with it."""
    return shown(request, queries.portion_for(person(request), pk))


def shown(
    request: HttpRequest, found: Portion, *, status: int = HTTPStatus.OK, **refused: forms.Form
) -> HttpResponse:
    """Return a portion's page; a form that was refused stands in it as it was typed."""
    user = person(request)
    trees = queries.lineage(found.sample, user=user)
    nodes = [node for tree in trees for node in tree.walk()]
    first_day, needed = queries.first_days([found.pk])[found.pk]
    context: dict[str, Any] = {
        "portion": found,
        "node": next(node for node in nodes if node.portion.pk == found.pk),
        "tone": TONES[PortionState(found.state)],
        "trees": trees,
        "told": told_of(found),
        "first_day": first_day,
        "needed": needed,
        "may": found.state == PortionState.HELD and rules.has_perm("portions.handle", user, found),
        "changes": history_of(found),
        "printed": [node.portion for node in nodes if str(node.portion.pk) in request.GET.getlist("printed")],
        "opened": next(iter(refused), ""),
        "may_dispose": first_day is not None and not needed and first_day <= day_of(timezone.now()),
    } | {name: refused.get(name) or make(found) for name, make in _FORMS.items()}
    return render(request, "runs/portions/portion.html", context, status=status)


_FORMS: Final[dict[str, Callable[[Portion], forms.Form]]] = {
    "prepare_form": lambda found: PrepareForm(found, auto_id="id_prepare_%s"),
    "use_form": lambda _found: UseForm(auto_id="id_use_%s"),
    "store_form": lambda found: StoreForm(found, auto_id="id_store_%s"),
    "return_form": lambda _found: ReasonForm(auto_id="id_return_%s"),
    "dispose_form": lambda _found: ReasonForm(auto_id="id_dispose_%s"),
}


def _act(
    request: HttpRequest,
    pk: UUID,
    name: str,
    make: Callable[[Portion], forms.Form],
    verb: Callable[..., Any],
    say: Callable[[Portion, Any], str],
    **fixed: Any,
) -> HttpResponse:
    """Do something with a portion; refused, its page shows the form as it was typed."""
    user = person(request)
    found = queries.portion_for(user, pk)
    form = make(found)
    made = done(form, verb, actor=user, portion=found, **fixed)
    if made is None:
        fresh = queries.portion_for(user, pk)
        see_again(form, fresh)
        return shown(request, fresh, status=422, **{f"{name}_form": form})
    messages.success(request, say(found, made))
    return redirect("portions:portion", pk=pk)


@require_POST
@page("portions.handle")
def prepare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record one step of preparing a portion; warn of a pulp that is not fine."""

    def say(found: Portion, made: Any) -> str:
        warning = fineness_warning(Step(made.step), made.sieve_um, made.passing_pct)
        if warning:
            messages.warning(request, warning)
        lost = made.before_g - made.after_g
        return f"{found} is {made.get_step_display().lower()}: {grams(made.after_g)}, {grams(lost)} lost."

    return _act(
        request,
        pk,
        "prepare",
        lambda found: PrepareForm(found, request.POST, auto_id="id_prepare_%s"),
        services.prepare_portion,
        say,
        at=timezone.now(),
    )


@require_POST
@page("portions.handle")
def use(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take something from a portion for good."""
    return _act(
        request,
        pk,
        "use",
        lambda _found: UseForm(request.POST, auto_id="id_use_%s"),
        services.use_portion,
        lambda found, made: f"{grams(made.mass_g)} of {found} is used.",
    )


@require_POST
@page("portions.handle")
def put_away(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a portion away."""
    return _act(
        request,
        pk,
        "store",
        lambda found: StoreForm(found, request.POST, auto_id="id_store_%s"),
        services.store_portion,
        lambda found, made: f"{found} stands at {made.place}.",
    )


@require_POST
@page("portions.handle")
def give_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return a portion to its owner."""
    return _act(
        request,
        pk,
        "return",
        lambda _found: ReasonForm(request.POST, auto_id="id_return_%s"),
        services.return_portion,
        lambda found, made: f"{found} is returned, {grams(made.mass_g)}.",
    )


@require_POST
@page("portions.handle")
def dispose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Throw a portion away, once its retention is over."""
    return _act(
        request,
        pk,
        "dispose",
        lambda _found: ReasonForm(request.POST, auto_id="id_dispose_%s"),
        services.dispose_portion,
        lambda found, made: f"{found} is thrown away, {grams(made.mass_g)}.",
    )
