"""Pages of scales: the list with what is due, and one scale with its checks."""

from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from lims.accounts.authentication import person
from lims.web.access import page
from samples.custody.models import Scale, ScaleCheck
from samples.custody.scales import services
from samples.custody.scales.forms import CheckForm, ScaleForm
from samples.custody.scales.queries import scale_for, scales_for, seen_scales
from samples.registry.forms import done

#: checks on a scale's page: a month of days
SHOWN = 31


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.weigh")
def scales(request: HttpRequest) -> HttpResponse:
    """List the scales that one may see, the ones to be checked first; add one."""
    user = person(request)
    form = ScaleForm(user, request.POST or None)
    if request.method == "POST":
        made: Any = done(form, services.add_scale, actor=user)
        if made is not None:
            messages.success(request, f"{made} is there; put its check weight on it before it is used.")
            return redirect("custody:scale", pk=made.pk)
    rows = seen_scales(scales_for(user).order_by("name", "id")[:200])
    rows.sort(key=lambda scale: (scale.retired, not scale.unfit))
    context = {"rows": rows, "form": form}
    return render(request, "custody/scales/scales.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.weigh")
def scale(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a scale with its checks; record one."""
    user = person(request)
    found = scale_for(user, pk)
    form = CheckForm(request.POST or None)
    if request.method == "POST":
        made: Any = done(form, services.record_scale_check, actor=user, scale=found, at=timezone.now())
        if made is not None:
            _say(request, made)
            return redirect("custody:scale", pk=pk)
    checks = ScaleCheck.objects.filter(scale=found).select_related("checked_by").order_by("-at", "-id")
    context = {
        "scale": seen_scales(Scale.objects.filter(pk=found.pk).select_related("owner"))[0],
        "checks": [(one, one.read_g - one.nominal_g) for one in checks[:SHOWN]],
        "form": form,
        "may": found.retired_at is None and rules.has_perm("custody.weigh", user, found),
    }
    return render(request, "custody/scales/scale.html", context, status=422 if form.errors else 200)


def _say(request: HttpRequest, check: ScaleCheck) -> None:
    if check.passed:
        messages.success(request, "It shows right: use it until tomorrow.")
    else:
        messages.warning(request, "It shows wrong: take another scale, or adjust this one and check again.")


@require_POST
@page("custody.weigh")
def retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let nobody choose a scale any more."""
    user = person(request)
    services.retire_scale(actor=user, scale=scale_for(user, pk))
    messages.success(request, "The scale is retired; what was weighed with it stays.")
    return redirect("custody:scales")
