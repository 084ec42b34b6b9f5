"""Pages of policies: the list, one policy in words, a new draft, and the acts on it."""

from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assays.grading import services
from assays.grading.casework import policy_case
from assays.grading.models import Policy
from assays.grading.queries import policies as policies_of
from assays.grading.rules import PolicyState
from assays.reports import adopted, words
from assays.reports.forms import PolicyForm
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.errors import NotFound, Problem
from lims.web.access import page
from lims.web.navigation import Place, register
from samples.registry.forms import done
from samples.registry.models import Batch

register(Place("Policies", "reports:policies", "gavel", "grading.read", order=75, letter="p", phone=False))


def policy_for(user: User, pk: UUID) -> Policy:
    """Return a policy that the person may see. Raises `NotFound` ("policy-unknown")."""
    found = policies_of(user).filter(pk=pk).first()
    if found is None:
        raise NotFound(Problem("policy-unknown", "There is no such policy.", "Look at the list of policies."))
    return found


def said(policy: Policy) -> list[str]:
    """Return a policy as sentences, the rule first."""
    return words.policy_in_words(policy_case(policy), material=policy.get_material_type_display())


@require_safe
@page("grading.read")
def policies(request: HttpRequest) -> HttpResponse:
    """List the policies, the newest first, each with its rule in words."""
    user, state = person(request), request.GET.get("state", "")
    found = policies_of(user)
    if state in list(PolicyState):
        found = found.filter(state=state)
    rows = keyset_page(found, order=("-id",), cursor=request.GET.get("cursor"))
    context = {
        "page": rows,
        "rows": [(policy, said(policy)[0]) for policy in rows.rows],
        "state": state,
        "states": [(one.value, one.value.replace("_", " ").capitalize()) for one in PolicyState],
        "may_make": rules.has_perm("grading.manage", user),
    }
    return render(request, "reports/policies.html", context)


@require_safe
@page("grading.read")
def policy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a policy in words, its versions, and what putting it in force would do."""
    user = person(request)
    found = policy_for(user, pk)
    versions = policies_of(user).filter(owner=found.owner_id, name__iexact=found.name).order_by("-version")
    standing = policies_of(user).filter(
        owner=found.owner_id, material_type=found.material_type, state=PolicyState.IN_FORCE
    )
    batches = Batch.objects.filter(owner=found.owner_id, material_type=found.material_type)
    context = {
        "policy": found,
        "words": said(found),
        "criteria": [
            (words.criterion_name(one), one.get("metric"), words.threshold_words(one))
            for one in found.criteria
        ],
        "definitions": words.definitions(found.criteria),
        "versions": versions,
        "standing": standing.exclude(pk=found.pk).first(),
        "waiting": batches.filter(pinned_policies=None).count(),
        "judged": batches.filter(pinned_policies__policy=found).distinct().count(),
        "may_manage": rules.has_perm("grading.manage", user, found),
        "adopted": (lines := adopted.lines_of(found)),
        "review_due": adopted.review_due(lines),
    }
    return render(request, "reports/policy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("grading.manage")
def make_policy(request: HttpRequest) -> HttpResponse:
    """Make a draft of a policy."""
    user = person(request)
    form = PolicyForm(user, request.POST or None)
    made: Any = done(form, services.make_policy, actor=user) if request.method == "POST" else None
    if made is None:
        return render(
            request, "reports/make_policy.html", {"form": form}, status=422 if form.is_bound else 200
        )
    messages.success(request, f"{made} is a draft; it decides nothing yet.")
    return redirect("reports:policy", pk=made.pk)


@require_POST
@page("grading.manage")
def put_in_force(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a draft decide the batches that are received from now on."""
    user = person(request)
    made = services.put_in_force(actor=user, policy=policy_for(user, pk))
    messages.success(request, f"{made} is in force: batches received from now on are judged by it.")
    return redirect("reports:policy", pk=pk)


@require_POST
@page("grading.manage")
def retire_policy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a policy without another in its place."""
    user = person(request)
    made = services.retire_policy(actor=user, policy=policy_for(user, pk))
    messages.success(request, f"{made} is retired: batches received from now on have no policy.")
    return redirect("reports:policy", pk=pk)
