"""Pages of the preview beside its grid: one line beside its understanding, sure suggestions, teaching a layout."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assays.certificates import queries
from assays.certificates.models import Upload
from assays.certificates.preview import forms, services
from assays.certificates.preview.layouts import said_mapping
from assays.certificates.preview.pattern import drawn
from assays.certificates.preview.queries import line_of
from assays.certificates.reading.sheet import Sheet, read_sheet
from assays.certificates.rules import UploadState
from lims import files
from lims.accounts.authentication import person
from lims.errors import DomainError, Problem
from lims.web.access import page

#: states whose rows can be looked at
READ = frozenset({UploadState.READ, UploadState.COMMITTING, UploadState.COMMITTED})


@require_safe
@page("certificates.watch")
def line(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Show one row of a file as it stands there, beside how it was understood."""
    found = queries.upload_for(person(request), pk)
    seen = line_of(found, number)
    context = {
        "upload": found,
        "line": seen,
        "focus": forms.whole(request.GET.get("column", ""), 0),
        "plot": drawn(seen.pattern, seen.row.row.label),
    }
    return render(request, "certificates/preview/line.html", context)


@require_POST
@page("certificates.log")
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept every sure suggestion."""
    user = person(request)
    settled = services.accept_sure(actor=user, upload=queries.upload_for(user, pk))
    messages.success(request, f"{settled} row{'' if settled == 1 else 's'} settled by sure suggestions.")
    return redirect("certificates:upload", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page("certificates.log")
def teach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask what the columns of a plain file hold, and keep it for every next file with the same headings."""
    user = person(request)
    found = queries.upload_for(user, pk)
    sheet = read_sheet(files.get(found.sha256), name=found.file_name)
    if request.method != "POST":
        head = forms.whole(request.GET.get("head", ""), forms.likely_head(sheet))
        return _asked(request, found, sheet, head, {})
    said = request.POST.dict()
    head = forms.whole(str(said.get("head", "")), 0)
    told = {name: str(text) for name, text in said.items()}
    asked = forms.questions(sheet, head, told)
    try:
        mapping = said_mapping(sheet, forms.as_mapping(asked, head, comma=told.get("comma") == "yes"))
        services.teach_layout(actor=user, upload=found, name=told.get("name", ""), mapping=mapping)
    except DomainError as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _asked(request, found, sheet, head, told, status=status, refused=error.problems)
    messages.success(request, "The layout is kept; the file is read by it.")
    return redirect("certificates:upload", pk=pk)


def _asked(
    request: HttpRequest,
    found: Upload,
    sheet: Sheet,
    head: int,
    told: dict[str, str],
    *,
    status: int = HTTPStatus.OK,
    refused: Sequence[Problem] = (),
) -> HttpResponse:
    first = max(1, head - 3)
    shown = sheet.rows[first - 1 : first - 1 + forms.ROWS_SHOWN]
    context: dict[str, Any] = {
        "upload": found,
        "may_log": rules.has_perm("certificates.log", person(request), found),
        "head": head,
        "name": told.get("name", ""),
        "comma": told.get("comma") == "yes",
        "rows": [(first + at, cells[: forms.MOST_ASKED]) for at, cells in enumerate(shown)],
        "questions": forms.questions(sheet, head, told),
        "uses": forms.USES,
        "beyond": max((len(cells) for cells in shown), default=0) > forms.MOST_ASKED,
        "refused": refused,
    }
    return render(request, "certificates/preview/teach.html", context, status=status)
