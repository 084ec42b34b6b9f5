"""Who may do what with seals, consignments and incidents, as predicates registered by name.

Without a target the question is "somewhere?" (may the person open the page at all); with one it is "with this one?".
"""

from collections.abc import Collection
from typing import Any

import rules

from lims.accounts.models import Organisation, User
from lims.accounts.permissions import is_member
from lims.accounts.rules import OrganisationKind, Role
from samples.custody.models import Consignment, ConsignmentItem, Incident
from samples.registry.models import Batch, BatchParty, Sample
from samples.registry.rules import Part

_REGISTRARS = (Role.FIELD_COORDINATOR, Role.MANAGER)
_CARRIERS = (Role.CUSTODIAN, Role.MANAGER)
_LABORATORY = (Role.RECEPTIONIST, Role.TECHNICIAN, Role.MANAGER)


def _has(user: Any, kind: OrganisationKind, roles: Collection[Role], where: Collection[Any] | None) -> bool:
    """Return whether the person has one of `roles` in an organisation of this kind, one of `where` if that is given."""
    if not isinstance(user, User) or not user.is_active:
        return False
    mine = [m for m in user.roles if m.role in roles and m.organisation.kind == kind]
    return any(where is None or m.organisation_id in where for m in mine)


def _consignment(target: Any) -> Consignment | None:
    if isinstance(target, ConsignmentItem | Incident):
        return target.consignment
    return target if isinstance(target, Consignment) else None


def _batch(target: Any) -> Batch | None:
    if isinstance(target, Incident):
        return target.sample.batch if target.sample is not None else target.batch
    if isinstance(target, Sample):
        return target.batch
    return target if isinstance(target, Batch) else None


def _owner(target: Any) -> Collection[Any] | None:
    """Return the id of the organisation whose bags these are; None without a target."""
    if target is None:
        return None
    if isinstance(target, Organisation):
        return {target.pk}
    found = _batch(target) or _consignment(target)
    return {found.owner_id} if found is not None else set()


def _others(target: Any, part: Part) -> Collection[Any] | None:
    """Return the ids of those who carry (HOLDER) or await (TESTER) these bags; None without a target."""
    if target is None:
        return None
    found = _consignment(target)
    if found is not None:
        return {found.carrier_id if part == Part.HOLDER else found.destination_id}
    batch = _batch(target)
    return set(BatchParty.objects.filter(batch=batch, part=part).values_list("organisation", flat=True))


@rules.predicate
def can_pack(user: Any, target: Any = None) -> bool:
    """Return whether the person seals, packs and dispatches for the owner: its coordinators and managers."""
    return _has(user, OrganisationKind.SPONSOR, _REGISTRARS, _owner(target))


@rules.predicate
def can_carry(user: Any, target: Any = None) -> bool:
    """Return whether the person hands bags on: whoever packs for the owner, and the carrier's people."""
    return can_pack(user, target) or _has(
        user, OrganisationKind.CARRIER, _CARRIERS, _others(target, Part.HOLDER)
    )


@rules.predicate
def can_receive(user: Any, target: Any = None) -> bool:
    """Return whether the person receives bags: at the laboratory that awaits them, or for the owner what comes back."""
    if _has(user, OrganisationKind.LABORATORY, _LABORATORY, _others(target, Part.TESTER)):
        return True
    found = _consignment(target)
    return can_pack(user, found) if target is None or (found is not None and found.returning) else False


@rules.predicate
def has_desk(user: Any) -> bool:
    """Return whether the person works at a laboratory's door: what comes there is a place of their own in the rail."""
    return _has(user, OrganisationKind.LABORATORY, _LABORATORY, None)


@rules.predicate
def can_dispose(user: Any, target: Any = None) -> bool:
    """Return whether the person ends a bag's life: managers of its owner, and of the laboratory that has it."""
    manager = (Role.MANAGER,)
    return _has(user, OrganisationKind.SPONSOR, manager, _owner(target)) or _has(
        user, OrganisationKind.LABORATORY, manager, _others(target, Part.TESTER)
    )


@rules.predicate
def can_explain(user: Any, target: Any = None) -> bool:
    """Return whether the person says what happened to bags: the owner's people, the carrier's, the laboratory's."""
    return can_carry(user, target) or can_receive(user, target)


@rules.predicate
def can_judge(user: Any, target: Any = None) -> bool:
    """Return whether the person decides on an explained incident: the owner's managers."""
    return _has(user, OrganisationKind.SPONSOR, (Role.MANAGER,), _owner(target))


rules.add_perm("custody.read", is_member)
rules.add_perm("custody.pack", can_pack)
rules.add_perm("custody.carry", can_carry)
rules.add_perm("custody.receive", can_receive)
rules.add_perm("custody.desk", has_desk)
rules.add_perm("custody.explain", can_explain)
rules.add_perm("custody.judge", can_judge)
rules.add_perm("custody.dispose", can_dispose)
