"""Who may do what, as predicates registered by name.

Lower floors ask by name (`rules.has_perm("record.read", user)`), so they need not know roles.
"""

from typing import Any

import rules

from lims.accounts.models import User
from lims.accounts.rules import Role


def role_predicate(*roles: Role) -> rules.Predicate:
    """Return the predicate "is signed in and active, and has one of `roles` somewhere"."""

    @rules.predicate(name=" or ".join(sorted(roles)))
    def holds(user: Any) -> bool:
        return isinstance(user, User) and user.is_active and user.has_role(*roles)

    return holds


@rules.predicate
def is_member(user: Any) -> bool:
    """Return whether `user` is signed in, active, and has a role somewhere."""
    return isinstance(user, User) and user.is_active and bool(user.roles)


is_administrator = role_predicate(Role.ADMINISTRATOR)
is_auditor = role_predicate(Role.AUDITOR)

rules.add_perm("accounts.administer", is_administrator)
rules.add_perm("accounts.read", is_administrator | is_auditor)
rules.add_perm("record.read", is_auditor | is_administrator)
rules.add_perm("work.read", is_administrator | is_auditor)
rules.add_perm("work.operate", is_administrator)
