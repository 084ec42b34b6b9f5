"""How the sign-in library behaves here: nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from axes.utils import reset
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library is not typed
    """People come by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: an administrator invites."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count nothing here: axes counts failures, per person and network and in the database.

        The library would count per person wherever the tries come from, so that anybody could lock anybody out.
        """

    def set_password(self, user: Any, password: str) -> None:
        """Set a password; the failures with the old one are forgotten, so that a lock is lifted."""
        super().set_password(user, password)
        reset(username=user.email.lower())


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Return the page for an account that is locked for a while after too many failures."""
    return render(request, "account/locked.html", status=429)


def tried_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return under which e-mail address a sign-in was tried: failures are counted per address and network."""
    told = (credentials or {}).get("email") or request.POST.get("login") or ""
    return str(told).strip().lower()
