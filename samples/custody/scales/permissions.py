"""Who weighs: those of an organisation who have bags in their hands."""

from typing import Any, Final

import rules

from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from samples.custody.models import Scale

_HANDS: Final = (
    Role.FIELD_COORDINATOR,
    Role.MANAGER,
    Role.CUSTODIAN,
    Role.RECEPTIONIST,
    Role.TECHNICIAN,
)


@rules.predicate
def can_weigh(user: Any, target: Any = None) -> bool:
    """Return whether the person keeps and checks scales, somewhere or of this organisation."""
    if not isinstance(user, User) or not user.is_active:
        return False
    mine = [
        m.organisation_id
        for m in user.roles
        if m.role in _HANDS and m.organisation.kind != OrganisationKind.MINISTRY
    ]
    if target is None:
        return bool(mine)
    assert isinstance(target, Organisation | Scale)
    return (target.pk if isinstance(target, Organisation) else target.owner_id) in mine


rules.add_perm("custody.weigh", can_weigh)
