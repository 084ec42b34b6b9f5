"""Who may call what: every view of the API declares it, action by action."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import rules
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    # DRF's views import these settings' classes in turn.
    from rest_framework.views import APIView

#: words that a declaration may use besides the name of a permission
ANYONE, SIGNED_IN = "anyone", "signed-in"


def declared(view: Any, action: str) -> str | None:
    """Return what `view` declares for `action` ("list", "create", …, or a method of a plain view), if anything.

    >>> class Bags:
    ...     access = {"list": "registry.read"}
    >>> declared(Bags, "list"), declared(Bags, "create")
    ('registry.read', None)
    """
    access: Mapping[str, str] | str | None = getattr(view, "access", None)
    return access if isinstance(access, str) or access is None else access.get(action)


class DeclaredAccess(BasePermission):
    """Let in whom the view declares; a view that declares nothing lets nobody in."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the caller may call this action; asks for a sign-in when there is none."""
        action = getattr(view, "action", None) or (request.method or "").lower()
        if action in {"metadata", "options"}:
            return True
        access = declared(view, action)
        if access == ANYONE:
            return True
        if not request.user.is_authenticated:
            raise NotAuthenticated
        return access == SIGNED_IN or (access is not None and rules.has_perm(access, request.user))
