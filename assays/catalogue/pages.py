"""Pages of the catalogue: methods with what they report, reference materials with what they hold."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import rules
from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assays.catalogue import queries, services
from assays.catalogue.forms import CertifyForm, MaterialForm, MethodAnalyteForm, MethodForm
from assays.catalogue.library.forms import CertificateForm, RetireForm
from assays.catalogue.models import Method, ReferenceMaterial
from assays.catalogue.rules import LOT_LABELS, MATERIAL_KIND_LABELS, label_key, lot_state
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.errors import DomainError, NotFound, Place, Problem
from lims.ledger.queries import history_of
from lims.web.access import page
from lims.web.forms import add_problems
from lims.web.navigation import Place as Entry
from lims.web.navigation import register
from lims.web.search import Hit, register_finder

register(
    Entry("Methods", "catalogue:methods", "flask-2", "catalogue.manage", order=50, letter="h", phone=False)
)


def _find_methods(user: User, text: str) -> list[Hit]:
    if "\x00" in text or not rules.has_perm("catalogue.read", user):
        return []
    return [
        Hit("method", one.code, reverse("catalogue:method", args=[one.pk]), f"{one.name}, {one.laboratory}")
        for one in queries.methods().filter(code__istartswith=text)[:8]
    ]


def _find_materials(user: User, text: str) -> list[Hit]:
    key = label_key(text)
    if not key or not rules.has_perm("catalogue.read", user):
        return []
    return [
        Hit("material", one.code, reverse("catalogue:material", args=[one.pk]), one.description)
        for one in queries.materials()
        if any(known.startswith(key) for known in one.label_keys)
    ][:8]


register_finder("method", _find_methods)
register_finder("material", _find_materials)


def _one(rows: Any, pk: UUID, what: str) -> Any:
    """Return the row with this id. Raises `NotFound` ("method-unknown", "material-unknown")."""
    found = rows.filter(pk=pk).first()
    if found is None:
        message = f"There is no such {what}."
        raise NotFound(Problem(f"{what}-unknown", message, "Look it up in the list.", Place(field="id")))
    return found


def _tried(form: forms.Form, act: Callable[[], Any]) -> Any:
    """Return what a verb made; None, with the problems in the form, when form or verb refuse."""
    if not form.is_valid():
        return None
    try:
        return act()
    except DomainError as error:
        add_problems(form, error)
        return None


@require_safe
@page("catalogue.read")
def methods(request: HttpRequest) -> HttpResponse:
    """List the methods of every laboratory, with their basis and how many analytes they report."""
    rows = queries.methods().annotate(analyte_count=Count("analytes"))
    may = rules.has_perm("catalogue.manage", person(request))
    return render(request, "catalogue/methods.html", {"rows": rows, "may_manage": may})


@require_safe
@page("catalogue.read")
def method(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one method: what it is, what it reports, what is known of its bias."""
    return _method(request, _one(queries.methods(), pk, "method"), MethodAnalyteForm())


def _method(request: HttpRequest, found: Method, form: MethodAnalyteForm, status: int = 200) -> HttpResponse:
    bias = found.bias_relative
    context = {
        "method": found,
        "analytes": found.analytes.order_by("analyte", "oxide"),
        "bias_percent": None if bias is None else (bias * 100).normalize(),
        "form": form,
        "may_manage": rules.has_perm("catalogue.manage", person(request), found.laboratory),
        "changes": history_of(found, *found.analytes.all()),
    }
    return render(request, "catalogue/method.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page("catalogue.manage")
def add_method(request: HttpRequest) -> HttpResponse:
    """Add a laboratory's method."""
    user = person(request)
    form = MethodForm(user, request.POST or None)
    made = None
    if request.method == "POST":
        made = _tried(form, lambda: services.add_method(actor=user, **form.values()))
    if made is None:
        return render(
            request, "catalogue/add_method.html", {"form": form}, status=422 if form.is_bound else 200
        )
    messages.success(request, f"{made} is in the catalogue: now say what it reports.")
    return redirect("catalogue:method", pk=made.pk)


@require_POST
@page("catalogue.manage")
def method_analyte(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what a method reports of one analyte; said before, it is changed."""
    user, found = person(request), _one(queries.methods(), pk, "method")
    form = MethodAnalyteForm(request.POST)
    made = _tried(form, lambda: services.set_method_analyte(actor=user, method=found, **form.cleaned_data))
    if made is None:
        return _method(request, found, form, status=422)
    messages.success(request, f"{made}: kept.")
    return redirect("catalogue:method", pk=pk)


@require_safe
@page("catalogue.read")
def materials(request: HttpRequest) -> HttpResponse:
    """List the reference materials and blanks, with how many values they have."""
    kind, state, today = request.GET.get("kind", ""), request.GET.get("state", ""), timezone.localdate()
    found = queries.materials_where(kind=kind, state=state, on=today).annotate(value_count=Count("values"))
    rows = keyset_page(found, order=("code", "lot", "id"), cursor=request.GET.get("cursor"), size=100)
    context = {
        "page": rows,
        "rows": [(one, LOT_LABELS[lot_state(one, today)]) for one in rows.rows],
        "kind": kind,
        "state": state,
        "kinds": list(MATERIAL_KIND_LABELS.items()),
        "states": [(one.value, word) for one, (word, _) in LOT_LABELS.items()],
        "may_manage": rules.has_perm("catalogue.manage", person(request)),
    }
    return render(request, "catalogue/materials.html", context)


@require_safe
@page("catalogue.read")
def material(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one reference material or blank: what it holds, and what certificates call it."""
    return show_material(request, material_for(pk))


def material_for(pk: UUID) -> ReferenceMaterial:
    """Return a reference material. Raises `NotFound` ("material-unknown")."""
    found: ReferenceMaterial = _one(queries.materials(), pk, "material")
    return found


def show_material(
    request: HttpRequest,
    found: ReferenceMaterial,
    *,
    certify: CertifyForm | None = None,
    retire: RetireForm | None = None,
    certificate: CertificateForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a material with its lots and forms; one that was refused comes with its errors."""
    values, today = list(found.values.order_by("basis", "analyte", "oxide")), timezone.localdate()
    context = {
        "material": found,
        "values": values,
        "others": [key for key in found.label_keys if key != label_key(found.code)],
        "form": certify or CertifyForm(),
        "retire_form": retire or RetireForm.today(),
        "certificate_form": certificate or CertificateForm(initial={"certificate": found.certificate}),
        "may_manage": rules.has_perm("catalogue.manage", person(request)),
        "lot": LOT_LABELS[lot_state(found, today)],
        "lots": [(one, LOT_LABELS[lot_state(one, today)]) for one in queries.lots_of(found)],
        "changes": history_of(found, *values),
    }
    return render(request, "catalogue/material.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page("catalogue.manage")
def add_material(request: HttpRequest) -> HttpResponse:
    """Add one lot of a reference material or a blank."""
    user = person(request)
    form = MaterialForm(request.POST or None)
    made = None
    if request.method == "POST":
        made = _tried(form, lambda: services.add_material(actor=user, **form.cleaned_data))
    if made is None:
        return render(
            request, "catalogue/add_material.html", {"form": form}, status=422 if form.is_bound else 200
        )
    messages.success(request, f"{made} is in the catalogue: now say what it holds.")
    return redirect("catalogue:material", pk=made.pk)


@require_POST
@page("catalogue.manage")
def certify(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what a material holds of one analyte."""
    user, found = person(request), material_for(pk)
    form = CertifyForm(request.POST)
    made = _tried(form, lambda: services.certify(actor=user, material=found, **form.cleaned_data))
    if made is None:
        return show_material(request, found, certify=form, status=422)
    messages.success(request, f"{made}: kept.")
    return redirect("catalogue:material", pk=pk)
