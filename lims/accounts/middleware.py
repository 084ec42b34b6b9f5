"""Writes of the sign-in library are recorded like everybody's."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

from lims.verbs import SystemActor, acting


class _Broken(Exception):
    """Carries the answer of a page that broke past the rollback of what it had written."""

    def __init__(self, response: HttpResponseBase) -> None:
        self.response = response


class RecordLibraryWrites:
    """Serve the library's pages under /account/ inside one verb: its actor is the person, or sign-in itself.

    The library saves addresses and second factors by itself; without an actor the database would refuse.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith("/account/"):
            return self.get_response(request)
        actor = request.user if request.user.is_authenticated else SystemActor("sign-in")
        try:
            with acting(actor, verb_name="sign_in_page"):
                response = self.get_response(request)
                # Further in, Django has made an answer of the error already.
                if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise _Broken(response)
                return response
        except _Broken as broken:
            return broken.response
