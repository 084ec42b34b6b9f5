"""How much of a batch a person may see: one place decides, everything else is given what it decided.

Exact coordinates are for the owner's coordinators and managers, rounded to 0.1° for everybody else who may see the
sample, and a laboratory sees tags and masses, not the mine (PRODUCT.md, People).
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final
from uuid import UUID

from lims.accounts.models import User
from lims.accounts.rules import Role
from samples.registry.models import Batch, BatchParty
from samples.registry.rules import Part


class Sight(IntEnum):
    """What a person sees of a batch, from least to most."""

    NOTHING = 0
    BLIND = 1
    ROUNDED = 2
    FULL = 3


#: those in the owner's organisation who see exact places
EXACT: Final = (Role.FIELD_COORDINATOR, Role.MANAGER)
#: columns of a sample that a laboratory must not see: they tell, or may tell, where it comes from
HIDDEN_FROM_BLIND: Final = frozenset(
    {
        "latitude",
        "longitude",
        "accuracy_m",
        "collected_at",
        "collector",
        "depth_m",
        "site",
        "note",
        "registered_by_id",
    }
)


def sights_of(user: User, batches: Iterable[Batch]) -> dict[UUID, Sight]:
    """Return the sight of `user` on each of these batches, by id; at most one query however many there are."""
    batches = list(batches)
    exact = set(user.organisations_as(*EXACT))
    mine = {membership.organisation_id for membership in user.roles}
    foreign = [batch.pk for batch in batches if batch.owner_id not in mine]
    parts: dict[UUID, Part] = {}
    if foreign and mine:
        found = BatchParty.objects.filter(batch__in=foreign, organisation__in=mine).values_list(
            "batch", "part"
        )
        for batch, part in found:
            parts[batch] = Part.HOLDER if Part.HOLDER in (part, parts.get(batch)) else Part(part)

    def sight(batch: Batch) -> Sight:
        if batch.owner_id in exact:
            return Sight.FULL
        if user.oversees or batch.owner_id in mine or parts.get(batch.pk) == Part.HOLDER:
            return Sight.ROUNDED
        return Sight.BLIND if batch.pk in parts else Sight.NOTHING

    return {batch.pk: sight(batch) for batch in batches}


def sight_of(user: User, batch: Batch) -> Sight:
    """Return the sight of `user` on one batch."""
    return sights_of(user, [batch])[batch.pk]
