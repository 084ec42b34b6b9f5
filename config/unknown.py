"""What an address that nobody knows answers: a problem to callers of the API, a page to people."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

from lims.api.problems import CONTENT_TYPE
from lims.verbs import request_id
from lims.web import pages


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404 in the manner of whoever asked."""
    if not request.path.startswith("/api/"):
        return pages.page_not_found(request, exception)
    body = {
        "type": "urn:lims:problem:address-unknown",
        "title": "Not found",
        "status": int(HTTPStatus.NOT_FOUND),
        "detail": "There is no such address. /api/schema/ lists them.",
        "code": "address-unknown",
        "request_id": request_id.get(),
        "problems": [
            {"code": "address-unknown", "message": "There is no such address.", "remedy": "See /api/schema/."}
        ],
    }
    return JsonResponse(body, status=HTTPStatus.NOT_FOUND, content_type=CONTENT_TYPE)
