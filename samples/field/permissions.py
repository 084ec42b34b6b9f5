"""Who may do what with devices and what they send, as predicates registered by name.

Without a target the question is "somewhere?" (may the person open the page at all); with one it is "with this one?".
"""

from typing import Any

import rules

from lims.accounts.models import Membership, User
from lims.accounts.permissions import is_member
from lims.accounts.rules import Role
from samples.field.models import Device, Operation


def _manages(user: User, person_id: Any) -> bool:
    """Return whether the user manages an organisation in which that person has a role."""
    managed = user.organisations_as(Role.MANAGER)
    return bool(managed) and Membership.objects.filter(user=person_id, organisation__in=managed).exists()


@rules.predicate
def can_use(user: Any, target: Any = None) -> bool:
    """Return whether the person works with the field application: everybody with a role, each on devices of their own."""
    return bool(is_member(user)) and (not isinstance(target, Device) or target.person_id == user.pk)


@rules.predicate
def can_carry(user: Any) -> bool:
    """Return whether the person brings an outbox that was carried: anybody who is signed in."""
    return isinstance(user, User) and user.is_active


@rules.predicate
def can_revoke(user: Any, target: Any = None) -> bool:
    """Return whether the person locks a device: its own person, their managers, and administrators."""
    if not is_member(user):
        return False
    if not isinstance(target, Device) or target.person_id == user.pk:
        return True
    return bool(user.has_role(Role.ADMINISTRATOR)) or _manages(user, target.person_id)


@rules.predicate
def can_settle(user: Any, target: Any = None) -> bool:
    """Return whether the person decides on what a revoked device had not sent: managers of its person."""
    if not isinstance(user, User) or not user.has_role(Role.MANAGER):
        return False
    return not isinstance(target, Operation) or _manages(user, target.device.person_id)


rules.add_perm("field.use", can_use)
rules.add_perm("field.carry", can_carry)
rules.add_perm("field.revoke", can_revoke)
rules.add_perm("field.settle", can_settle)
