"""Pages of portions: what there is, a bag taken up, labels printed."""

from typing import Any, Final
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assays.runs.portions import queries, services
from assays.runs.portions.forms import TakeUpForm
from assays.runs.portions.labels import labels
from assays.runs.portions.leaving import MOST_AT_ONCE
from assays.runs.portions.rules import read_label
from assays.runs.rules import PORTION_LABELS, PORTION_STATE_LABELS, PortionKind, PortionState
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.errors import DomainError, invalid
from lims.web.access import page
from lims.web.search import Hit, register_finder

#: state → tone of its badge
TONES: Final = {
    PortionState.HELD: "good",
    PortionState.USED_UP: "neutral",
    PortionState.RETURNED: "info",
    PortionState.DISPOSED: "neutral",
}


def _find(user: User, text: str) -> list[Hit]:
    """Find portions by label; a bag's own label is its tag, by which its sample is found."""
    label = read_label(text)
    if "\x00" in text or "-" not in label:
        return []
    found = queries.portions_for(user).exclude(kind=PortionKind.BAG).filter(label__istartswith=label)
    return [
        Hit(
            "portion",
            one.label,
            reverse("portions:portion", args=[one.pk]),
            f"{one.get_kind_display()}, {one.laboratory}",
        )
        for one in found.order_by("label")[:8]
    ]


register_finder("portion", _find)


def chosen_ids(data: Any, name: str = "portion") -> list[UUID]:
    """Return the ids that were chosen in a list; what is no id is left out."""
    found = []
    for text in data.getlist(name)[: MOST_AT_ONCE + 1]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@require_safe
@page("runs.read")
def portions(request: HttpRequest) -> HttpResponse:
    """List the portions that one may see, the newest first, narrowed by what they are, their state and place."""
    user, asked = person(request), request.GET
    rows, narrowed = queries.portions_for(user), {}
    for name, known in (("kind", list(PortionKind)), ("state", list(PortionState))):
        if asked.get(name) in known:
            narrowed[name] = asked[name]
    place = chosen_ids(asked, "place")
    if place:
        narrowed["place"] = str(queries.place_for(user, place[0]).pk)
    found = keyset_page(rows.filter(**narrowed), order=("-id",), cursor=asked.get("cursor"), size=50)
    context = {
        "page": found,
        "rows": [(row, TONES[PortionState(row.state)]) for row in found.rows],
        "narrowed": narrowed,
        "kinds": [(kind.value, label) for kind, label in PORTION_LABELS.items()],
        "states": [(state.value, label) for state, label in PORTION_STATE_LABELS.items()],
        "place": queries.place_for(user, place[0]) if place else None,
        "tab": "portions",
        **tabs(user),
    }
    return render(request, "runs/portions/portions.html", context)


def tabs(user: User) -> dict[str, Any]:
    """Return what the tabs of the bench and the buttons beside them depend on."""
    return {
        "bench": rules.has_perm("runs.bench", user),
        "may_handle": rules.has_perm("portions.handle", user),
        "may_keep": rules.has_perm("portions.keep", user),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page("portions.handle")
def take_up(request: HttpRequest) -> HttpResponse:
    """Take a bag up by its tag."""
    user = person(request)
    form = TakeUpForm(user, request.POST or None, initial={"tag": request.GET.get("tag", "")[:60]})
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            sample = queries.sample_by_tag(user, given.pop("tag"))
            made = services.take_up_bag(actor=user, sample=sample, at=timezone.now(), **given)
        except DomainError as error:
            _beside_tag(form, error)
        else:
            messages.success(request, f"{made} is taken up. Split it, or prepare it first.")
            return redirect("portions:portion", pk=made.pk)
    context = {"form": form, "tab": "take_up", **tabs(user)}
    return render(request, "runs/portions/take_up.html", context, status=422 if form.errors else 200)


def _beside_tag(form: TakeUpForm, error: DomainError) -> None:
    for problem in error.problems:
        field = problem.place.field
        form.add_error(field if field in form.fields else "tag", str(problem))


@require_safe
@page("runs.bench")
def print_labels(request: HttpRequest) -> HttpResponse:
    """Print labels of the chosen portions, for a label printer or (`on=sheet`) on A4 sheets."""
    ids = chosen_ids(request.GET)
    found = list(queries.portions_for(person(request)).filter(pk__in=ids).order_by("label"))
    if not found:
        raise invalid("portions-none", "No portion is chosen.", "Choose some in the list.", field="portion")
    made = labels(found, sheet=request.GET.get("on") == "sheet")
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="labels.pdf"'
    return answer
