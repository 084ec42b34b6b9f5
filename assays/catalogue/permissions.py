"""Who reads the catalogue (everybody with a role) and who keeps it, as predicates registered by name."""

from typing import Any

import rules

from lims.accounts.models import Organisation, User
from lims.accounts.permissions import is_member
from lims.accounts.rules import OrganisationKind, Role


@rules.predicate
def keeps_catalogue(user: Any, target: Any = None) -> bool:
    """Return whether the person keeps the catalogue: administrators, and a laboratory's managers for what is theirs.

    What an outside laboratory reports (no people of its own here) is kept by the managers of any laboratory.
    """
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.has_role(Role.ADMINISTRATOR):
        return True
    managed = [
        m.organisation_id
        for m in user.roles
        if m.role == Role.MANAGER and m.organisation.kind == OrganisationKind.LABORATORY
    ]
    if not isinstance(target, Organisation):
        return bool(managed)
    return target.pk in managed or (bool(managed) and not target.memberships.exists())


rules.add_perm("catalogue.read", is_member)
rules.add_perm("catalogue.manage", keeps_catalogue)
