"""Pages of documents: the register with what is left, one document with what left under it, and its scan."""

from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from lims import files
from lims.accounts.authentication import person
from lims.api.pagination import keyset_page
from lims.errors import NotFound, Problem
from lims.web.access import page
from samples.custody.papers import services
from samples.custody.papers.forms import DocumentForm
from samples.custody.papers.queries import document_for, documents_for, seen_documents, travelled_under
from samples.custody.rules import DOCUMENT_LABELS, DocumentKind
from samples.registry.forms import done

ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@require_safe
@page("custody.documents")
def documents(request: HttpRequest) -> HttpResponse:
    """List the documents of the owners for whom one packs, with what is left of each."""
    user, kind = person(request), request.GET.get("kind", "")
    found = documents_for(user)
    if kind in list(DocumentKind):
        found = found.filter(kind=kind)
    rows = keyset_page(found, order=("-id",), cursor=request.GET.get("cursor"))
    context = {
        "page": rows,
        "rows": seen_documents(rows.rows),
        "kind": kind,
        "kinds": [(one.value, label) for one, label in DOCUMENT_LABELS.items()],
        "may_add": rules.has_perm("custody.pack", user),
    }
    return render(request, "custody/papers/documents.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.pack")
def add_document(request: HttpRequest) -> HttpResponse:
    """Record a document."""
    user = person(request)
    form = DocumentForm(user, request.POST or None, request.FILES or None)
    if request.method == "POST":
        made: Any = done(form, services.add_document, actor=user)
        if made is not None:
            messages.success(request, f"{made} is in the register.")
            return redirect("custody:document", pk=made.pk)
    context = {"form": form}
    return render(request, "custody/papers/add_document.html", context, status=422 if form.errors else 200)


@require_safe
@page("custody.documents")
def document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a document: what it allows, what left under it, what is left."""
    found = document_for(person(request), pk)
    context = {"seen": seen_documents([found])[0], "travelled": travelled_under(found)[:200]}
    return render(request, "custody/papers/document.html", context)


@require_safe
@page("custody.documents")
def scan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a document's scan, to be kept: it is not shown inside our pages."""
    found = document_for(person(request), pk)
    if not found.sha256:
        raise NotFound(Problem("file-missing", f"{found} has no scan.", "Look at the paper."))
    answer = HttpResponse(files.get(found.sha256), content_type=found.media_type)
    name = f"{found.sha256[:12]}.{ENDINGS[found.media_type]}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
