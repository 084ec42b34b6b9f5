"""Pages of what a laboratory stands on: equipment, competence, accreditation, validations, each with what is due."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import rules
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assays.catalogue.models import Competence
from assays.catalogue.queries import laboratories
from assays.catalogue.standing import queries, services
from assays.catalogue.standing.forms import (
    AccreditationForm,
    CalibrationForm,
    CompetenceForm,
    EquipmentForm,
    ValidationForm,
    WithdrawForm,
)
from lims.accounts.authentication import person
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from lims.errors import NotFound, Place, Problem
from lims.web.access import page
from samples.registry.forms import done

_FORMS: Final[dict[str, Callable[..., forms.Form]]] = {
    "equipment": lambda _laboratory, *args, **named: EquipmentForm(*args, **named),
    "calibration": CalibrationForm,
    "competence": CompetenceForm,
    "accreditation": AccreditationForm,
    "validation": ValidationForm,
}


def _form(name: str, laboratory: Organisation | None, *given: Any) -> forms.Form:
    """Return a form of the page; several stand on it, each with names of its own for its fields."""
    return _FORMS[name](laboratory, *given, auto_id=f"{name}_%s")


def _chosen(user: User, said: str) -> Organisation | None:
    """Return the laboratory of the page: the one that is named, or the person's own. Raises `NotFound`."""
    known = laboratories()
    if not said:
        return known.filter(memberships__user=user).first() or known.first()
    try:
        found = known.filter(pk=UUID(said)).first()
    except ValueError:
        found = None
    if found is None:
        problem = Problem("laboratory-unknown", "There is no such laboratory.", "Choose one.", Place())
        raise NotFound(problem)
    return found


@require_safe
@page("catalogue.read")
def standing(request: HttpRequest) -> HttpResponse:
    """Show what a laboratory stands on today."""
    return _standing(request, _chosen(person(request), request.GET.get("laboratory", "")))


def _standing(
    request: HttpRequest, laboratory: Organisation | None, refused: dict[str, forms.Form] | None = None
) -> HttpResponse:
    user, today = person(request), timezone.localdate()
    context: dict[str, Any] = {"laboratory": laboratory, "laboratories": laboratories(), "tab": "standing"}
    if laboratory is not None:
        may = rules.has_perm("catalogue.manage", user, laboratory)
        seen = may or user.has_role(*Role, organisation=laboratory) or user.has_role(Role.AUDITOR)
        context |= {
            "equipment": queries.equipment_in(laboratory, today),
            "accreditations": [
                (one, *queries.state_between(one.valid_from, one.valid_to, today))
                for one in queries.accreditations_in(laboratory)
            ],
            "validations": [(one, one.review_on < today) for one in queries.validations_in(laboratory)],
            # who works there is for those who do
            "people_seen": seen,
            "competences": [
                (one, *_state(one, today)) for one in (queries.competences_in(laboratory) if seen else ())
            ],
            "may_manage": may,
            "forms": {name: _form(name, laboratory) for name in _FORMS} | (refused or {}),
            "refused": refused or {},
        }
    return render(request, "catalogue/standing/standing.html", context, status=422 if refused else 200)


def _state(one: Competence, today: Any) -> tuple[str, str]:
    if one.withdrawn_at is not None:
        return "withdrawn", "neutral"
    return queries.state_between(one.valid_from, one.valid_to, today)


def _kept(request: HttpRequest, name: str, act: Callable[..., Any], words: str) -> HttpResponse:
    """Do what a form of the page asks, and come back to it."""
    user = person(request)
    laboratory = _chosen(user, request.POST.get("laboratory", ""))
    form = _form(name, laboratory, request.POST)
    made = done(form, lambda **_: act(user, laboratory, form)) if laboratory is not None else None
    if made is None:
        return _standing(request, laboratory, {name: form})
    messages.success(request, words.format(made))
    return redirect(f"{reverse('standing:standing')}?laboratory={made_in(made).pk}")


def made_in(made: Any) -> Organisation:
    """Return the laboratory of something that was recorded."""
    if hasattr(made, "laboratory"):
        return made.laboratory  # type: ignore[no-any-return]  # equipment
    owner = made.equipment if hasattr(made, "equipment") else made.method
    return owner.laboratory  # type: ignore[no-any-return]  # a method or equipment


@require_POST
@page("catalogue.manage")
def add_equipment(request: HttpRequest) -> HttpResponse:
    """Add a piece of equipment."""

    def act(user: User, laboratory: Organisation, form: forms.Form) -> Any:
        return services.add_equipment(actor=user, laboratory=laboratory, **form.cleaned_data)

    return _kept(request, "equipment", act, "{} is in the list: now record its calibration.")


@require_POST
@page("catalogue.manage")
def calibrate(request: HttpRequest) -> HttpResponse:
    """Record a calibration."""

    def act(user: User, _laboratory: Organisation, form: forms.Form) -> Any:
        return services.record_calibration(actor=user, **form.cleaned_data)

    return _kept(request, "calibration", act, "Calibration of {} kept.")


@require_POST
@page("catalogue.manage")
def validate(request: HttpRequest) -> HttpResponse:
    """Record what a method was shown to do."""

    def act(user: User, _laboratory: Organisation, form: forms.Form) -> Any:
        assert isinstance(form, ValidationForm)
        return services.record_validation(actor=user, **form.values())

    return _kept(request, "validation", act, "Validation of {} kept.")


@require_POST
@page("catalogue.manage")
def accredit(request: HttpRequest) -> HttpResponse:
    """Record a method's accreditation."""

    def act(user: User, _laboratory: Organisation, form: forms.Form) -> Any:
        return services.record_accreditation(actor=user, **form.cleaned_data)

    return _kept(request, "accreditation", act, "Accreditation {} kept.")


@require_POST
@page("catalogue.manage")
def grant(request: HttpRequest) -> HttpResponse:
    """Find a person able to do something by a method."""

    def act(user: User, _laboratory: Organisation, form: forms.Form) -> Any:
        return services.grant_competence(actor=user, **form.cleaned_data)

    return _kept(request, "competence", act, "Kept: {}.")


@require_POST
@page("catalogue.manage")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw a competence with its reason."""
    found = Competence.objects.filter(pk=pk).select_related("method__laboratory").first()
    if found is None or not rules.has_perm("catalogue.manage", person(request), found.method.laboratory):
        raise NotFound(
            Problem("competence-unknown", "There is none.", "Look at the list.", Place(field="id"))
        )
    form = WithdrawForm(request.POST, auto_id="withdraw_%s")
    if done(form, services.withdraw_competence, actor=person(request), competence=found) is None:
        return _standing(request, found.method.laboratory, {"withdraw": form})
    messages.success(request, f"Withdrawn: {found}.")
    return redirect(f"{reverse('standing:standing')}?laboratory={found.method.laboratory_id}")
