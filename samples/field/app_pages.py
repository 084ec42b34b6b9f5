"""The field application itself: one page without data, its service worker, its words. Everybody may load it."""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from lims.web.access import page
from samples.field import shell, texts


def _page() -> bytes:
    """Return the page: the same for everybody, since a phone keeps it for days."""
    return render_to_string("field/app.html", {"address": shell.ADDRESS}).encode()


@require_safe
@csp_update({"img-src": ["blob:"], "media-src": ["'self'", "blob:"]})
@page("anyone")
def app(_request: HttpRequest) -> HttpResponse:
    """Show the application: what it knows, it reads on the phone."""
    answer = HttpResponse(_page())
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
@page("anyone")
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Give the service worker with the list of what it keeps; browsers ask for it again at every start."""
    answer = HttpResponse(shell.service_worker(_page()), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = shell.PAGE
    return answer


@require_safe
@page("anyone")
def text(_request: HttpRequest, language: str) -> HttpResponse:
    """Give the words of a language; none for one that has no catalogue."""
    answer = JsonResponse(texts.words(language))
    answer["Cache-Control"] = "no-cache"
    return answer
