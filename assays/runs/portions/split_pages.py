"""The page on which a portion is split, for gloves: rows of kind and mass, with the balance as it is typed."""

from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from assays.runs.models import Portion
from assays.runs.portions import queries, services
from assays.runs.portions.forms import PartForm, SplitForm, part_forms, see_again
from assays.runs.portions.rules import MOST_PARTS, Balance, balance, grams
from assays.runs.portions.services import Part
from lims.accounts.authentication import person
from lims.errors import DomainError
from lims.web.access import page


@dataclass(frozen=True, slots=True)
class Running:
    """The balance of what is typed so far; `words` say what is still apart."""

    balance: Balance
    words: str
    tone: str


def _running(portion: Portion, form: SplitForm, rows: list[PartForm]) -> Running:
    """Return how it adds up; what cannot be read counts as nothing yet."""
    typed = form.cleaned_data if form.is_bound else {}
    parts = [mass for row in rows if row.is_bound and (mass := row.cleaned_data.get("mass_g"))]
    loss, rest = typed.get("loss_g") or Decimal(0), typed.get("rest_g") or Decimal(0)
    found = balance(portion.left_g - rest, parts, loss)
    if not parts:
        return Running(found, "No part is weighed yet", "neutral")
    if found.holds:
        return Running(found, f"Balances within {grams(found.tolerance_g)}", "good")
    side = "to go" if found.difference_g > 0 else "too much"
    return Running(found, f"{grams(abs(found.difference_g))} {side}", "warn" if side == "to go" else "bad")


def _typed(
    request: HttpRequest, portion: Portion, *, more: int = 0
) -> tuple[SplitForm, list[PartForm], bool]:
    """Return the forms of what was sent, looked through, and whether all of it can be read."""
    form, rows = SplitForm(request.POST), part_forms(portion, request.POST, more=more)
    fine = [form.is_valid(), *(row.is_valid() for row in rows if row.is_bound)]
    return form, rows, all(fine)


def _page(
    request: HttpRequest, portion: Portion, form: SplitForm, rows: list[PartForm], status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "portion": portion,
        "form": form,
        "rows": rows,
        "running": _running(portion, form, rows),
        "may_grow": len(rows) < MOST_PARTS,
    }
    return render(request, "runs/portions/split.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page("portions.handle")
def split(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Split a portion; `act` more gives more rows, `act` add shows the balance, without script."""
    portion = queries.portion_for(person(request), pk)
    if request.method != "POST":
        form = SplitForm(initial={"seen_g": portion.left_g, "loss_g": 0, "rest_g": 0})
        return _page(request, portion, form, part_forms(portion))
    act = request.POST.get("act", "")
    form, rows, fine = _typed(request, portion, more=4 if act == "more" else 0)
    if act in {"more", "add"}:
        return _page(request, portion, form, rows)
    made = _done(request, portion, form, rows) if fine else None
    if made is None:
        fresh = queries.portion_for(person(request), pk)
        see_again(form, fresh)
        return _page(request, fresh, form, rows, HTTPStatus.UNPROCESSABLE_ENTITY)
    parts = list(made.portions.order_by("id"))
    labels = ", ".join(part.label for part in parts)
    messages.success(request, f"Split into {labels}; {grams(made.loss_g)} lost. Print their labels now.")
    query = "&".join(f"printed={part.pk}" for part in parts)
    return redirect(f"{reverse('portions:portion', args=[portion.pk])}?{query}")


def _done(request: HttpRequest, portion: Portion, form: SplitForm, rows: list[PartForm]) -> Any:
    given = dict(form.cleaned_data)
    weighed = [row for row in rows if row.is_bound and row.cleaned_data.get("mass_g") is not None]
    parts = [
        Part(row.cleaned_data["kind"], row.cleaned_data["mass_g"], row.cleaned_data["place"])
        for row in weighed
    ]
    try:
        return services.split_portion(
            actor=person(request), portion=portion, parts=parts, at=timezone.now(), **given
        )
    except DomainError as error:
        for problem in error.problems:
            field, at = problem.place.field, problem.place.row
            if at is not None:
                weighed[at - 1].add_error("mass_g", str(problem))
            form.add_error(
                field if field in form.fields and at is None else None, _with_row(str(problem), at)
            )
        return None


def _with_row(words: str, row: int | None) -> str:
    return words if row is None else f"Part {row}: {words}"


@require_POST
@page("portions.handle")
def running_balance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the balance of what is typed so far, as a fragment."""
    portion = queries.portion_for(person(request), pk)
    form, rows, _ = _typed(request, portion)
    context = {"running": _running(portion, form, rows)}
    return render(request, "runs/portions/_balance.html", context)
