"""The words and numbers of a custody record, as its reader may see them; every form of it shows these and no others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
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
    #: what the phone's own clock said, where it was off
    device_at: datetime | None = None
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
    #: between which masses it may lie since the bag was sealed, in g; None where nothing is compared
    low_g: Decimal | None = None
    high_g: Decimal | None = None

    @property
    def off(self) -> bool:
        """Return whether the mass lies outside."""
        return (
            self.low_g is not None
            and self.high_g is not None
            and not self.low_g <= self.mass_g <= self.high_g
        )


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
class Paper:
    """A document under which a consignment travels: of which authority, until when, for how much."""

    kind: str
    reference: str
    authority: str = ""
    expires_on: date | None = None
    quantity_kg: Decimal | None = None
    most_bags: int | None = None


@dataclass(frozen=True, slots=True)
class Kin:
    """Another consignment that this record goes on in: what it is to this one, its code, its state."""

    word: str
    id: UUID
    code: str
    state: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """How far the record of all changes was sealed when this was read, and the last seal's link of the chain."""

    words: str
    sealed_to: datetime
    number: int | None
    chain: str


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
    papers: tuple[Paper, ...]
    kin: tuple[Kin, ...]
    seal: Sealed
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
