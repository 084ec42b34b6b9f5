"""Who may do what with seals, consignments and incidents, as predicates registered by name."""

from typing import Any

import rules

from lims.accounts.models import Organisation, User
from lims.accounts.permissions import is_member
from lims.accounts.rules import OrganisationKind, Role
from samples.custody.models import Consignment, ConsignmentItem, Incident
from samples.registry.models import Batch, Sample

_REGISTRARS = (Role.FIELD_COORDINATOR, Role.MANAGER)
_LABORATORY = (Role.RECEPTIONIST, Role.TECHNICIAN, Role.MANAGER)


def _has(user: Any, kind: OrganisationKind, roles: tuple[Role, ...], organisation: Any) -> bool:
    return (
        isinstance(user, User)
        and user.is_active
        and any(
            m.role in roles
            and m.organisation.kind == kind
            and (organisation is None or m.organisation_id == organisation)
            for m in user.roles
        )
    )


def _consignment(target: Any) -> Consignment | None:
    if isinstance(target, ConsignmentItem | Incident):
        return target.consignment
    return target if isinstance(target, Consignment) else None


def _owner(target: Any) -> Any:
    """Return the id of the organisation whose bags these are; None without a target."""
    found = _consignment(target)
    if isinstance(target, Incident) and target.sample is not None:
        return target.sample.batch.owner_id
    if found is not None:
        return found.owner_id
    if isinstance(target, Sample):
        return target.batch.owner_id
    if isinstance(target, Batch):
        return target.owner_id
    return target.pk if isinstance(target, Organisation) else None


@rules.predicate
def can_pack(user: Any, target: Any = None) -> bool:
    """Return whether the person seals, packs and dispatches for the owner: its coordinators and managers."""
    return _has(user, OrganisationKind.SPONSOR, _REGISTRARS, _owner(target))


@rules.predicate
def can_carry(user: Any, target: Any = None) -> bool:
    """Return whether the person hands bags on: whoever packs for the owner, and the carrier's people."""
    found = _consignment(target)
    carrier = found.carrier_id if found is not None else None
    roles = (Role.CUSTODIAN, Role.MANAGER)
    return can_pack(user, target) or _has(user, OrganisationKind.CARRIER, roles, carrier)


@rules.predicate
def can_receive(user: Any, target: Any = None) -> bool:
    """Return whether the person receives bags at the laboratory that awaits them."""
    found = _consignment(target)
    laboratory = found.destination_id if found is not None else None
    return _has(user, OrganisationKind.LABORATORY, _LABORATORY, laboratory)


@rules.predicate
def can_explain(user: Any, target: Any = None) -> bool:
    """Return whether the person explains an incident: the owner's people, the carrier's, the laboratory's."""
    return can_carry(user, target) or can_receive(user, target)


@rules.predicate
def can_judge(user: Any, target: Any = None) -> bool:
    """Return whether the person decides on an explained incident: the owner's managers."""
    return _has(user, OrganisationKind.SPONSOR, (Role.MANAGER,), _owner(target))


rules.add_perm("custody.read", is_member)
rules.add_perm("custody.pack", can_pack)
rules.add_perm("custody.carry", can_carry)
rules.add_perm("custody.receive", can_receive)
rules.add_perm("custody.explain", can_explain)
rules.add_perm("custody.judge", can_judge)
