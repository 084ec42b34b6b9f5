"""Small words of reference data that all kinds use."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from lims.accounts.models import User
from samples.custody.models import Seal
from samples.custody.rules import SealState


def mine_of(user: User) -> list[UUID]:
    """Return the ids of the organisations in which a person has a role."""
    return [membership.organisation_id for membership in user.roles]


def text(value: Any) -> str | None:
    """Return a number or an id as text; None stays."""
    return None if value is None else str(value)


def moment(at: Any) -> str | None:
    """Return a time in ISO 8601, UTC; None stays."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def applied(samples: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Return maker and number of the seal that is on each of these bags; one query."""
    rows = Seal.objects.filter(sample__in=list(samples), state=SealState.APPLIED)
    return {
        sample: [maker, number] for sample, maker, number in rows.values_list("sample", "maker", "number")
    }
