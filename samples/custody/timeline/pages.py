"""The custody record of a bag or a consignment: on a page, as a file of JSON, on paper."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.web.access import page
from samples.custody.queries import consignment_for
from samples.custody.timeline import charts
from samples.custody.timeline.content import Timeline
from samples.custody.timeline.maps import map_of
from samples.custody.timeline.queries import timeline_of_consignment, timeline_of_sample
from samples.custody.timeline.record import as_record
from samples.custody.timeline.sheet import sheet
from samples.registry.queries import sample_for

Read = Callable[[User, UUID], Timeline]


def _sample(user: User, pk: UUID) -> Timeline:
    return timeline_of_sample(user, sample_for(user, pk))


def _consignment(user: User, pk: UUID) -> Timeline:
    return timeline_of_consignment(user, consignment_for(user, pk))


@require_safe
@page("custody.read")
def sample_record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a bag's custody record."""
    return _shown(request, _sample(person(request), pk), reverse("registry:sample", args=[pk]))


@require_safe
@page("custody.read")
def consignment_record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a consignment's custody record."""
    return _shown(request, _consignment(person(request), pk), reverse("custody:consignment", args=[pk]))


@require_safe
@page("custody.read")
def sample_record_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a bag's custody record on paper."""
    return _paper(request, _sample(person(request), pk))


@require_safe
@page("custody.read")
def consignment_record_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a consignment's custody record on paper."""
    return _paper(request, _consignment(person(request), pk))


@require_safe
@page("custody.read")
def sample_record_json(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a bag's custody record as JSON."""
    return _data(request, _sample(person(request), pk))


@require_safe
@page("custody.read")
def consignment_record_json(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a consignment's custody record as JSON."""
    return _data(request, _consignment(person(request), pk))


def _shown(request: HttpRequest, found: Timeline, back: str) -> HttpResponse:
    context: dict[str, Any] = {
        "it": found,
        "back_url": back,
        "chart": charts.masses(found.masses),
        "chart_words": charts.words_of(found.masses),
        "map": map_of(found),
        "pdf_url": reverse(f"custody:{found.kind}_record_pdf", args=[found.id]),
        "json_url": reverse(f"custody:{found.kind}_record_json", args=[found.id]),
    }
    return render(request, "custody/timeline/record.html", context)


def _paper(request: HttpRequest, found: Timeline) -> HttpResponse:
    address = request.build_absolute_uri(reverse(f"custody:{found.kind}_record", args=[found.id]))
    made = sheet(found, made_at=timezone.now(), made_for=person(request).name, address=address)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="custody-{found.name}.pdf"'
    return answer


def _data(request: HttpRequest, found: Timeline) -> HttpResponse:
    made = as_record(found, made_at=timezone.now(), made_for=person(request).name)
    answer = JsonResponse(made, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="custody-{found.name}.json"'
    return answer
