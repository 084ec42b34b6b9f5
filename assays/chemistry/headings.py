"""What a heading counts: element or oxide, unit and method, as laboratories and surveys write them. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from assays.chemistry.oxides import ATOMIC_WEIGHTS, OXIDES, element_of
from assays.chemistry.units import LIQUID, OTHER, PPM

ELEMENTS: Final = frozenset(ATOMIC_WEIGHTS) - {"O", "H"}
_ELEMENTS: Final = {name.casefold(): name for name in ELEMENTS}
_OXIDES: Final = {name.casefold(): name for name in OXIDES}
#: what is no element: loss on ignition, and the sum
_OTHERS: Final = {"loi": "LOI", "total": "Total", "sum": "Total", "loi1000": "LOI", "loi%": "LOI"}
_WORD: Final = re.compile(r"[^\s_(),;|]+")


@dataclass(frozen=True, slots=True)
class Analyte:
    """What is counted: an element, an oxide of one, or (form None) LOI and Total."""

    analyte: str
    form: str | None
    oxide: str | None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading understood: what is counted, in which unit (empty when it names none), by which method."""

    analyte: Analyte
    unit: str
    method: str


def analyte_of(symbol: str) -> Analyte | None:
    """Return what a symbol counts; None when it is none. Its own case decides first: Co is cobalt, CO2 an oxide.

    >>> analyte_of("Dy2O3"), analyte_of("LOI"), analyte_of("Colour")
    (Analyte(analyte='Dy', form='oxide', oxide='Dy2O3'), Analyte(analyte='LOI', form=None, oxide=None), None)
    """
    text = re.sub(r"\((?:T|t|total)\)$|(?<=O3)[Tt]$", "", symbol.strip())
    if text in ELEMENTS:
        return Analyte(text, "element", None)
    oxide = text if text in OXIDES else _OXIDES.get(text.casefold())
    if oxide is not None:
        return Analyte(element_of(oxide), "oxide", oxide)
    element = _ELEMENTS.get(text.casefold())
    if element is not None:
        return Analyte(element, "element", None)
    other = _OTHERS.get(text.casefold())
    return Analyte(other, None, None) if other else None


def _is_unit(word: str) -> bool:
    key = word.casefold().replace("µ", "u").replace("μ", "u")
    return key in PPM or key in LIQUID or (key in OTHER and key not in {"", "no", "none", "g", "kg", "mg"})


def read_heading(text: str) -> Heading | None:
    """Return what a heading of a plain table means: symbol first, then unit and method in any order.

    >>> read_heading("Dy_ppm").unit, read_heading("DY(PPM)").analyte.analyte
    ('ppm', 'Dy')
    >>> read_heading("Tb (ppm) ME-MS81").method, read_heading("Collector")
    ('ME-MS81', None)
    """
    words = _WORD.findall(text)
    if not words:
        return None
    counted = analyte_of(words[0])
    if counted is None:
        return None
    units = [word for word in words[1:] if _is_unit(word)]
    rest = [word for word in words[1:] if not _is_unit(word)]
    if len(units) > 1 or len(rest) > 1:
        return None
    return Heading(counted, units[0] if units else "", rest[0] if rest else "")
