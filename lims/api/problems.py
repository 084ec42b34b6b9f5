"""Problem responses (RFC 9457): one shape for whatever goes wrong, with codes that stay."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from lims.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted, Place, Problem
from lims.verbs import request_id

CONTENT_TYPE = "application/problem+json"
STATUS: Mapping[type[DomainError], int] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotPermitted: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
}
#: DRF's words for what is wrong with a field, in ours
FIELD_CODES: Mapping[str, str] = {
    "required": "field-required",
    "null": "field-required",
    "blank": "field-required",
    "does_not_exist": "not-found",
    "invalid": "field-invalid",
    "invalid_choice": "choice-unknown",
    "max_length": "field-too-long",
    "null_characters_not_allowed": "field-invalid",
    "max_string_length": "field-invalid",
    "max_digits": "field-invalid",
    "max_whole_digits": "field-invalid",
    "overflow": "field-invalid",
    "empty": "file-empty",
    "unique": "conflict",
}


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal.

    >>> from lims.errors import conflict
    >>> status_of(conflict("tag-used", "The tag is on another bag."))
    <HTTPStatus.CONFLICT: 409>
    """
    return next(
        (status for kind, status in STATUS.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST
    )


def _of_fields(detail: Any, path: str = "") -> Iterator[Problem]:
    """Yield one problem for each thing that DRF found wrong, however deep it lies."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from _of_fields(inner, here)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _of_fields(inner, f"{path}.{number}".lstrip(".") if nested else path)
    else:
        code = str(getattr(detail, "code", "invalid"))
        yield Problem(
            FIELD_CODES.get(code, code.replace("_", "-")), str(detail), place=Place(field=path or None)
        )


def _understood(error: Exception) -> tuple[int, str, str, list[Problem]] | None:
    """Return status, code, title and problems of an error that a caller can cause; None for one of ours."""
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = NotPermitted()
    elif isinstance(error, RequestDataTooBig):
        limit = Problem("too-large", "More was sent than is accepted at once.", "Send it in smaller parts.")
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit.code, limit.message, [limit]
    if isinstance(error, DomainError):
        problems = list(error.problems)
        code = problems[0].code if len(problems) == 1 else error.code
        return status_of(error), code, error.title, problems
    if isinstance(error, exceptions.ValidationError):
        return HTTPStatus.UNPROCESSABLE_ENTITY, Invalid.code, Invalid.title, list(_of_fields(error.detail))
    if isinstance(error, exceptions.APIException):
        code = str(error.get_codes()).replace("_", "-")
        return error.status_code, code, str(error.detail), [Problem(code, str(error.detail))]
    return None


def response_of(status: int, code: str, title: str, problems: list[Problem]) -> Response:
    """Return the problem response: `type`, `title`, `status`, `detail`, `code`, `request_id`, `problems`."""
    body = {
        "type": f"urn:lims:problem:{code}",
        "title": title,
        "status": int(status),
        "detail": " ".join(str(problem) for problem in problems[:3]),
        "code": code,
        "request_id": request_id.get(),
        "problems": [problem.as_dict() for problem in problems],
    }
    return Response(body, status=int(status), content_type=CONTENT_TYPE)


def handler(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """Turn an error of the API into a problem response; None (a 500, logged) for what no caller can cause."""
    understood = _understood(error)
    if understood is None:
        return None
    response = response_of(*understood)
    if isinstance(error, exceptions.APIException):
        if scheme := getattr(error, "auth_header", None):
            response["WWW-Authenticate"] = scheme
        if wait := getattr(error, "wait", None):
            response["Retry-After"] = str(int(wait) + 1)
    return response
