"""Words of the catalogue: bases, kinds of reference material, and what a laboratory's profile may say. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeVar


class Basis(StrEnum):
    """What part of a sample a method reports; unlike bases never mix in one decision."""

    TOTAL_FUSION = "total-fusion"
    TOTAL_FOUR_ACID = "total-four-acid"
    TOTAL_INAA = "total-INAA"
    LEACHABLE = "leachable"


class MaterialKind(StrEnum):
    """What a reference material is for."""

    CRM = "CRM"
    BLANK = "BLANK"


class LotState(StrEnum):
    """Whether a lot of a reference material may be used on a day."""

    IN_USE = "IN_USE"
    EXPIRES_SOON = "EXPIRES_SOON"
    EXPIRED = "EXPIRED"
    RETIRED = "RETIRED"


class Form(StrEnum):
    """Whether a number counts the element or its oxide."""

    ELEMENT = "element"
    OXIDE = "oxide"


class EquipmentKind(StrEnum):
    """What a piece of equipment is for."""

    BALANCE = "BALANCE"
    INSTRUMENT = "INSTRUMENT"
    OVEN = "OVEN"
    FURNACE = "FURNACE"
    MILL = "MILL"
    SIEVE = "SIEVE"
    OTHER = "OTHER"


class CompetentTo(StrEnum):
    """What a person may be found able to do by a method."""

    ANALYSE = "ANALYSE"
    APPROVE = "APPROVE"


BASIS_LABELS: Final[Mapping[Basis, str]] = {
    Basis.TOTAL_FUSION: "Total, by fusion",
    Basis.TOTAL_FOUR_ACID: "Near-total, by four acids",
    Basis.TOTAL_INAA: "Total, by neutron activation",
    Basis.LEACHABLE: "Leachable",
}
MATERIAL_KIND_LABELS: Final[Mapping[MaterialKind, str]] = {
    MaterialKind.CRM: "Certified reference material",
    MaterialKind.BLANK: "Blank",
}
EQUIPMENT_LABELS: Final[Mapping[EquipmentKind, str]] = {
    EquipmentKind.BALANCE: "Balance",
    EquipmentKind.INSTRUMENT: "Instrument",
    EquipmentKind.OVEN: "Oven",
    EquipmentKind.FURNACE: "Furnace",
    EquipmentKind.MILL: "Mill or crusher",
    EquipmentKind.SIEVE: "Sieve",
    EquipmentKind.OTHER: "Other",
}
ACT_LABELS: Final[Mapping[CompetentTo, str]] = {
    CompetentTo.ANALYSE: "Analyse by",
    CompetentTo.APPROVE: "Approve results of",
}


def label_key(text: str) -> str:
    """Return a label as it is compared: without case, spaces and hyphens.

    Laboratories write OREAS-465, Oreas 465 and oreas465 for one material.

    >>> label_key(" Oreas-465 ")
    'oreas465'
    """
    return "".join(sign for sign in text.casefold() if sign.isalnum())


LOT_LABELS: Final[Mapping[LotState, tuple[str, str]]] = {
    LotState.IN_USE: ("In use", "good"),
    LotState.EXPIRES_SOON: ("Expires soon", "warn"),
    LotState.EXPIRED: ("Expired", "bad"),
    LotState.RETIRED: ("Retired", "neutral"),
}
#: days before a lot expires in which it says so (D)
LOT_SOON: Final = timedelta(days=60)


class Lot(Protocol):
    """What decides which lot of a material was used on a day."""

    expires_on: date | None
    retired_on: date | None
    created_at: datetime


AnyLot = TypeVar("AnyLot", bound=Lot)


def lot_state(lot: Lot, on: date) -> LotState:
    """Return how a lot stands on a day: retired from its day of retirement, expired from the day after its last."""
    if lot.retired_on is not None and lot.retired_on <= on:
        return LotState.RETIRED
    if lot.expires_on is None:
        return LotState.IN_USE
    if lot.expires_on < on:
        return LotState.EXPIRED
    return LotState.EXPIRES_SOON if lot.expires_on - on <= LOT_SOON else LotState.IN_USE


def lot_on(lots: Iterable[AnyLot], on: date) -> AnyLot | None:
    """Return which of a material's lots was used on a day; None without any lot.

    Those that could be used go first; of several the one that was retired soonest afterwards (it was in use until
    then), else the one that came last. Where none could be used it is the one that came last: whoever reads the
    result is warned.
    """

    def rank(lot: AnyLot) -> tuple[bool, date, float]:
        usable = lot_state(lot, on) in {LotState.IN_USE, LotState.EXPIRES_SOON}
        until = lot.retired_on if usable and lot.retired_on is not None else date.max
        return not usable, until, -lot.created_at.timestamp()

    return min(lots, key=rank, default=None)
