"""The page of a bag's portions: its tree with every gram, what drying and ignition lost; and panels on other pages."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import rules
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assays.runs.models import Portion, Run
from assays.runs.portions import queries, services
from assays.runs.portions.forms import DryingForm, IgnitionForm
from assays.runs.portions.pages import tabs
from assays.runs.services import record_moisture
from lims.accounts.authentication import person
from lims.web.access import page
from samples.registry.forms import done
from samples.registry.models import Sample
from samples.registry.panels import Shown, register_panel
from samples.registry.queries import sample_for

#: portions that a run's page lists; the rack shows all of them
ON_RUN: Final = 200


@require_safe
@page("runs.read")
def bag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what became of a bag in the laboratory."""
    return _bag(request, sample_for(person(request), pk))


def _bag(
    request: HttpRequest,
    sample: Sample,
    *,
    drying: forms.Form | None = None,
    ignition: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    user = person(request)
    context = _of_sample(request, sample) | {
        "may_weigh": rules.has_perm("runs.weigh", user, sample),
        "drying": drying or DryingForm(auto_id="id_drying_%s"),
        "ignition": ignition or IgnitionForm(auto_id="id_ignition_%s"),
        **tabs(user),
    }
    return render(request, "runs/portions/bag.html", context, status=status)


def _of_sample(request: HttpRequest, sample: Sample) -> dict[str, Any]:
    """Return what the bag's page and the sample's panel say alike: trees, sums, masses wet, dry and ignited."""
    trees = queries.lineage(sample, user=person(request))
    found = queries.measured(sample)
    return {
        "sample": sample,
        "trees": trees,
        "sums": [_sums(tree) for tree in trees],
        "measured": found,
        "masses": [
            (tree.portion, found.dry_g(tree.portion.made_g), found.ignited_g(tree.portion.made_g))
            for tree in trees
        ],
    }


def _sums(tree: queries.Node) -> dict[str, Any]:
    """Return where every gram of a bag is now, in g."""
    nodes = list(tree.walk())
    return {
        "portion": tree.portion,
        "made_g": tree.portion.made_g,
        "left_g": sum(node.portion.left_g for node in nodes),
        "used_g": sum(node.used_g for node in nodes),
        "gone_g": sum(node.gone_g for node in nodes),
        "lost_g": sum(node.loss_g for node in nodes),
    }


def _measure(
    request: HttpRequest, pk: UUID, name: str, form: forms.Form, verb: Callable[..., Any], said: str
) -> HttpResponse:
    user = person(request)
    sample = sample_for(user, pk)
    if done(form, verb, actor=user, sample=sample, measured_at=timezone.now()) is None:
        forms_shown: dict[str, Any] = {name: form}
        return _bag(request, sample, status=422, **forms_shown)
    messages.success(request, said)
    return redirect("portions:bag", pk=pk)


@require_POST
@page("runs.weigh")
def dry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a sample's wet and dry mass."""
    form = DryingForm(request.POST, auto_id="id_drying_%s")
    return _measure(
        request, pk, "drying", form, record_moisture, "The moisture is kept; it counts from now on."
    )


@require_POST
@page("runs.weigh")
def ignite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a sample's dry and ignited mass."""
    form = IgnitionForm(request.POST, auto_id="id_ignition_%s")
    said = "The loss on ignition is kept; it counts from now on."
    return _measure(request, pk, "ignition", form, services.record_ignition, said)


def sample_panel(request: HttpRequest, sample: Sample) -> Shown:
    """Return the portions of a sample; to technicians also that its bag was not taken up."""
    may_weigh = rules.has_perm("runs.weigh", person(request), sample)
    context = _of_sample(request, sample)
    found = context["measured"]
    if not context["trees"] and not may_weigh and found.moisture is None and found.ignition is None:
        return None
    return "runs/portions/_sample_panel.html", context | {"may_weigh": may_weigh}


def run_panel(request: HttpRequest, run: Run) -> Shown:
    """Return the portions that a run takes from, by where they stand: what to fetch. It does not say their positions."""
    taken = run.items.filter(portion__isnull=False).values("portion")
    rows = queries.portions_for(person(request)).filter(pk__in=taken)
    found: list[Portion] = list(rows.order_by("place__name", "label")[: ON_RUN + 1])
    if not found:
        return None
    context = {"rows": found[:ON_RUN], "more": len(found) > ON_RUN, "run": run}
    return "runs/portions/_run_panel.html", context


register_panel("sample", sample_panel, order=40)
register_panel("run", run_panel, order=60)
