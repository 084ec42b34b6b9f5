"""Pages of incidents: the list, and one that is explained by one person and decided on by another."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lims import files
from lims.accounts.authentication import person
from lims.api.pagination import keyset_page
from lims.errors import NotFound, Problem
from lims.web.access import page
from samples.custody import incident_services, page_queries, queries
from samples.custody.attachments import attach_to_incident, attachments_for
from samples.custody.deviations import report_deviation
from samples.custody.facts import told
from samples.custody.forms import ExplainForm, JudgeForm
from samples.custody.incident_forms import AssignForm, AttachForm, DeviationForm
from samples.custody.line import TONES
from samples.custody.models import Incident
from samples.custody.rules import INCIDENT_LABELS, IncidentKind, IncidentState
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
    kind, whose = request.GET.get("kind", ""), request.GET.get("whose", "")
    if kind in list(IncidentKind):
        found = found.filter(kind=kind)
    if whose == "mine":
        found = found.filter(assigned_to=user)
    if request.GET.get("blocking") == "yes":
        found = found.filter(blocking=True).exclude(state=IncidentState.CLEARED)
    if code and "\x00" not in code:
        found = found.filter(consignment__code__iexact=code)
    rows = keyset_page(found, order=("-id",), cursor=request.GET.get("cursor"))
    context = {
        "page": rows,
        "rows": [(one, TONES[IncidentState(one.state)]) for one in rows.rows],
        "state": state,
        "kind": kind,
        "kinds": [(one.value, label) for one, label in INCIDENT_LABELS.items()],
        "whose": whose,
        "blocking": request.GET.get("blocking", ""),
        "mine": queries.incidents_for(user).filter(assigned_to=user, state=IncidentState.OPEN).count(),
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
    explained, seen = found.state == IncidentState.EXPLAINED, seen_incident(user, found)
    context: dict[str, Any] = {
        "incident": seen,
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
        "attachments": attachments_for(user, found),
        "may_attach": rules.has_perm("custody.explain", user, found),
        "assign_form": forms.get("assign") or AssignForm(page_queries.explainers(found, user)),
        "attach_form": forms.get("attach") or AttachForm(),
        "facts": told(seen.facts),
        "is_deviation": found.kind == IncidentKind.DEVIATION,
        "explain_form": forms.get("explain") or ExplainForm(),
        "judge_form": forms.get("judge") or JudgeForm(),
    }
    return render(request, "custody/incident.html", context, status=status)


def _act(
    request: HttpRequest, pk: UUID, name: str, form: Form, verb: Callable[..., Any], said: str
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


@require_POST
@page("custody.explain")
def assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask somebody to explain it."""
    user = person(request)
    people = page_queries.explainers(queries.incident_for(user, pk), user)
    form = AssignForm(people, request.POST)
    return _act(request, pk, "assign", form, incident_services.assign_incident, "They are told.")


@require_POST
@page("custody.explain")
def attach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lay a file beside it."""
    form = AttachForm(request.POST, request.FILES)
    return _act(request, pk, "attach", form, attach_to_incident, "The file is kept.")


@require_safe
@page("custody.read")
def attachment(request: HttpRequest, pk: UUID, file: UUID) -> HttpResponse:
    """Give a file of an incident, to be kept: it is not shown inside our pages."""
    user = person(request)
    found = attachments_for(user, queries.incident_for(user, pk)).filter(pk=file).first()
    if found is None:
        raise NotFound(Problem("file-missing", "There is no such file.", "Look at the incident again."))
    answer = HttpResponse(files.get(found.sha256), content_type=found.media_type)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.name) or ""
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.receive")
def deviation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the owner about something that is not as it should be; testing waits for the answer."""
    user = person(request)
    found = queries.consignment_for(user, pk)
    if not rules.has_perm("custody.receive", user, found):
        raise PermissionDenied
    form = DeviationForm(found, request.POST or None)
    if request.method == "POST":
        made: Any = done(form, report_deviation, actor=user, consignment=found)
        if made is not None:
            messages.success(request, "The owner is asked. The bag is not opened until they answer.")
            return redirect("custody:incident", pk=made.pk)
    context = {"consignment": found, "form": form}
    return render(request, "custody/deviation.html", context, status=422 if form.errors else 200)
