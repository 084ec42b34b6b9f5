"""Pages of plans: on the batch how far it is, a page to plan it, and the owner's blind items on a bag's page."""

from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from lims.accounts.authentication import person
from lims.errors import NotFound, Problem
from lims.web.access import page
from samples.registry import queries
from samples.registry.forms import done
from samples.registry.models import Batch, BlindItem, Sample, SamplingPlan
from samples.registry.panels import Shown, register_panel
from samples.registry.plans import services
from samples.registry.plans.forms import BlindForm, PlanForm
from samples.registry.plans.queries import outside_plan, plan_of, progress_of
from samples.registry.sight import Sight, sight_of


def batch_panel(request: HttpRequest, batch: Batch) -> Shown:
    """Return how far a batch is with its plan; nothing for a laboratory, and nothing without a plan for readers."""
    user = person(request)
    sight = sight_of(user, batch)
    if sight <= Sight.BLIND:
        return None
    progress, may = progress_of(batch), rules.has_perm("registry.manage", user, batch)
    if progress is None and not may:
        return None
    # What was slipped in is the owner's knowledge alone: a carrier is not told either.
    told = user.oversees or batch.owner_id in {membership.organisation_id for membership in user.roles}
    context = {"batch": batch, "progress": progress, "may": may, "told": told, "exact": sight is Sight.FULL}
    return "registry/plan_panel.html", context


def sample_panel(request: HttpRequest, sample: Sample) -> Shown:
    """Return what the plan and the owner say of a bag; nothing for a laboratory or a carrier."""
    user = person(request)
    item = BlindItem.objects.visible_to(user).filter(sample=sample).select_related("registered_by").first()
    outside = sight_of(user, sample.batch) > Sight.BLIND and sample.pk in outside_plan(sample.batch)
    may = item is None and rules.has_perm("registry.register", user, sample) and sample.state == "REGISTERED"
    if item is None and not outside and not may:
        return None
    context = {"sample": sample, "item": item, "outside": outside, "form": BlindForm() if may else None}
    return "registry/plan_sample_panel.html", context


register_panel("batch", batch_panel, order=10)
register_panel("sample", sample_panel, order=10, aside=True)


def _plan_for(request: HttpRequest, pk: UUID) -> tuple[Batch, SamplingPlan | None]:
    """Return a batch that the person plans, and its plan."""
    batch = queries.batch_for(person(request), pk)
    if not rules.has_perm("registry.manage", person(request), batch):
        raise PermissionDenied
    return batch, plan_of(batch)


@require_http_methods(["GET", "HEAD", "POST"])
@page("registry.manage")
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Plan a batch, or plan it otherwise."""
    user = person(request)
    batch, found = _plan_for(request, pk)
    form = PlanForm(request.POST or None, initial=PlanForm.beginning(found))
    if request.method == "POST":
        made: Any = (
            done(form, services.make_plan, actor=user, batch=batch)
            if found is None
            else done(form, services.change_plan, actor=user, plan=found)
        )
        if made is not None:
            messages.success(request, f"{made.planned_number} samples are planned for {batch}.")
            return redirect("registry:batch", pk=batch.pk)
    context = {"batch": batch, "plan": found, "form": form}
    return render(request, "registry/plan.html", context, status=422 if form.errors else 200)


@require_POST
@page("registry.manage")
def freeze(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Freeze a plan: nobody changes it any more."""
    batch, found = _plan_for(request, pk)
    if found is None:
        raise NotFound(Problem("plan-unknown", f"{batch} has no plan.", "Make one first."))
    services.freeze_plan(actor=person(request), plan=found)
    messages.success(request, f"The plan of {batch} is frozen: {found.planned_number} samples.")
    return redirect("registry:batch", pk=batch.pk)


@require_POST
@page("registry.register")
def blind_item(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a bag holds the owner's blank or reference material."""
    user = person(request)
    sample = queries.sample_for(user, pk)
    form = BlindForm(request.POST)
    if done(form, services.register_blind_item, actor=user, sample=sample) is None:
        return render(request, "registry/blind_item.html", {"sample": sample, "form": form}, status=422)
    messages.success(request, f"{sample} is the owner's own from now on; the laboratory is not told.")
    return redirect("registry:sample", pk=pk)
