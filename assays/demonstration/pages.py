"""A page of a trial: files to try the product with."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from assays.demonstration.examples import JOB, qc_certificate
from assays.demonstration.trying.shelf import CSV, content_for, examples_for
from lims.accounts.authentication import person
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
    return render(request, "demonstration/files.html", {"job": JOB, "rows": examples_for(person(request))})


@require_safe
@page("signed-in")
def example(request: HttpRequest) -> HttpResponse:
    """Give the file to try that `?name=` names, made of samples that the person may see."""
    _only_in_a_trial()
    if "name" not in request.GET:
        return redirect("demonstration:files")
    found = content_for(person(request), request.GET.get("name", ""))
    if found is None:
        raise Http404
    return _attached(found[0].file_name, found[1], found[0].mime)


@require_safe
@page("signed-in")
def qc(_request: HttpRequest, number: str) -> HttpResponse:
    """Give the laboratory's own QC certificate of a job."""
    _only_in_a_trial()
    if not re.fullmatch(r"[A-Za-z0-9-]{3,30}", number):
        raise Http404
    return _attached(f"QC_{number}.csv", qc_certificate(number), CSV)


def _attached(name: str, content: bytes, mime: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=mime)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


app_name = "demonstration"
urlpatterns = [
    path("demonstration/", files, name="files"),
    path("demonstration/file/", example, name="example"),
    path("demonstration/QC_<slug:number>.csv", qc, name="qc"),
]
