"""Roles and kinds of organisation, as words; which roles fit which kind."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import available_timezones


class OrganisationKind(StrEnum):
    """What an organisation does with batches: owns, carries, tests, or oversees them."""

    SPONSOR = "SPONSOR"
    CARRIER = "CARRIER"
    LABORATORY = "LABORATORY"
    MINISTRY = "MINISTRY"


class Role(StrEnum):
    """What a person does for an organisation."""

    FIELD_COORDINATOR = "FIELD_COORDINATOR"
    CUSTODIAN = "CUSTODIAN"
    RECEPTIONIST = "RECEPTIONIST"
    TECHNICIAN = "TECHNICIAN"
    REVIEWER = "REVIEWER"
    MANAGER = "MANAGER"
    AUDITOR = "AUDITOR"
    ADMINISTRATOR = "ADMINISTRATOR"


KIND_LABELS: Final[Mapping[OrganisationKind, str]] = {
    OrganisationKind.SPONSOR: "Sponsor",
    OrganisationKind.CARRIER: "Carrier",
    OrganisationKind.LABORATORY: "Laboratory",
    OrganisationKind.MINISTRY: "Ministry",
}

ROLE_LABELS: Final[Mapping[Role, str]] = {
    Role.FIELD_COORDINATOR: "Field coordinator",
    Role.CUSTODIAN: "Custodian",
    Role.RECEPTIONIST: "Laboratory receptionist",
    Role.TECHNICIAN: "Laboratory technician",
    Role.REVIEWER: "Reviewer",
    Role.MANAGER: "Manager",
    Role.AUDITOR: "Auditor",
    Role.ADMINISTRATOR: "Administrator",
}

#: a role in an organisation of another kind would see what is not theirs to see
ROLES_BY_KIND: Final[Mapping[OrganisationKind, frozenset[Role]]] = {
    OrganisationKind.SPONSOR: frozenset(
        {Role.FIELD_COORDINATOR, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR}
    ),
    OrganisationKind.CARRIER: frozenset({Role.CUSTODIAN, Role.MANAGER}),
    OrganisationKind.LABORATORY: frozenset({Role.RECEPTIONIST, Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER}),
    OrganisationKind.MINISTRY: frozenset({Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR}),
}

#: how long an invitation may be answered, in days
INVITATION_DAYS: Final = 7


def role_fits(kind: OrganisationKind, role: Role) -> bool:
    """Return whether a person may have `role` in an organisation of this `kind`.

    >>> role_fits(OrganisationKind.LABORATORY, Role.FIELD_COORDINATOR)
    False
    """
    return role in ROLES_BY_KIND[kind]


@cache
def time_zones() -> frozenset[str]:
    """Return the time zones that a person may choose; looked up once, because it reads a folder of files.

    >>> "Asia/Kolkata" in time_zones()
    True
    """
    return frozenset(available_timezones())
