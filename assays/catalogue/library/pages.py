"""Pages of the library: a lot retired, its maker's certificate, certified values from a file with a preview first."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assays.catalogue.library import services
from assays.catalogue.library.forms import CertificateForm, RetireForm, ValuesForm
from assays.catalogue.library.values import COLUMNS, read_values, template
from assays.catalogue.pages import material_for, show_material
from lims import files
from lims.accounts.authentication import person
from lims.errors import DomainError, NotFound, Problem, invalid
from lims.web.access import page
from lims.web.forms import add_problems
from samples.custody.papers.rules import scan_type
from samples.registry.forms import done

LARGEST_BYTES: Final = 5 * 1024 * 1024
#: rows of a preview that are shown; the rest is counted
SHOWN: Final = 200
_SALT: Final = "reference-values"


@require_POST
@page("catalogue.manage")
def retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End the use of a lot."""
    user, found, form = person(request), material_for(pk), RetireForm(request.POST)
    made = done(form, services.retire_lot, actor=user, material=found)
    if made is None:
        return show_material(request, found, retire=form, status=422)
    messages.success(request, f"{made} is no longer used from {made.retired_on:%d %b %Y}.")
    return redirect("catalogue:material", pk=pk)


@require_POST
@page("catalogue.manage")
def keep_certificate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the maker's certificate of a lot."""
    user, found = person(request), material_for(pk)
    form = CertificateForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            services.keep_certificate(
                actor=user,
                material=found,
                name=file.name,
                content=file.read(),
                certificate=form.cleaned_data["certificate"],
            )
        except DomainError as error:
            add_problems(form, error)
        else:
            messages.success(request, "The maker's certificate is kept.")
            return redirect("catalogue:material", pk=pk)
    return show_material(request, found, certificate=form, status=422)


@require_safe
@page("catalogue.read")
def certificate(_request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the maker's certificate of a lot."""
    found = material_for(pk)
    if not found.file_sha256:
        raise NotFound(
            Problem("file-missing", "No certificate of this lot is kept.", "Ask whoever keeps the library.")
        )
    content = files.get(found.file_sha256)
    answer = HttpResponse(content, content_type=scan_type(content) or "application/octet-stream")
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=found.file_name) or ""
    )
    return answer


@require_safe
@page("catalogue.read")
def values_template(_request: HttpRequest) -> HttpResponse:
    """Give the file to fill in."""
    answer = HttpResponse(template(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="certified-values.csv"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@page("catalogue.manage")
def values(request: HttpRequest) -> HttpResponse:
    """Take a file of certified values and show how it is understood; nothing is kept of it but the file."""
    form = ValuesForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "columns": COLUMNS.items()}
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > LARGEST_BYTES:
                raise invalid("file-too-large", "The file is over 5 MB.", "Split it.", field="file")
            content = file.read()
            found = read_values(content, file.name)
        except DomainError as error:
            add_problems(form, error)
        else:
            token = signing.dumps([files.put(content), str(person(request).pk)], salt=_SALT)
            context |= {"found": found, "token": token, "rows": found.rows[:SHOWN], "name": file.name}
            return render(request, "catalogue/library/values.html", context)
    return render(request, "catalogue/library/values.html", context, status=422 if form.is_bound else 200)


@require_POST
@page("catalogue.manage")
def keep_values(request: HttpRequest) -> HttpResponse:
    """Keep the good rows of the file that was shown."""
    user = person(request)
    try:
        sha256, shown_to = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=86400)
    except signing.BadSignature:
        shown_to = None
    if shown_to != str(user.pk):
        raise invalid("preview-gone", "This preview is not there any more.", "Choose the file again.")
    found = read_values(files.get(sha256))
    made = services.import_values(actor=user, rows=found.rows)
    if not made.problems:
        messages.success(request, f"{made.values} certified values kept, {made.lots} new lots.")
        return redirect("catalogue:materials")
    context = {"form": ValuesForm(), "columns": COLUMNS.items(), "made": made}
    return render(request, "catalogue/library/values.html", context)
