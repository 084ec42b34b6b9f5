"""Words of the catalogue: bases, kinds of reference material, and what a laboratory's profile may say. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


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
