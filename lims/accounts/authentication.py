"""Who calls the API: a token of ours, or the session of a signed-in browser."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.authentication import SessionAuthentication as BaseSessionAuthentication
from rest_framework.request import Request

from lims.accounts.models import User


class TokenAuthentication(KnoxAuthentication):  # type: ignore[misc]  # the library is not typed
    """Knox tokens; an expired one is refused, not deleted: reading must not write."""

    def _cleanup_token(self, auth_token: Any) -> bool:
        return auth_token.expiry is not None and auth_token.expiry < timezone.now()


class SessionAuthentication(BaseSessionAuthentication):
    """The browser's session, with its CSRF check; names a scheme so that a missing sign-in is 401, not 403."""

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme that a caller without a session should use."""
        return "Token"


def by_session(request: Request) -> bool:
    """Return whether the caller came with a browser's session (and not with a token)."""
    return isinstance(request.successful_authenticator, SessionAuthentication)


def person(request: HttpRequest | Request) -> User:
    """Return the person who is signed in: the access of the page or view let nobody else come here."""
    user = request.user
    assert isinstance(user, User)
    return user
