"""Who reads decisions (the owner's people, and those who oversee) and who keeps policies (its managers)."""

from typing import Any

import rules

from assays.grading.models import Decision, Exclusion, Policy
from assays.runs.permissions import holds
from lims.accounts.models import Organisation, User
from lims.accounts.permissions import is_member
from lims.accounts.rules import OrganisationKind, Role
from samples.registry.models import Batch, Sample


def _owner(target: Any) -> Any:
    """Return the id of the organisation whose decision it is; None without a target."""
    if isinstance(target, Organisation):
        return target.pk
    if isinstance(target, Policy | Batch):
        return target.owner_id
    if isinstance(target, Decision | Sample):
        return target.batch.owner_id
    return target.sample.batch.owner_id if isinstance(target, Exclusion) else None


@rules.predicate
def can_read(user: Any, target: Any = None) -> bool:
    """Return whether the person reads decisions: everybody of the owner, and those who oversee."""
    if isinstance(user, User) and user.is_active and user.oversees:
        return True
    return holds(user, *Role, kind=OrganisationKind.SPONSOR, organisation_id=_owner(target))


@rules.predicate
def can_manage(user: Any, target: Any = None) -> bool:
    """Return whether the person keeps policies, pins and exclusions: the owner's managers."""
    return holds(user, Role.MANAGER, kind=OrganisationKind.SPONSOR, organisation_id=_owner(target))


rules.add_perm("grading.read", can_read)
rules.add_perm("grading.manage", can_manage)
rules.add_perm("grading.preview", is_member)
