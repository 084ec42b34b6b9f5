"""What a heading counts: element or oxide, unit and method, as laboratories and surveys write them. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from assays.chemistry.oxides import ATOMIC_WEIGHTS, OXIDES, element_of
from assays.chemistry.units import LIQUID, OTHER, PPM

ELEMENTS: Final = frozenset(ATOMIC_WEIGHTS) - {"O", "H"}
_ELEMENTS: Final = {name.casefold(): name for name in ELEMENTS}
_OXIDES: Final = {name.casefold(): name for name in OXIDES}
#: what is no element and no oxide of one: never ppm of anything
_OTHERS: Final = {
    "loi": "LOI",
    "loi1000": "LOI",
    "loi 1000": "LOI",
    "loi1000c": "LOI",
    "loi%": "LOI",
    "total": "Total",
    "sum": "Total",
    "h2o": "H2O",
    "h2o+": "H2O+",
    "h2o-": "H2O-",
    "moisture": "Moisture",
    "recvd wt.": "Weight",
    "recvd wt": "Weight",
    "pass75um": "Pass75um",
}
_WORD: Final = re.compile(r"[^\s_()\[\]{},;:|]+")
#: a unit that hangs on the symbol: Dy2O3%, Dy-ppm, Dy.ppm, Dy/ppm
_HANGING: Final = re.compile(
    r"(?P<symbol>[A-Za-z0-9]+?)[-./]?(?P<unit>%|(?:ppm|ppb|ppt|pct|wt\.?%))", re.IGNORECASE
)
#: two words that are one unit
_PER_CENT: Final = frozenset(
    {("wt", "%"), ("wt.", "%"), ("weight", "%"), ("mass", "%"), ("%", "wt"), ("%", "wt.")}
)
#: what looks like a unit, also where nobody knows it
_UNITLIKE: Final = re.compile(r"pp[a-z]v?|.*%.*|[a-z]{1,3}/(?:k?g|t|tonne|m?l|dm3)", re.IGNORECASE)
#: a laboratory's method code: ME-MS81, ICP90A, LF/MS
_METHOD: Final = re.compile(r"(?=.*[0-9/-])[A-Z0-9][A-Za-z0-9]*(?:[-/.][A-Za-z0-9]+)*")
#: what says of a value, and is none
_ABOUT: Final = frozenset(
    {"error", "err", "sd", "rsd", "rsd%", "std", "stdev", "stddev", "sigma", "1s", "2s", "1sd", "2sd", "se", "sem", "unc",
     "uncertainty", "lod", "loq", "lld", "dl", "mdl", "rl", "limit", "detection", "min", "max", "lower", "upper", "flag",
     "qualifier", "norm", "normalised", "normalized", "cn", "n", "chondrite", "ratio", "ree", "reo", "diff", "blank"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Analyte:
    """What is counted: an element, an oxide of one, or (form None) LOI, Total and the like."""

    analyte: str
    form: str | None
    oxide: str | None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading understood: what is counted, in which unit (empty when it names none), by which method."""

    analyte: Analyte
    unit: str
    method: str


@lru_cache(maxsize=4096)
def analyte_of(symbol: str) -> Analyte | None:
    """Return what a symbol counts; None when it is none. Its own case decides first: Co is cobalt, CO2 an oxide.

    >>> analyte_of("Dy2O3"), analyte_of("LOI"), analyte_of("Colour")
    (Analyte(analyte='Dy', form='oxide', oxide='Dy2O3'), Analyte(analyte='LOI', form=None, oxide=None), None)
    """
    text = _plain(symbol)
    other = _OTHERS.get(text.casefold())
    if other is not None:
        return Analyte(other, None, None)
    # All iron counted as one oxide: Fe2O3(T), Fe2O3T, FeOT, FeO*.
    text = re.sub(r"\((?:T|t|total)\)$|(?<=O3)[Tt*]$|(?<=FeO)[Tt*]$", "", text)
    if text in ELEMENTS:
        return Analyte(text, "element", None)
    oxide = text if text in OXIDES else _OXIDES.get(text.casefold())
    if oxide is not None:
        return Analyte(element_of(oxide), "oxide", oxide)
    element = _ELEMENTS.get(text.casefold())
    return Analyte(element, "element", None) if element is not None else None


def _is_unit(word: str) -> bool:
    key = word.casefold().replace("µ", "u").replace("μ", "u")
    known = key in PPM or key in LIQUID or (key in OTHER and key not in {"", "no", "none", "g", "kg", "mg"})
    return known or _UNITLIKE.fullmatch(key) is not None


def _plain(text: str) -> str:
    """Return a heading with plain digits (Dy₂O₃) and one sign for micro."""
    return unicodedata.normalize("NFKC", text).replace("μ", "µ").strip()


def _words(text: str) -> list[str]:
    """Return a heading's words: a unit that hangs on the symbol apart, and `wt %` as one."""
    words: list[str] = []
    for word in _WORD.findall(text):
        hanging = None if words else _HANGING.fullmatch(word)
        if hanging is not None and analyte_of(hanging["symbol"]) is not None:
            words += [hanging["symbol"], hanging["unit"]]
        elif words and (words[-1].casefold(), word.casefold()) in _PER_CENT:
            words[-1] = "wt%"
        else:
            words.append(word)
    return words


def read_heading(text: str) -> Heading | None:
    """Return what a heading of a plain table means: the symbol first, then unit and method in any order.

    A heading that says something about a value (its error, its detection limit, a sum of rare earths) is none.

    >>> read_heading("Dy_ppm").unit, read_heading("DY(PPM)").analyte.analyte, read_heading("Dy2O3 wt %").unit
    ('ppm', 'Dy', 'wt%')
    >>> read_heading("Tb (ppm) ME-MS81").method, read_heading("Collector"), read_heading("Dy ppm LOD")
    ('ME-MS81', None, None)
    """
    text = _plain(text)
    whole = analyte_of(text)
    if whole is not None:
        return Heading(whole, "", "")
    words = _words(text)
    counted = analyte_of(words[0]) if words else None
    if counted is None:
        return None
    units = [word for word in words[1:] if _is_unit(word)]
    rest = [word for word in words[1:] if not _is_unit(word)]
    if counted.analyte == "Fe":
        rest = [word for word in rest if word != "T"]
    if counted.analyte == "LOI":
        rest = [word for word in rest if not re.fullmatch(r"[0-9]{3,4}[Cc]?", word)]
    if len(units) > 1 or not _is_method(rest, counted, named=bool(units)):
        return None
    return Heading(counted, units[0] if units else "", " ".join(rest))


def _is_method(rest: list[str], counted: Analyte, *, named: bool) -> bool:
    """Return whether the words beside symbol and unit can be a method: a code, or words where a unit is named."""
    if not rest:
        return True
    if len(rest) > 4 or counted.form is None or any(word.casefold() in _ABOUT for word in rest):
        return False
    if all(re.fullmatch(r"[0-9.]+", word) for word in rest):
        return False
    return named or all(_METHOD.fullmatch(word) for word in rest)


def names_a_value(text: str) -> bool:
    """Return whether a heading that is not understood still seems to count something, so that a person should look.

    >>> names_a_value("Dy ppm LOD"), names_a_value("Collector"), names_a_value("163Dy ppm")
    (True, False, True)
    """
    words = _words(_plain(text))
    bare = [word.strip("0123456789") for word in words[:1]]
    return any(_is_unit(word) for word in words) or any(word in ELEMENTS and len(words) > 1 for word in bare)
