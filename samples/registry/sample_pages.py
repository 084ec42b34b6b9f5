"""Pages of samples: the list and its export, one sample, and the acts on it."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

import rules
from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.verbs import Actor
from lims.web.access import page
from samples.registry import exports, finding, queries, sample_queries, sample_services
from samples.registry.forms import HoldForm, NumberForm, ReasonForm, done
from samples.registry.histories import history_for
from samples.registry.models import ExternalNumber, Sample
from samples.registry.panels import panels_for
from samples.registry.rules import SampleState
from samples.registry.sight import Sight

#: name in the address → order; an index serves each
SORTS: Final = {"newest": ("-registered_at", "-id"), "tag": ("tag__code", "id")}
FILTERS: Final = ("text", "batch", "mine", "state", "held", "since", "until")


def _chosen(query: QueryDict) -> dict[str, str]:
    return {name: query.get(name, "").strip()[:100] for name in FILTERS}


def _chips(query: QueryDict, chosen: dict[str, str], mines: dict[str, str]) -> list[dict[str, str]]:
    """Return the filters in force, each with the address of the list without it."""
    words = {
        "text": f"“{chosen['text']}”",
        "batch": f"Batch {chosen['batch'].upper()}",
        "mine": mines.get(chosen["mine"], "Unknown mine"),
        "state": chosen["state"].title(),
        "held": "On hold",
        "since": f"Registered from {chosen['since']}",
        "until": f"Registered to {chosen['until']}",
    }
    chips = []
    for name in FILTERS:
        if chosen[name]:
            rest = query.copy()
            for key in (name, "cursor"):
                rest.pop(key, None)
            chips.append({"label": words[name], "remove_url": f"?{rest.urlencode()}"})
    return chips


def _found(user: User, query: QueryDict) -> QuerySet[Sample]:
    return finding.matching(queries.samples_for(user), user, **_chosen(query))


@require_safe
@page("registry.read")
def samples(request: HttpRequest) -> HttpResponse:
    """List the samples that one may see, filtered by what stands in the address."""
    user, chosen = person(request), _chosen(request.GET)
    sort = request.GET.get("sort", "")
    order = SORTS.get(sort, SORTS["newest"])
    rows = keyset_page(_found(user, request.GET), order=order, cursor=request.GET.get("cursor"))
    mines = {str(mine.pk): mine.name for mine in queries.mines_for(user).order_by("name")}
    seen = queries.seen_samples(user, rows.rows)
    context = {
        "page": rows,
        "rows": seen,
        "sees_mines": any(sample.sight > Sight.BLIND for sample in seen),
        "chosen": chosen,
        "sort": sort if sort in SORTS else "newest",
        "mines": mines.items(),
        "states": [(state.value, state.title()) for state in SampleState],
        "chips": _chips(request.GET, chosen, mines),
        "may_register": rules.has_perm("registry.register", user),
    }
    return render(request, "registry/samples.html", context)


@require_safe
@page("registry.read")
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Give the list as CSV: the same filters, all of its pages."""
    user = person(request)
    order = SORTS.get(request.GET.get("sort", ""), SORTS["newest"])
    found = _found(user, request.GET).order_by(*order)
    answer = StreamingHttpResponse(exports.lines(user, found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="samples.csv"'
    return answer


# --- One sample -------------------------------------------------------------------------------------


@require_safe
@page("registry.read")
def sample(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one sample: what it is, what holds it, by which numbers it goes, what was recorded of it."""
    return _shown(request, queries.sample_for(person(request), pk))


def _shown(request: HttpRequest, found: Sample, status: int = 200, **forms: Form) -> HttpResponse:
    user = person(request)
    seen = queries.seen_samples(user, [found])[0]
    numbers = sample_queries.numbers_for(user, found)
    context: dict[str, Any] = {
        "sample": seen,
        "record": found,
        "numbers": numbers,
        "holds": sample_queries.holds_for(user, found),
        "number_form": forms.get("number") or NumberForm(),
        "hold_form": forms.get("hold") or HoldForm(),
        "reason_form": forms.get("withdraw") or ReasonForm(),
        "blind": seen.sight <= Sight.BLIND,
        "changes": history_for(seen.sight, found.batch, _known(found, seen.sight, numbers)),
        "may": {
            act: found.state == SampleState.REGISTERED and rules.has_perm(f"registry.{act}", user, found)
            for act in ("correct", "withdraw", "hold", "register")
        },
    }
    context |= panels_for(request, "sample", found)
    return render(request, "registry/sample.html", context, status=status)


def _known(found: Sample, sight: Sight, numbers: Sequence[ExternalNumber]) -> list[Any]:
    """Return the things of a sample whose record the person may read."""
    corrections = found.corrections.all() if sight > Sight.BLIND else ()
    return [found, *numbers, *found.holds.all(), *corrections]


def _act(
    request: HttpRequest, pk: UUID, name: str, form: Form, verb: Callable[..., Any], said: str
) -> HttpResponse:
    """Do one of a sample's acts; refused, show the sample again with what is wrong beside the field."""
    user = person(request)
    found = queries.sample_for(user, pk)
    if done(form, verb, actor=user, sample=found) is None:
        return _shown(request, found, status=422, **{name: form})
    messages.success(request, said)
    return redirect("registry:sample", pk=pk)


@require_POST
@page("registry.register")
def add_number(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a number by which certificates refer to the sample."""
    form, verb = NumberForm(request.POST), sample_services.add_external_number
    return _act(request, pk, "number", form, verb, "The number is kept.")


@require_POST
@page("registry.hold")
def hold(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a sample wait."""
    return _act(
        request, pk, "hold", HoldForm(request.POST), sample_services.set_hold, "The sample is on hold."
    )


@require_POST
@page("registry.withdraw")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a sample out of its batch's count, for good."""
    form, verb = ReasonForm(request.POST), sample_services.withdraw_sample
    return _act(request, pk, "withdraw", form, verb, "The sample is withdrawn.")


@require_POST
@page("registry.hold")
def release(request: HttpRequest, pk: UUID, hold: UUID) -> HttpResponse:
    """Let a sample go on."""
    held = queries.hold_for(queries.sample_for(person(request), pk), hold)

    def let_go(*, actor: Actor, sample: Sample, reason: str) -> Any:  # noqa: ARG001  # the hold knows its sample
        return sample_services.release_hold(actor=actor, hold=held, reason=reason)

    return _act(request, pk, "release", ReasonForm(request.POST), let_go, "The hold is released.")
