"""Who may do what with mines, batches and samples, as predicates registered by name.

Without a target the question is "somewhere?" (may the person open the page at all); with one it is "with this one?".
"""

from typing import Any

import rules

from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from samples.registry.models import Batch, BatchParty, Mine, Sample, Tag

_REGISTRARS = (Role.FIELD_COORDINATOR, Role.MANAGER)
#: those who have bags in their hands
_HANDS = (*_REGISTRARS, Role.CUSTODIAN, Role.RECEPTIONIST, Role.TECHNICIAN)


def _owner(target: Any) -> Any:
    """Return the id of the organisation that owns `target`."""
    if isinstance(target, Organisation):
        return target.pk
    if isinstance(target, Sample):
        return target.batch.owner_id
    assert isinstance(target, Batch | Mine | Tag)
    return target.owner_id


def _for_sponsor(user: User, *roles: Role) -> list[Any]:
    """Return the ids of the sponsors for whom the person has one of `roles`: a carrier's manager registers nothing."""
    return [
        m.organisation_id
        for m in user.roles
        if m.role in roles and m.organisation.kind == OrganisationKind.SPONSOR
    ]


def _holds(user: Any, target: Any, *roles: Role) -> bool:
    if not isinstance(user, User) or not user.is_active:
        return False
    mine = _for_sponsor(user, *roles)
    return bool(mine) if target is None else _owner(target) in mine


@rules.predicate
def can_read(user: Any) -> bool:
    """Return whether the person has a role at all: what they see of what is a question of `visible_to`."""
    return isinstance(user, User) and user.is_active and bool(user.roles)


@rules.predicate
def can_see_mines(user: Any) -> bool:
    """Return whether the person may know of mines: a laboratory's people may not."""
    return can_read(user) and any(m.organisation.kind != OrganisationKind.LABORATORY for m in user.roles)


@rules.predicate
def can_register(user: Any, target: Any = None) -> bool:
    """Return whether the person registers samples for the owner: its coordinators and managers."""
    return _holds(user, target, *_REGISTRARS)


@rules.predicate
def can_manage(user: Any, target: Any = None) -> bool:
    """Return whether the person opens batches, adds mines and issues tags for the owner."""
    return _holds(user, target, *_REGISTRARS)


@rules.predicate
def can_decide(user: Any, target: Any = None) -> bool:
    """Return whether the person withdraws samples and sets or releases holds for the owner: its managers."""
    return _holds(user, target, Role.MANAGER)


@rules.predicate
def can_use_any_tags(user: Any, target: Any = None) -> bool:
    """Return whether the person uses and releases tags that are reserved for somebody else: the owner's managers."""
    return _holds(user, target, Role.MANAGER)


@rules.predicate
def can_photograph(user: Any, target: Any = None) -> bool:
    """Return whether the person keeps photographs for an owner: its own people, and those who hold or test its bags."""
    if not can_read(user):
        return False
    mine = [
        m.organisation_id
        for m in user.roles
        if m.role in _HANDS and m.organisation.kind != OrganisationKind.MINISTRY
    ]
    if target is None or not mine:
        return bool(mine)
    owner = _owner(target)
    return owner in mine or BatchParty.objects.filter(batch__owner=owner, organisation__in=mine).exists()


rules.add_perm("registry.read", can_read)
rules.add_perm("registry.see_mines", can_see_mines)
rules.add_perm("registry.register", can_register)
rules.add_perm("registry.manage", can_manage)
rules.add_perm("registry.correct", can_register)
rules.add_perm("registry.withdraw", can_decide)
rules.add_perm("registry.hold", can_decide)
rules.add_perm("registry.photograph", can_photograph)
rules.add_perm("registry.any_tags", can_use_any_tags)
