"""Reads of the field application: devices, what they sent, and what waits for a manager."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Count, Model, Q, QuerySet

from lims.accounts.models import Membership, Organisation, User
from lims.accounts.rules import Role
from lims.errors import NotFound, Place, Problem
from samples.field.models import Device, Operation
from samples.field.rules import OperationState

Row = TypeVar("Row", bound=Model)


def digest(token: str) -> str:
    """Return what is kept of a device's token: its SHA-256, in hexadecimal.

    >>> digest("x")[:8]
    '2d711642'
    """
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def device_of_token(token: str) -> Device | None:
    """Return the device with this token, with its person and their roles, in one query; None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_TOKEN, [digest(token)])
        rows = cursor.fetchall()
    if not rows:
        return None
    device, person = _part(Device, rows[0], 0), _part(User, rows[0], 1)
    device.person = person
    roles = []
    for row in rows:
        if row[_STARTS[2]] is not None:
            membership = _part(Membership, row, 2)
            membership.organisation, membership.user = _part(Organisation, row, 3), person
            roles.append(membership)
    # What `roles` would read; in the same order.
    person.__dict__["roles"] = sorted(roles, key=lambda one: (one.organisation.name, one.role))
    return device


_PARTS: Final[tuple[type[Model], ...]] = (Device, User, Membership, Organisation)
_NAMES: Final = [[field.attname for field in part._meta.concrete_fields] for part in _PARTS]
_STARTS: Final = [sum(len(names) for names in _NAMES[:n]) for n in range(len(_NAMES))]


def _part(model: type[Row], row: Sequence[Any], n: int) -> Row:
    """Return the n-th model's object of a joined row."""
    start, names = _STARTS[n], _NAMES[n]
    return model.from_db("default", names, row[start : start + len(names)])


def _by_token() -> str:
    """Return the query for a device with its person and their memberships: made once, because it is asked so often."""
    columns = ", ".join(
        f'p{n}."{field.column}"' for n, part in enumerate(_PARTS) for field in part._meta.concrete_fields
    )
    device, person, membership, organisation = (part._meta.db_table for part in _PARTS)
    return (
        f"SELECT {columns} FROM {device} AS p0 JOIN {person} AS p1 ON p1.id = p0.person_id"  # noqa: S608  # our own names
        f" LEFT JOIN {membership} AS p2 ON p2.user_id = p1.id"
        f" LEFT JOIN {organisation} AS p3 ON p3.id = p2.organisation_id WHERE p0.token_digest = %s"
    )


_BY_TOKEN: Final = _by_token()


def devices_for(user: User) -> QuerySet[Device]:
    """Return the devices that the person may see, with `applied`, `conflicts` and `quarantined`, one's own first."""
    counted = {
        "applied": Count("operations", filter=Q(operations__state=OperationState.APPLIED)),
        "conflicts": Count("operations", filter=Q(operations__state=OperationState.CONFLICT)),
        "quarantined": Count("operations", filter=Q(operations__state=OperationState.QUARANTINED)),
    }
    rows = Device.objects.visible_to(user).select_related("person", "revoked_by")
    return rows.annotate(**counted).order_by("-id")


def device_for(user: User, pk: Any) -> Device:
    """Return the device, if the person may see it. Raises `NotFound` ("device-unknown")."""
    found = Device.objects.visible_to(user).select_related("person", "revoked_by").filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem("device-unknown", "There is no such device.", "Look at the list.", Place(field="id"))
        )
    return found


def operations_for(user: User) -> QuerySet[Operation]:
    """Return what was sent by the devices that the person may see, the newest first."""
    rows = Operation.objects.filter(device__in=Device.objects.visible_to(user).values("pk"))
    return rows.select_related("device__person", "settled_by", "brought_by").order_by("-id")


def _managed_people(user: User) -> QuerySet[Membership]:
    managed = user.organisations_as(Role.MANAGER)
    return Membership.objects.filter(organisation__in=managed).order_by().values("user")  # type: ignore[return-value]  # a query of one column


def to_settle_for(user: User) -> QuerySet[Operation]:
    """Return what is in quarantine for this manager, in the order in which it was made."""
    rows = Operation.objects.filter(
        state=OperationState.QUARANTINED, device__person__in=_managed_people(user)
    )
    return rows.select_related("device__person", "brought_by").order_by("device", "sequence", "id")


def conflicts_for(user: User) -> QuerySet[Operation]:
    """Return what contradicted the record, of the devices that the person may see, the newest first."""
    return operations_for(user).filter(state=OperationState.CONFLICT)


def operation_for(user: User, pk: UUID | str) -> Operation:
    """Return an operation, if the person may see it. Raises `NotFound` ("operation-unknown")."""
    found = operations_for(user).filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem("operation-unknown", "There is no such record.", "Look at the list.", Place(field="id"))
        )
    return found
