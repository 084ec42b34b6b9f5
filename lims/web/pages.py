"""Pages of the shell: home, search, notices, and what is shown when something goes wrong."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from lims.errors import NotFound, Problem
from lims.verbs import request_id
from lims.web.access import page
from lims.web.models import Notice
from lims.web.navigation import places_for
from lims.web.problems import is_fragment
from lims.web.queries import notices_before, notices_of
from lims.web.search import are_cut, find, straight_to
from lims.web.services import mark_all_read, mark_read


@require_safe
@page("signed-in")
def home(request: HttpRequest) -> HttpResponse:
    """Go to the person's first place; say so when they have none yet."""
    places = places_for(request.user)
    return redirect(places[0].url) if places else render(request, "web/home.html")


@require_safe
@page("signed-in")
def search(request: HttpRequest) -> HttpResponse:
    """Look for a tag, a batch, a consignment or a certificate; go straight there when it is unmistakable."""
    text = request.GET.get("q", "").strip()
    hits = find(request.user, text)
    if address := straight_to(hits, text):
        return redirect(address)
    return render(request, "web/search.html", {"text": text, "hits": hits, "cut": are_cut(hits)})


@require_safe
@page("signed-in")
def notices(request: HttpRequest) -> HttpResponse:
    """Show what the person was told, newest first."""
    return render(request, "web/notices.html", {"page": notices_before(request.user, _cursor(request))})


def _cursor(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["cursor"]) if request.GET.get("cursor") else None
    except ValueError:
        return None


@require_POST
@page("signed-in")
def notice_read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark one notice as read and go to what it is about."""
    notice = notices_of(request.user).filter(pk=pk).first()
    if notice is None:
        raise NotFound(
            Problem("notice-unknown", "You have no such notice.", "Look at the list of your notices.")
        )
    mark_read(actor=request.user, notice=notice)  # type: ignore[arg-type]  # @page let a person in
    return redirect(_inside(request, notice) or "web:notices")


def _inside(request: HttpRequest, notice: Notice) -> str:
    """Return where a notice leads, when that is one of our own pages."""
    ours = url_has_allowed_host_and_scheme(
        notice.url, {request.get_host()}, require_https=request.is_secure()
    )
    return notice.url if notice.url and ours else ""


@require_POST
@page("signed-in")
def notices_all_read(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    count = mark_all_read(actor=request.user)
    messages.success(request, f"{count} marked as read." if count else "Nothing was unread.")
    return redirect("web:notices")


# --- When something goes wrong ----------------------------------------------------------------------


def _wrong(request: HttpRequest, status: HTTPStatus, name: str = "") -> HttpResponse:
    template = f"errors/{name or status.value}.html"
    context = {"request_id": request_id.get(), "template": template}
    if is_fragment(request):
        return render(request, "errors/fragment.html", context, status=status)
    return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    """Say that the request made no sense."""
    return _wrong(request, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    """Say that this is not theirs to see, and whom to ask."""
    return _wrong(request, HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django names it
    """Say that there is nothing here, or nothing that they may know of."""
    return _wrong(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it was our fault, and what to quote; needs neither database nor session.

    So it is drawn without the request: messages and the person would be asked of a database that may be down.
    """
    template = "errors/500.html"
    context = {"request_id": request_id.get(), "template": template}
    words = render_to_string("errors/fragment.html" if is_fragment(request) else template, context)
    return HttpResponse(words, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # Django names it
    """Say that the form was too old, and how to send it again without losing what was typed."""
    return _wrong(request, HTTPStatus.FORBIDDEN, "csrf")
