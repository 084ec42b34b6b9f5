"""Pages of single bags: opened, sealed anew, stored, disposed of, lost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import rules
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.web.access import page
from samples.custody import bag_services, page_queries
from samples.custody.forms import WhereForm, with_here
from samples.custody.models import CustodyEvent
from samples.custody.road_forms import DisposeForm, ResealForm, StoreForm, stored_at
from samples.custody.rules import EventKind
from samples.registry.forms import done
from samples.registry.models import Sample
from samples.registry.panels import Shown, register_panel
from samples.registry.queries import sample_for


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done with a bag: by whom, what it asks, what it says."""

    name: str
    permission: str
    form: Callable[..., forms.Form]
    verb: Callable[..., Any]
    title: str
    lead: str
    button: str
    icon: str
    said: str


def _plain(_user: User, *args: Any) -> forms.Form:
    return WhereForm(*args)


ACTS: Final = {
    act.name: act
    for act in (
        Act(
            "open",
            "custody.explain",
            _plain,
            with_here(bag_services.open_bag),
            "Open",
            "Its seal is taken off and never used again. Outside a laboratory that is an incident, which somebody explains.",
            "Take the seal off",
            "lock-open",
            "is open; its seal is off",
        ),
        Act(
            "reseal",
            "custody.explain",
            ResealForm,
            with_here(bag_services.reseal_bag),
            "Seal anew",
            "After an inspection: weigh the bag with its new seal. A seal that is still on it counts as taken off now.",
            "Put the new seal on",
            "lock",
            "is sealed anew",
        ),
        Act(
            "store",
            "custody.explain",
            lambda _user, *args: StoreForm(*args),
            stored_at(bag_services.store_bag),
            "Store",
            "Where the bag is kept from now on.",
            "Keep its place",
            "archive",
            "has its place",
        ),
        Act(
            "lost",
            "custody.explain",
            _plain,
            with_here(bag_services.report_lost),
            "Report lost",
            "An incident opens: the bag stays out of decisions until it is cleared.",
            "It is lost",
            "alert-octagon",
            "is reported lost",
        ),
        Act(
            "dispose",
            "custody.dispose",
            lambda _user, *args: DisposeForm(*args),
            with_here(bag_services.dispose_bag),
            "Dispose of",
            "The bag is gone for good: nothing more is done with it. Its results stay.",
            "It is disposed of",
            "trash",
            "is disposed of",
        ),
    )
}


def _acted(request: HttpRequest, pk: UUID, act: Act) -> HttpResponse:
    user = person(request)
    sample = sample_for(user, pk)
    if not rules.has_perm(act.permission, user, sample):
        raise PermissionDenied
    form = act.form(user, *([request.POST] if request.method == "POST" else []))
    if request.method == "POST" and done(form, act.verb, actor=user, sample=sample) is not None:
        messages.success(request, f"{sample} {act.said}.")
        return redirect("registry:sample", pk=pk)
    context = {"sample": sample, "form": form, "act": act, "seal": page_queries.applied_seal(sample)}
    return render(request, "custody/bag_act.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.explain")
def open_bag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the seal off a bag."""
    return _acted(request, pk, ACTS["open"])


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.explain")
def reseal_bag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a new seal on a bag."""
    return _acted(request, pk, ACTS["reseal"])


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.explain")
def store_bag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say where a bag is kept."""
    return _acted(request, pk, ACTS["store"])


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.explain")
def report_lost(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a bag is lost."""
    return _acted(request, pk, ACTS["lost"])


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.dispose")
def dispose_bag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a bag was disposed of."""
    return _acted(request, pk, ACTS["dispose"])


def acts_panel(request: HttpRequest, sample: Sample) -> Shown:
    """Return what the person may do with a bag that was sealed once; nothing for others, and of one that is gone."""
    user = person(request)
    mine = [act for act in ACTS.values() if rules.has_perm(act.permission, user, sample)]
    kinds = set(CustodyEvent.objects.filter(sample=sample).values_list("kind", flat=True)) if mine else set()
    if EventKind.SEALED not in kinds or EventKind.DISPOSED in kinds:
        return None
    sealed = page_queries.applied_seal(sample) is not None
    shown = [
        act
        for act in mine
        if (act.name != "open" or sealed) and (act.name != "lost" or EventKind.LOST not in kinds)
    ]
    return "custody/bag_acts_panel.html", {"acts": shown, "sample": sample}


register_panel("sample", acts_panel, order=31)
