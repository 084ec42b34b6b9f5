"""Who may open which page: declared on the view, obeyed before it runs, read by the test of the URL table."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import rules
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

ANYONE, SIGNED_IN = "anyone", "signed-in"

View = Callable[..., HttpResponseBase]


def page(access: str) -> Callable[[View], View]:
    """Declare who may open a page: "anyone", "signed-in", or the name of a permission known to `rules`.

    Whoever is not signed in is asked to; whoever lacks the permission gets the page for that.

    >>> access_of(page("record.read")(lambda request: None))
    'record.read'
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if access != ANYONE:
                if not request.user.is_authenticated:
                    return redirect_to_login(request.get_full_path())
                if access != SIGNED_IN and not rules.has_perm(access, request.user):
                    raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.access = access  # type: ignore[attr-defined]  # read by access_of
        return guarded

    return declare


def access_of(view: Any) -> str | None:
    """Return what a page declares, or None when it declares nothing."""
    declared = getattr(view, "access", None)
    return declared if isinstance(declared, str) else None
