"""A page of a trial: files to try the product with."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from assays.demonstration.examples import JOB, qc_certificate
from lims.web.access import page


def _only_in_a_trial() -> None:
    """Raise `Http404` where real work is done: invented results have no place there."""
    if not settings.TRIAL:
        raise Http404


@require_safe
@page("signed-in")
def files(request: HttpRequest) -> HttpResponse:
    """Show which files there are to try, and how to go on with them."""
    _only_in_a_trial()
    return render(request, "demonstration/files.html", {"job": JOB})


@require_safe
@page("signed-in")
def qc(_request: HttpRequest, number: str) -> HttpResponse:
    """Give the laboratory's own QC certificate of a job."""
    _only_in_a_trial()
    if not re.fullmatch(r"[A-Za-z0-9-]{3,30}", number):
        raise Http404
    answer = HttpResponse(qc_certificate(number), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="QC_{number}.csv"'
    return answer


app_name = "demonstration"
urlpatterns = [
    path("demonstration/", files, name="files"),
    path("demonstration/QC_<slug:number>.csv", qc, name="qc"),
]
