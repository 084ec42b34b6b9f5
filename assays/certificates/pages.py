"""Pages of certificates: drop a file, see how it was understood, settle what is open, commit."""

from typing import Any
from uuid import UUID

import rules
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assays.certificates import queries, services
from assays.certificates.forms import DescribeForm, MatchForm, UploadForm
from assays.certificates.grid import grid_of
from assays.certificates.models import Certificate, Upload
from assays.certificates.rules import Match, UploadState
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.errors import DomainError, NotFound, Problem, invalid
from lims.web.access import page
from lims.web.forms import add_problems
from lims.web.navigation import Place as Entry
from lims.web.navigation import register
from lims.web.search import Hit, register_finder
from lims.work import progress
from samples.registry.models import Batch, Sample
from samples.registry.sample_queries import samples_by_label

WAITS = frozenset({UploadState.WAITING, UploadState.COMMITTING})

register(
    Entry("Certificates", "certificates:uploads", "certificate", "certificates.watch", order=15, letter="i")
)


def _find(user: User, text: str) -> list[Hit]:
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


@require_safe
@page("certificates.watch")
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how a file was understood; while a worker is at it, how far it is."""
    found = queries.upload_for(person(request), pk)
    return _shown(request, found, DescribeForm(found))


def _shown(request: HttpRequest, found: Upload, form: DescribeForm, status: int = 200) -> HttpResponse:
    start = request.GET.get("from", "1")
    only = "bad" if request.GET.get("only") == "bad" else ""
    waits = found.state in WAITS
    context: dict[str, Any] = {
        "upload": found,
        "form": form,
        "only": only,
        "waits": waits,
        "progress": _progress(found),
        "preview": queries.preview(found) if found.state == UploadState.READ else None,
        "grid": None
        if waits
        else grid_of(found, int(start) if start.isascii() and start.isdigit() else 1, only),
        "open_rows": _open(found),
        "materials": MatchForm().fields["material"].queryset,  # type: ignore[attr-defined]  # a choice of rows
        "may_log": rules.has_perm("certificates.log", person(request), found),
    }
    if context["preview"] is not None:
        context["counts"] = _counts(context["preview"])
    return render(request, "certificates/upload.html", context, status=status)


def _open(found: Upload) -> list[object]:
    """Return the rows that wait for a person to say what they are, at most fifty."""
    if found.state != UploadState.READ:
        return []
    return list(found.rows.filter(match=Match.UNMATCHED).order_by("number")[:50])


def _counts(seen: queries.Preview) -> list[dict[str, object]]:
    """Return the preview's numbers for the row of figures."""
    figures = [
        ("Samples", seen.samples, "whose results would be committed"),
        ("QC items", seen.qc, "reference materials and blanks"),
        ("Not matched", seen.unmatched, "nobody knows what they are yet"),
        ("With problems", seen.bad, "they stay out until they are settled"),
    ]
    return [{"label": label, "value": value, "hint": hint} for label, value, hint in figures]


def _progress(found: Upload) -> progress.Progress:
    kind, doing = (
        (services.COMMIT, "Committing values")
        if found.state == UploadState.COMMITTING
        else (services.READ, "Waiting for a worker")
    )
    total = found.understood.get("determinations", 0)
    return progress.of(kind, found.pk) or progress.Progress(0, total, doing)


@require_safe
@page("certificates.watch")
def watch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer the progress bar; when the work is over, have the page load anew."""
    found = queries.upload_for(person(request), pk)
    if found.state not in WAITS:
        answer = HttpResponse(status=200)
        answer["HX-Refresh"] = "true"
        return answer
    context = {"upload": found, "progress": _progress(found)}
    return render(request, "certificates/upload_progress.html", context)


@require_POST
@page("certificates.log")
def describe(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what the file does not."""
    user = person(request)
    found = queries.upload_for(user, pk)
    form = DescribeForm(found, request.POST)
    if form.is_valid():
        try:
            services.describe_upload(actor=user, upload=found, **form.cleaned_data)
        except DomainError as error:
            add_problems(form, error)
        else:
            return redirect("certificates:upload", pk=pk)
    return _shown(request, found, form, status=422)


@require_POST
@page("certificates.log")
def match(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Say what a row is, and come back to it."""
    user = person(request)
    found, form = queries.upload_for(user, pk), MatchForm(request.POST)
    if not form.is_valid():
        raise invalid("match-incomplete", "It is not said what it is.", "Choose.", row=number)
    given = form.cleaned_data
    services.match_row(
        actor=user,
        upload=found,
        number=number,
        match=given["match"],
        sample=_sample(user, given["sample"], given["label"]),
        material=given["material"],
    )
    return redirect(f"{reverse('certificates:upload', args=[pk])}?from={max(1, number - 5)}#open")


def _sample(user: User, pk: UUID | None, label: str) -> Sample | None:
    """Return the sample that was chosen, or the one whose tag or number was typed. Raises `NotFound`."""
    if pk is not None:
        return Sample.objects.visible_to(user).filter(pk=pk).first()
    if not label.strip():
        return None
    found = samples_by_label(Batch.objects.visible_to(user), [label]).get(label, [])
    if len(found) != 1:
        words = "No sample" if not found else "More than one sample"
        raise NotFound(
            Problem(
                "id-unmatched", f"{words} that this laboratory tests is called “{label}”.", "Type its tag."
            )
        )
    return found[0]


@require_POST
@page("certificates.log")
def leave(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Leave a row out of the commit, or take it in again."""
    user = person(request)
    services.leave_row(
        actor=user,
        upload=queries.upload_for(user, pk),
        number=number,
        leave=request.POST.get("leave") == "yes",
    )
    return redirect(f"{reverse('certificates:upload', args=[pk])}?from={max(1, number - 5)}#r{number}")


@require_POST
@page("certificates.log")
def commit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Commit the good rows."""
    user = person(request)
    found = queries.upload_for(user, pk)
    try:
        services.commit_upload(actor=user, upload=found, accept=request.POST.get("accept") == "yes")
    except DomainError as error:
        messages.error(request, str(error))
        return _shown(request, found, DescribeForm(found), status=422)
    return redirect("certificates:upload", pk=pk)


@require_POST
@page("certificates.log")
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put an upload away."""
    user = person(request)
    found = services.discard_upload(actor=user, upload=queries.upload_for(user, pk))
    messages.success(request, f"{found.file_name} is put away; the file stays in the store.")
    return redirect("certificates:uploads")
