"""Templates of certificates for people: one for each method, as XLSX with drop-downs and as CSV."""

from uuid import UUID

import rules
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assays.catalogue import queries
from assays.certificates.template import template_file
from lims.accounts.authentication import person
from lims.web.access import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


@require_safe
@page("catalogue.read")
def templates(request: HttpRequest) -> HttpResponse:
    """Show every method with the template of its certificates."""
    rows = queries.methods().annotate(analyte_count=Count("analytes"))
    may_bring = rules.has_perm("certificates.watch", person(request))
    return render(request, "certificates/templates.html", {"rows": rows, "may_bring": may_bring})


@require_safe
@page("catalogue.read")
def xlsx(_request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the template of a method as a spreadsheet with drop-downs."""
    return _attached(pk, "xlsx", XLSX)


@require_safe
@page("catalogue.read")
def csv(_request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the template of a method as CSV."""
    return _attached(pk, "csv", CSV)


def _attached(pk: UUID, form: str, mime: str) -> HttpResponse:
    name, content = template_file(pk, form)
    answer = HttpResponse(content, content_type=mime)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
