"""What a person sees when a page refuses: the problem page, or a fragment for htmx."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lims.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted
from lims.verbs import request_id

STATUS: Final[Mapping[type[DomainError], HTTPStatus]] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotPermitted: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
}


def is_fragment(request: HttpRequest) -> bool:
    """Return whether htmx asks, which wants a part of a page."""
    return request.headers.get("HX-Request") == "true"


def status_of(error: DomainError) -> HTTPStatus:
    """Return the HTTP status of a refusal.

    >>> from lims.errors import conflict
    >>> status_of(conflict("tag-used", "The tag is on another bag.")).value
    409
    """
    return next(
        (status for kind, status in STATUS.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST
    )


def problem_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the page (or, for htmx, the fragment) that says what was refused and what to do."""
    template = "components/problem.html" if is_fragment(request) else "errors/problem.html"
    context = {"error": error, "problems": error.problems, "request_id": request_id.get()}
    return render(request, template, context, status=status_of(error))
