"""Mines, batches and samples as one person sees them: what they may not see is not in it, so it cannot leak."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from samples.registry.sight import Sight


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
    note: str | None = None

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
