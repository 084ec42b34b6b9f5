"""The request id travels from the log line to the record."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase

from lims.verbs import request_id


class RequestId:
    """Let verbs record the id under which this request is logged, and tell it to the caller."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        known = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        token = request_id.set(known)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = known
        return response
