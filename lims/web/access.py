"""Who may open which page: declared on the view, obeyed before it runs, read by the test of the URL table."""

import zoneinfo
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import rules
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from lims.errors import DomainError
from lims.web.problems import is_fragment, problem_page

ANYONE, SIGNED_IN = "anyone", "signed-in"

View = Callable[..., HttpResponseBase]
DEFAULT_ZONE: Final = "Asia/Kolkata"


def zone_of(user: Any) -> zoneinfo.ZoneInfo:
    """Return the zone in which `user` reads times; Indian time when theirs is unknown.

    >>> zone_of(None).key
    'Asia/Kolkata'
    """
    try:
        return zoneinfo.ZoneInfo(getattr(user, "time_zone", "") or DEFAULT_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo(DEFAULT_ZONE)


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Run the view in its reader's zone; a refusal becomes the problem page."""
    with timezone.override(zone_of(request.user)):
        try:
            response = view(request, *args, **kwargs)
            # A lazy response would otherwise be rendered later, outside this zone.
            return response.render() if callable(getattr(response, "render", None)) else response  # type: ignore[attr-defined]  # asked for just before
        except DomainError as error:
            return problem_page(request, error)


def _ask_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if not is_fragment(request):
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    # htmx would put the sign-in page into a corner of this one; this makes it load it whole.
    answer = HttpResponse(status=401)
    answer["HX-Refresh"] = "true"
    return answer


def page(access: str) -> Callable[[View], View]:
    """Declare who may open a page: "anyone", "signed-in", or the name of a permission known to `rules`.

    Whoever is not signed in is asked to; whoever lacks the permission gets the page for that.
    A `DomainError` that the view lets through becomes the problem page, with its status.

    >>> access_of(page("record.read")(lambda request: None))
    'record.read'
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if access != ANYONE:
                if not request.user.is_authenticated:
                    return _ask_to_sign_in(request)
                if access != SIGNED_IN and not rules.has_perm(access, request.user):
                    raise PermissionDenied
            return _answer(view, request, *args, **kwargs)

        guarded.access = access  # type: ignore[attr-defined]  # read by access_of
        return guarded

    return declare


def access_of(view: Any) -> str | None:
    """Return what a page declares, or None when it declares nothing."""
    declared = getattr(view, "access", None)
    return declared if isinstance(declared, str) else None
