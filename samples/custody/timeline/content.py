"""The words and numbers of a custody record, as its reader may see them; every form of it shows these and no others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

#: latitude and longitude in degrees (WGS 84), exact or rounded as the reader may know them
Place = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph: where its bytes lie is decided by its id; its digest stands on paper."""

    id: UUID
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: when it did and when we were told, who gave and took, and what was found."""

    at: datetime
    title: str
    icon: str
    tone: str
    kind: str
    told_at: datetime | None = None
    giver: str = ""
    taker: str = ""
    place: str = ""
    point: Place | None = None
    mass_g: Decimal | None = None
    seals: tuple[str, ...] = ()
    condition: str = ""
    confirmed: str = ""
    paper_form: str = ""
    note: str = ""
    consignment: str = ""
    pictures: tuple[Picture, ...] = ()
    #: an incident: its state, its numbers, and which it is
    state: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    incident: UUID | None = None
    #: an incident stands behind what it came of, whenever it was opened
    pin: datetime | None = None


@dataclass(frozen=True, slots=True)
class Weighing:
    """A gross mass in g: when, at what, on which scale, what was declared dried since, and what speaks against the scale."""

    at: datetime
    title: str
    mass_g: Decimal
    scale: str
    division_g: Decimal | None
    drying_loss_g: Decimal | None
    unfit: str
    #: difference from the one before, in g
    change_g: Decimal | None


@dataclass(frozen=True, slots=True)
class LegView:
    """A leg of the planned way: due and done, and in a word how it stands."""

    title: str
    mode: str
    due_at: datetime
    done_at: datetime | None
    grace_hours: Decimal
    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag of a consignment: what it weighed sealed and received, in g."""

    tag: str
    seal: str
    state: str
    sealed_mass_g: Decimal
    received_mass_g: Decimal | None
    condition: str

    @property
    def change_g(self) -> Decimal | None:
        """Return what it gained since it was sealed, in g; negative for a loss."""
        return None if self.received_mass_g is None else self.received_mass_g - self.sealed_mass_g


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole record of one bag or one consignment."""

    kind: str
    id: UUID
    name: str
    owner: str
    facts: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    masses: tuple[Weighing, ...]
    legs: tuple[LegView, ...]
    bags: tuple[Bag, ...]
    #: the planned way, for the map
    way: tuple[Place, ...]
    blocked: bool
    #: how much its reader may see: "exact", "rounded to 0.1°", "without places"
    sight: str

    @property
    def points(self) -> tuple[Step, ...]:
        """Return the steps whose place is known, in order."""
        return tuple(step for step in self.steps if step.point is not None)

    @property
    def incidents(self) -> tuple[Step, ...]:
        """Return the steps that are incidents."""
        return tuple(step for step in self.steps if step.kind == "INCIDENT")
