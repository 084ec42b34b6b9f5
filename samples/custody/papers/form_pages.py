"""Pages of paper forms: printed beforehand, keyed in beside the photograph, spoilt; and which numbers are still out."""

from typing import Any
from uuid import UUID

import rules
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.errors import invalid
from lims.web.access import page
from samples.custody.forms import with_here
from samples.custody.models import PaperForm
from samples.custody.papers import form_services
from samples.custody.papers.forms import EnterForm, PrintForm, SpoilForm
from samples.custody.papers.queries import counts_of, form_for, forms_for
from samples.custody.papers.rules import MOST_FORMS, read_form_number
from samples.custody.papers.sheet import sheets
from samples.custody.queries import consignments_for
from samples.custody.rules import ConsignmentState
from samples.registry.forms import done
from samples.registry.models import Photograph
from samples.registry.photograph_pages import PhotographForm
from samples.registry.photographs import keep_photograph, visible_photographs

STATES = {"out": "Still out", "entered": "Keyed in", "spoilt": "Spoilt"}


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.documents")
def paper_forms(request: HttpRequest) -> HttpResponse:
    """List forms by what became of them; number new ones to be printed."""
    user, state = person(request), request.GET.get("state", "")
    form = PrintForm(user, request.POST or None)
    if request.method == "POST":
        made: Any = done(form, form_services.print_forms, actor=user)
        if made is not None:
            messages.success(request, f"{len(made)} forms are numbered. Print them now.")
            first, last = made[0].number, made[-1].number
            return redirect(f"{request.path}?first={first}&last={last}")
    found = forms_for(user)
    counts = counts_of(found)
    found = {
        "out": found.filter(entered_at=None, spoilt_at=None),
        "entered": found.filter(entered_at__isnull=False),
        "spoilt": found.filter(spoilt_at__isnull=False),
    }.get(state, found)
    rows = keyset_page(found, order=("-number", "-id"), cursor=request.GET.get("cursor"))
    context = {
        "page": rows,
        "rows": rows.rows,
        "counts": counts,
        "state": state,
        "states": STATES.items(),
        "form": form,
        "fresh": [read_form_number(request.GET.get(name, "")) for name in ("first", "last")],
        "may_print": rules.has_perm("custody.pack", user),
    }
    return render(request, "custody/papers/forms.html", context, status=422 if form.errors else 200)


@require_safe
@page("custody.documents")
def sheet(request: HttpRequest) -> HttpResponse:
    """Give the forms from one number to another as PDF, a page each."""
    first, last = (read_form_number(request.GET.get(name, "")) for name in ("first", "last"))
    if first is None or last is None:
        message = "The first and the last number are needed."
        raise invalid("form-number-malformed", message, "As in F26-000123.", field="first")
    rows = forms_for(person(request)).filter(number__gte=first, number__lte=last, spoilt_at=None)
    found = list(rows.order_by("number")[:MOST_FORMS])
    if not found:
        raise invalid("form-unknown", "None of these forms is yours.", "Print new ones.", field="first")
    answer = HttpResponse(sheets(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="forms_{first}_{last}.pdf"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.documents")
def paper_form(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Key in a form: first its photograph, then what stands on it, beside the photograph."""
    user = person(request)
    found = form_for(user, pk)
    if request.method == "POST" and "photograph" not in request.POST:
        return _photographed(request, user, found)
    given = request.POST if request.method == "POST" else None
    consignments = consignments_for(user).filter(owner=found.owner_id, state=ConsignmentState.DISPATCHED)
    photographs = visible_photographs(user).filter(owner=found.owner_id)
    picture = _picture(request, photographs)
    form = EnterForm(
        consignments, photographs, given, initial={"photograph": picture.pk if picture else None}
    )
    if given is not None:
        verb = with_here(form_services.enter_form)
        made: Any = done(form, verb, actor=user, paper=found)
        if made is not None:
            messages.success(request, f"{found} is keyed in: {made}.")
            return redirect("custody:consignment", pk=made.consignment_id)
    return _shown(request, found, picture=picture, form=form)


def _shown(request: HttpRequest, found: PaperForm, **more: Any) -> HttpResponse:
    user, bad = person(request), any(isinstance(one, forms.Form) and one.errors for one in more.values())
    context = {
        "found": found,
        "event": found.events.select_related("consignment").first(),
        "photograph_form": PhotographForm(),
        "spoil_form": SpoilForm(),
        "may": found.entered_at is None
        and found.spoilt_at is None
        and rules.has_perm("custody.pack", user, found.owner),
        **more,
    }
    return render(request, "custody/papers/form.html", context, status=422 if bad else 200)


def _picture(request: HttpRequest, photographs: Any) -> Photograph | None:
    """Return the photograph that is keyed in from, if it was taken already."""
    given = request.POST.get("photograph") or request.GET.get("photograph")
    try:
        return photographs.filter(pk=UUID(given)).first() if given else None
    except ValueError:
        return None


def _photographed(request: HttpRequest, user: User, found: PaperForm) -> HttpResponse:
    form = PhotographForm(request.POST, request.FILES)
    made: Any = done(form, keep_photograph, actor=user, owner=found.owner)
    if made is None:
        return _shown(request, found, photograph_form=form)
    return redirect(f"{request.path}?photograph={made.pk}")


@require_POST
@page("custody.pack")
def spoil(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a form is spoilt."""
    user, form = person(request), SpoilForm(request.POST)
    found = form_for(user, pk)
    if done(form, form_services.spoil_form, actor=user, paper=found) is None:
        return _shown(request, found, spoil_form=form)
    messages.success(request, f"{found} is spoilt; nobody misses its number.")
    return redirect("custody:paper_forms")
