"""Pages of the preview: how a file was understood, what is open, what a commit would do; nothing loses one's place."""

from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from assays.catalogue.queries import materials, materials_by_key
from assays.catalogue.rules import label_key
from assays.certificates import answering, queries, services
from assays.certificates.forms import NAMED, DescribeForm, MatchForm
from assays.certificates.grid import grid_of, row_of
from assays.certificates.models import Upload
from assays.certificates.opening import open_row_of, open_rows, waiting
from assays.certificates.preview.layouts import comma_profile
from assays.certificates.preview.queries import place_of, sure_rows
from assays.certificates.rules import Match, UploadState
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.errors import DomainError, NotFound, Problem, invalid
from lims.web.access import page
from lims.web.forms import add_problems
from lims.web.problems import is_fragment, status_of
from lims.work import progress
from samples.registry.models import Batch, Sample
from samples.registry.sample_queries import samples_by_label

WAITS: Final = frozenset({UploadState.WAITING, UploadState.COMMITTING})
#: findings on the page; the download has all
MOST_SHOWN: Final = 60


@require_safe
@page("certificates.watch")
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how a file was understood; while a worker is at it, how far it is."""
    found = queries.upload_for(person(request), pk)
    return _shown(request, found, DescribeForm(found))


def _number(request: HttpRequest, name: str) -> int:
    """Return a row's number from the address; 0 for whatever is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _shown(
    request: HttpRequest, found: Upload, form: DescribeForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    only = "bad" if request.GET.get("only") == "bad" else ""
    grid = None if found.state in WAITS else grid_of(found, _number(request, "from"), only)
    here = {line.row.number for line in grid.rows} if grid is not None else set()
    context: dict[str, Any] = {
        **_standing(request, found),
        "form": form,
        "only": only,
        "waits": found.state in WAITS,
        "progress": _progress(found),
        "grid": grid,
        "findings": _findings(found, here),
        "here": here,
        "unseen": max(len(found.findings) - MOST_SHOWN, 0),
        "materials": materials(),
        **more,
    }
    if found.state == UploadState.READ:
        context["open_rows"], context["open_next"] = open_rows(found, _number(request, "open"))
        context["comma"] = comma_profile(found)
    return render(request, "certificates/upload.html", context, status=status)


def _standing(request: HttpRequest, found: Upload) -> dict[str, Any]:
    """Return what a commit would do now: what stands on the page and changes with every answer."""
    seen = queries.preview(found) if found.state == UploadState.READ else None
    return {
        "upload": found,
        "preview": seen,
        "counts": _counts(seen) if seen is not None else [],
        "waiting": waiting(found) if seen is not None else 0,
        "sure": len(sure_rows(found)) if seen is not None else 0,
        "may_log": rules.has_perm("certificates.log", person(request), found),
    }


def _counts(seen: queries.Preview) -> list[dict[str, object]]:
    """Return the preview's numbers for the row of figures."""
    figures = [
        ("Samples", seen.samples, "whose results would be committed"),
        ("QC items", seen.qc + seen.duplicates, "reference materials, blanks, duplicates"),
        ("Not matched", seen.unmatched, "nobody knows what they are yet"),
        ("With problems", seen.bad, "they stay out until they are settled"),
    ]
    return [{"label": label, "value": value, "hint": hint} for label, value, hint in figures]


def _findings(found: Upload, here: set[int]) -> list[dict[str, Any]]:
    """Return the worst findings, each with the address of its cell: on this page where it is there."""
    measured = {column["number"] for column in found.understood.get("columns", [])}
    shown = []
    for one in found.findings[:MOST_SHOWN]:
        row, column = place_of(one)
        more = {"href": _address(one, here, measured), "in_row": row, "in_column": column}
        shown.append(one | more)
    return shown


def _address(one: dict[str, Any], here: set[int], measured: set[int]) -> str:
    """Return where a finding stands; empty where it is of no row of samples. Left rows come back with all rows."""
    row, column = one["row"], one["column"]
    if not row:
        return ""
    cell = f"#r{row}c{column}" if column in measured else f"#r{row}"
    return cell if row in here else f"?from={row}{cell}"


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
    """Answer the progress bar; when the work is over, go on: to the preview, or to the run that came of it."""
    found = queries.upload_for(person(request), pk)
    if found.state in WAITS:
        context = {"upload": found, "progress": _progress(found)}
        return render(request, "certificates/upload_progress.html", context)
    answer = HttpResponse(status=HTTPStatus.OK)
    if found.certificate is not None:
        answer["HX-Redirect"] = reverse("runs:run", args=[found.certificate.run_id])
    else:
        answer["HX-Refresh"] = "true"
    return answer


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
    return _shown(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@page("certificates.log")
def match(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Say what a row is, and come back to it."""
    user = person(request)
    found, form = queries.upload_for(user, pk), MatchForm.of(request.POST)
    if not form.is_valid():
        raise invalid("match-incomplete", "It is not said what it is.", "Choose.", row=number)
    given = form.cleaned_data
    answering.match_row(actor=user, upload=found, number=number, **_meant(user, given))
    return _settled(request, found, number, anchor=f"open-{number}")


def _meant(user: User, given: dict[str, Any]) -> dict[str, Any]:
    """Return match, sample and material as they were chosen, or as the text that was typed names them."""
    if given["match"] != NAMED and not given["label"].strip():
        known = Sample.objects.visible_to(user).filter(pk=given["sample"]) if given["sample"] else None
        chosen = known.first() if known is not None else None
        return {"match": given["match"], "sample": chosen, "material": given["material"]}
    if not given["label"].strip():
        raise invalid(
            "match-incomplete", "Nothing was typed.", "Type a tag, a number or a material.", field="label"
        )
    material = materials_by_key().get(label_key(given["label"])) if given["match"] == NAMED else None
    if material is not None:
        return {"match": material.kind, "material": material}
    what = Match.SAMPLE if given["match"] == NAMED else given["match"]
    return {"match": what, "sample": _called(user, given["label"])}


def _called(user: User, label: str) -> Sample:
    """Return the one sample with this tag or number. Raises `NotFound` ("id-unmatched", "id-ambiguous")."""
    found = samples_by_label(Batch.objects.visible_to(user), [label]).get(label, [])
    if len(found) == 1:
        return found[0]
    if found:
        message = f"“{label}” names samples of several batches."
        raise NotFound(Problem("id-ambiguous", message, "Type the tag of the one that is meant."))
    message = f"No sample that this laboratory tests, and no material, is called “{label}”."
    raise NotFound(Problem("id-unmatched", message, "Type its tag, or its code in the catalogue."))


@require_POST
@page("certificates.log")
def leave(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Leave a row out of the commit, or take it in again."""
    user = person(request)
    found = queries.upload_for(user, pk)
    left = request.POST.get("leave") == "yes"
    answering.leave_row(actor=user, upload=found, number=number, leave=left)
    return _settled(request, found, number, anchor=f"r{number}")


def _settled(request: HttpRequest, found: Upload, number: int, *, anchor: str) -> HttpResponse:
    """Answer htmx with the parts that changed; without it, come back to the same place of the page."""
    if not is_fragment(request):
        address = reverse("certificates:upload", args=[found.pk])
        return redirect(f"{address}?from={max(1, number - 5)}&open={number}#{anchor}")
    fresh = queries.upload_for(person(request), found.pk)
    context = {
        **_standing(request, fresh),
        "line": row_of(fresh, number),
        "open": open_row_of(fresh, number),
        "here": {number},
    }
    return render(request, "certificates/_settled.html", context)


@require_POST
@page("certificates.log")
def commit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Commit the good rows."""
    user = person(request)
    found = queries.upload_for(user, pk)
    accept = request.POST.get("accept") == "yes"
    try:
        services.commit_upload(actor=user, upload=found, accept=accept)
    except DomainError as error:
        fresh = queries.upload_for(user, pk)
        status = status_of(error)
        return _shown(request, fresh, DescribeForm(fresh), status=status, refused=error.problems)
    return redirect("certificates:upload", pk=pk)


@require_POST
@page("certificates.log")
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put an upload away."""
    user = person(request)
    found = services.discard_upload(actor=user, upload=queries.upload_for(user, pk))
    messages.success(request, f"{found.file_name} is put away; the file stays in the store.")
    return redirect("certificates:uploads")
