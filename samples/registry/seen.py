"""Mines, batches and samples as one person sees them: what they may not see is not in it, so it cannot leak."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from samples.registry.rules import HOLD_LABELS, MATERIAL_LABELS, HoldKind, MaterialType
from samples.registry.sight import Sight


def in_kg(mass_g: Decimal) -> Decimal:
    """Return a mass in kilograms, to the gram.

    >>> in_kg(Decimal("2150.4"))
    Decimal('2.150')
    """
    return (mass_g / 1000).quantize(Decimal("0.001"), ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class SeenSample:
    """A sample as one person sees it: what they may not see is None or empty, a place is exact or rounded."""

    id: UUID
    tag: str
    batch_id: UUID
    batch: str
    material_type: str
    mass_g: Decimal
    state: str
    withdrawn_reason: str
    registered_at: datetime
    held: tuple[str, ...]
    laboratory_number: str
    sight: Sight
    field_number: str = ""
    mine_id: UUID | None = None
    mine: str | None = None
    collected_at: datetime | None = None
    collector: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy_m: Decimal | None = None
    depth_m: Decimal | None = None
    site: str | None = None
    note: str | None = None

    @property
    def mass_kg(self) -> Decimal:
        """Return the mass in kilograms, to the gram."""
        return in_kg(self.mass_g)

    @property
    def material(self) -> str:
        """Return the material type in words."""
        return MATERIAL_LABELS[MaterialType(self.material_type)]

    @property
    def holds(self) -> list[str]:
        """Return the open holds in words."""
        return [HOLD_LABELS[HoldKind(kind)] for kind in self.held]

    @property
    def place_rounded(self) -> bool:
        """Return whether the place is given to 0.1° only."""
        return self.sight < Sight.FULL


@dataclass(frozen=True, slots=True)
class SeenBatch:
    """A batch as one person sees it."""

    id: UUID
    code: str
    owner: str
    material_type: str
    state: str
    planned_count: int | None
    count: int
    mass_g: Decimal
    created_at: datetime
    sight: Sight
    mine_id: UUID | None = None
    mine: str | None = None
    campaign: str | None = None

    @property
    def mass_kg(self) -> Decimal:
        """Return the mass in kilograms, to the gram."""
        return in_kg(self.mass_g)

    @property
    def material(self) -> str:
        """Return the material type in words."""
        return MATERIAL_LABELS[MaterialType(self.material_type)]

    @property
    def percent(self) -> int | None:
        """Return how much of the plan is there, in whole per cent (over 100 when there is more); None without a plan."""
        return None if not self.planned_count else int(100 * self.count / self.planned_count)


@dataclass(frozen=True, slots=True)
class SeenMine:
    """A mine as one person sees it: exact for its owner's coordinators and managers, rounded for the others."""

    id: UUID
    code: str
    name: str
    owner: str
    township: str
    latitude: Decimal
    longitude: Decimal
    exact: bool
    controlling_body: str
    deposit_type: str
    due_diligence: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SeenHold:
    """A hold as one person sees it: who and why are empty for those who may not know them."""

    id: UUID
    kind: str
    label: str
    set_at: datetime
    released_at: datetime | None
    reason: str = ""
    release_reason: str = ""
    set_by: str = ""
    released_by: str = ""
