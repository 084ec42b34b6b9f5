"""How the sign-in library behaves here: nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library is not typed
    """People come by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: an administrator invites."""
        return False


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Return the page for an account that is locked for a while after too many failures."""
    return render(request, "account/locked.html", status=429)


def tried_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return under which e-mail address a sign-in was tried: failures are counted per person and address, not per network."""
    told = (credentials or {}).get("email") or request.POST.get("login") or ""
    return str(told).strip().lower()
