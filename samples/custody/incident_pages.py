"""Pages of incidents: the list, and one that is explained by one person and decided on by another."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from lims.accounts.authentication import person
from lims.api.pagination import keyset_page
from lims.web.access import page
from samples.custody import incident_services, page_queries, queries
from samples.custody.forms import ExplainForm, JudgeForm
from samples.custody.line import TONES
from samples.custody.models import Incident
from samples.custody.rules import INCIDENT_LABELS, IncidentState
from samples.custody.seen import seen_incident
from samples.registry.forms import done


@require_safe
@page("custody.read")
def incidents(request: HttpRequest) -> HttpResponse:
    """List incidents; at first those that wait for somebody."""
    user = person(request)
    state, code = request.GET.get("state", "waiting"), request.GET.get("consignment", "").strip()[:20]
    found = queries.incidents_for(user)
    if state in list(IncidentState):
        found = found.filter(state=state)
    elif state != "all":
        found = found.filter(state__in=page_queries.WAITING)
    if code and "\x00" not in code:
        found = found.filter(consignment__code__iexact=code)
    rows = keyset_page(found, order=("-id",), cursor=request.GET.get("cursor"))
    context = {
        "page": rows,
        "rows": [(one, TONES[IncidentState(one.state)]) for one in rows.rows],
        "state": state,
        "code": code,
        "states": [("waiting", "Waiting for somebody"), ("all", "All incidents")]
        + [(value.value, value.title()) for value in IncidentState],
    }
    return render(request, "custody/incidents.html", context)


@require_safe
@page("custody.read")
def incident(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one incident: what was found, how it is explained, what was decided on it."""
    return _shown(request, queries.incident_for(person(request), pk))


def _shown(request: HttpRequest, found: Incident, status: int = 200, **forms: Form) -> HttpResponse:
    user = person(request)
    explained = found.state == IncidentState.EXPLAINED
    context: dict[str, Any] = {
        "incident": seen_incident(user, found),
        "record": found,
        "tone": TONES[IncidentState(found.state)],
        "title": INCIDENT_LABELS[found.kind],  # type: ignore[index]  # a StrEnum's value is its member
        "sample_seen": found.sample_id in page_queries.visible_samples(user, [found.sample_id])
        if found.sample_id
        else False,
        "may_explain": found.state == IncidentState.OPEN and rules.has_perm("custody.explain", user, found),
        "may_judge": explained
        and found.explained_by_id != user.pk
        and rules.has_perm("custody.judge", user, found),
        "own_words": explained and found.explained_by_id == user.pk,
        "explain_form": forms.get("explain") or ExplainForm(),
        "judge_form": forms.get("judge") or JudgeForm(),
    }
    return render(request, "custody/incident.html", context, status=status)


def _act(
    request: HttpRequest, pk: UUID, name: str, form: Form, verb: Callable[..., Incident], said: str
) -> HttpResponse:
    user = person(request)
    found = queries.incident_for(user, pk)
    if done(form, verb, actor=user, incident=found) is None:
        return _shown(request, found, status=422, **{name: form})
    messages.success(request, said)
    return redirect("custody:incident", pk=pk)


@require_POST
@page("custody.explain")
def explain(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say how it came about."""
    said = "Your explanation is kept. Now a manager of the owner decides on it."
    form = ExplainForm(request.POST)
    return _act(request, pk, "explain", form, incident_services.explain_incident, said)


@require_POST
@page("custody.judge")
def clear(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept the explanation."""
    said = "The incident is cleared: it does not keep its samples back any more."
    return _act(request, pk, "judge", JudgeForm(request.POST), incident_services.clear_incident, said)


@require_POST
@page("custody.judge")
def uphold(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse the explanation."""
    said = "The incident is upheld: its samples stay out of decisions."
    return _act(request, pk, "judge", JudgeForm(request.POST), incident_services.uphold_incident, said)
