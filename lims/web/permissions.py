"""Who may do what with notices."""

from typing import Any

import rules


def is_told(user: Any, notice: Any) -> bool:
    """Return whether the notice is for `user`, who may still sign in."""
    return notice is not None and bool(user.is_active) and notice.user_id == user.pk


def may_sign_in(user: Any) -> bool:
    """Return whether `user` is a person who is still let in."""
    return bool(getattr(user, "is_authenticated", False)) and bool(user.is_active)


rules.add_perm("notices.tell", rules.predicate(may_sign_in))
rules.add_perm("notices.read", rules.predicate(may_sign_in))
rules.add_perm("notices.mark_read", rules.predicate(is_told))
