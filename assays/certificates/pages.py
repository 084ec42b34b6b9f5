"""Pages of certificates: drop a file, and what was brought in so far; the preview is in `preview_pages`."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from assays.certificates import services
from assays.certificates.forms import UploadForm
from assays.certificates.models import Certificate, Upload
from assays.certificates.rules import UploadState
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.errors import DomainError
from lims.web.access import page
from lims.web.forms import add_problems
from lims.web.navigation import Place as Entry
from lims.web.navigation import register
from lims.web.search import Hit, register_finder

register(
    Entry("Certificates", "certificates:uploads", "certificate", "certificates.watch", order=15, letter="i")
)


def _find(user: User, text: str) -> list[Hit]:
    if "\x00" in text:
        return []
    rows = Certificate.objects.visible_to(user).standing().filter(number__istartswith=text)
    found = rows.select_related("run__laboratory").order_by("number", "-id")[:8]
    return [
        Hit("certificate", one.number, reverse("runs:run", args=[one.run_id]), str(one.run.laboratory))
        for one in found
    ]


register_finder("certificate", _find)


@require_http_methods(["GET", "HEAD"])
@page("certificates.watch")
def uploads(request: HttpRequest) -> HttpResponse:
    """Show what was brought in, the newest first, with a place to drop the next file."""
    return _listed(request, UploadForm(person(request)))


def _listed(
    request: HttpRequest, form: UploadForm, twin: str | None = None, status: int = 200
) -> HttpResponse:
    user = person(request)
    rows = Upload.objects.visible_to(user).exclude(state=UploadState.DISCARDED)
    rows = rows.select_related("laboratory", "uploaded_by", "certificate", "kept_by")
    context = {
        "page": keyset_page(rows, order=("-id",), cursor=request.GET.get("cursor"), size=50),
        "form": form,
        "twin": twin,
        "examples": reverse("demonstration:files") if settings.TRIAL else "",
        "may_log": bool(form.fields["kept_by"].queryset.exists()),  # type: ignore[attr-defined]  # a choice of rows
    }
    return render(request, "certificates/uploads.html", context, status=status)


@require_POST
@page("certificates.log")
def add(request: HttpRequest) -> HttpResponse:
    """Take a file; a worker reads it."""
    user = person(request)
    form = UploadForm(user, request.POST, request.FILES)
    if not form.is_valid():
        return _listed(request, form, status=422)
    file, kept_by = form.cleaned_data["file"], form.cleaned_data["kept_by"]
    try:
        made = services.upload_certificate(actor=user, kept_by=kept_by, name=file.name, content=file.read())
    except DomainError as error:
        add_problems(form, error)
        return _listed(request, form, error.problems[0].extra.get("upload"), status=422)
    return redirect("certificates:upload", pk=made.pk)
