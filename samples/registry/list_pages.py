"""Pages of lists: upload a file, see what was understood, register the good rows, take the bad ones home."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lims.accounts.authentication import person
from lims.api.pagination import keyset_page
from lims.errors import DomainError
from lims.web.access import page
from lims.web.forms import add_problems
from lims.work import progress
from samples.registry import list_services, queries, writers
from samples.registry.list_rows import shown
from samples.registry.models import ListRow, SampleList
from samples.registry.readers import columns_of
from samples.registry.rules import ListState

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(forms.Form):
    """A file to upload."""

    file = forms.FileField(
        label="List of samples", widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"})
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page("registry.register")
def upload(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Take a file for a batch; a worker reads it."""
    user = person(request)
    found, form = queries.batch_for(user, batch), UploadForm(request.POST or None, request.FILES or None)
    twin = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = list_services.upload_list(actor=user, batch=found, name=file.name, content=file.read())
        except DomainError as error:
            add_problems(form, error)
            twin = error.problems[0].extra.get("list")
        else:
            return redirect("registry:list", pk=made.pk)
    context = {"batch": found, "form": form, "twin": twin, "columns": writers.COLUMNS}
    return render(request, "registry/list_upload.html", context, status=422 if form.is_bound else 200)


@require_safe
@page("registry.register")
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what was understood of a list, row by row; while a worker is at it, how far it is."""
    found = queries.list_for(person(request), pk)
    only = request.GET.get("only", "")
    rows = ListRow.objects.filter(sample_list=found)
    if only == "bad":
        rows = rows.exclude(problems=[])
    written = found.understood.get("headings", [])
    headings = {name: written[n] for name, n in columns_of(written).items()} if written else {}
    rows_page = keyset_page(rows, order=("number",), cursor=request.GET.get("cursor"), size=100)
    context = {
        "list": found,
        "batch": found.batch,
        "only": only,
        "bad": found.rows_read - found.rows_good,
        "waits": found.state in {ListState.WAITING, ListState.COMMITTING},
        "progress": _progress(found),
        "page": rows_page,
        "rows": [shown(row, headings) for row in rows_page.rows],
    }
    return render(request, "registry/list.html", context)


def _progress(found: SampleList) -> progress.Progress:
    """Return how far the work on a list is; nothing done yet when nobody has said."""
    kind, doing = (
        (list_services.COMMIT, "Registering samples")
        if found.state == ListState.COMMITTING
        else (list_services.READ, "Waiting for a worker")
    )
    return progress.of(kind, found.pk) or progress.Progress(0, found.rows_good, doing)


@require_safe
@page("registry.register")
def watch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer the progress bar; when the work is over, have the page load anew."""
    found = queries.list_for(person(request), pk)
    if found.state not in {ListState.WAITING, ListState.COMMITTING}:
        answer = HttpResponse(status=200)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "registry/list_progress.html", {"list": found, "progress": _progress(found)})


@require_POST
@page("registry.register")
def commit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Register the good rows."""
    user = person(request)
    list_services.commit_list(actor=user, sample_list=queries.list_for(user, pk))
    return redirect("registry:list", pk=pk)


@require_POST
@page("registry.register")
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a list away."""
    user = person(request)
    found = list_services.discard_list(actor=user, sample_list=queries.list_for(user, pk))
    messages.success(request, f"{found.file_name} is put away; the file stays in the store.")
    return redirect("registry:batch", pk=found.batch_id)


@require_safe
@page("registry.register")
def bad_rows(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """Give the bad rows as they were sent, each with what is wrong: correct them and send the file again."""
    found = queries.list_for(person(request), pk)
    original = found.understood.get("headings", [])
    headings = writers.with_problems(original)
    rows = [
        [
            *(row.raw.get(heading, "") for heading in headings[:-1]),
            " ".join(f"{p['message']} {p['remedy']}" for p in row.problems),
        ]
        for row in ListRow.objects.filter(sample_list=found).exclude(problems=[]).order_by("number")
    ]
    return _file(kind, f"bad-rows-{found.batch.code}", headings, rows)


@require_safe
@page("registry.register")
def template(_request: HttpRequest, kind: str) -> HttpResponse:
    """Give an empty list with the headings that are understood."""
    return _file(kind, "sample-list", list(writers.COLUMNS), [], explained=True)


def _file(
    kind: str, name: str, headings: list[str], rows: list[list[str]], *, explained: bool = False
) -> HttpResponse:
    if kind == "xlsx":
        content, mime = writers.xlsx_file(headings, rows, explained=explained), XLSX
    else:
        content, mime = writers.csv_file(headings, rows), "text/csv; charset=utf-8"
    answer = HttpResponse(content, content_type=mime)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


list_urlpatterns = [
    path("batches/<uuid:batch>/lists/add/", upload, name="list_upload"),
    path("lists/template.<slug:kind>", template, name="list_template"),
    path("lists/<uuid:pk>/", show, name="list"),
    path("lists/<uuid:pk>/progress/", watch, name="list_progress"),
    path("lists/<uuid:pk>/commit/", commit, name="list_commit"),
    path("lists/<uuid:pk>/discard/", discard, name="list_discard"),
    path("lists/<uuid:pk>/bad-rows.<slug:kind>", bad_rows, name="list_bad_rows"),
]
