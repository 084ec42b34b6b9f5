"""A cell of a certificate becomes qualifier, value and limit, and never lies (METHODS.md section 2). Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from lims.errors import invalid

BELOW, OVER = "<", ">"
BLANK, NOT_REQUESTED, INSUFFICIENT = "blank", "not-requested", "insufficient-sample"
INTERFERENCE, PENDING = "interference", "pending"
#: what any laboratory's file may say, by the text without case, dots and spaces
WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("", "nan"), BLANK),
    **dict.fromkeys(("nr", "lnr", "notrequested", "notanalysed", "notanalyzed", "n/a", "na", "notreported"), NOT_REQUESTED),
    **dict.fromkeys(("nss", "is", "insufficientsample", "ins", "insuf", "snr"), INSUFFICIENT),
    **dict.fromkeys(("inf", "int", "interference", "intf"), INTERFERENCE),
    **dict.fromkeys(("pending", "tba", "inprogress", "tobeadvised"), PENDING),
}  # fmt: skip
#: what only a laboratory's profile may say
ONLY_BY_PROFILE: Final = frozenset({"x", "bdl", "nd", "bd", "dl", "bld", "trace", "tr", "-"})
_PLAIN: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_THOUSANDS: Final = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)")
_MILLIONS: Final = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3}){2,}")
_COMMA: Final = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]{1,2})?")
_WHOLE: Final = re.compile(r"[+-]?[0-9]+(?:[eE][+-]?[0-9]{1,2})?")
#: a longer text is no number that a laboratory wrote
LONGEST: Final = 60
_DOTTED: Final = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")
_UNIT: Final = re.compile(r"(?P<number>.*[0-9.])\s*(?P<unit>%|[A-Za-zµμ]+(?:/[A-Za-z]+)?)")


def _texts(texts: Iterable[Any]) -> frozenset[str]:
    return frozenset(str(text).strip().casefold() for text in texts)


def _of_kind(name: str, said: Any) -> Any:
    """Return what a profile says of one convention. Raises `Invalid` ("convention-malformed")."""
    listed = name in {"below", "not_analysed"}
    fits = isinstance(said, list | tuple | set | frozenset) if listed else isinstance(said, bool)
    if not fits:
        raise invalid(
            "convention-malformed",
            f"“{name}” says {str(said)[:40]!r}.",
            "It is a list of texts." if listed else "It is true or false.",
            field=name,
        )
    return _texts(said) if listed else said


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a laboratory's profile says of its cells: which texts and numbers mean below detection or not analysed."""

    leading_minus_below: bool = False
    below: frozenset[str] = field(default_factory=frozenset)
    not_analysed: frozenset[str] = field(default_factory=frozenset)
    zero_below: bool = False
    decimal_comma: bool = False

    def __post_init__(self) -> None:
        """Keep texts without case and blanks, as cells are compared with them."""
        object.__setattr__(self, "below", _texts(self.below))
        object.__setattr__(self, "not_analysed", _texts(self.not_analysed))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Conventions":
        """Return the conventions kept as plain data. Raises `Invalid` ("convention-unknown", "convention-malformed").

        >>> Conventions.from_dict({"below": ["X"]}).below
        frozenset({'x'})
        """
        unknown = sorted(set(data) - set(cls.__slots__))
        if unknown:
            raise invalid(
                "convention-unknown",
                f"“{unknown[0]}” is no convention.",
                f"Known: {', '.join(cls.__slots__)}.",
                field=unknown[0],
            )
        return cls(**{name: _of_kind(name, said) for name, said in data.items()})

    def as_dict(self) -> dict[str, Any]:
        """Return them as plain data."""
        return {
            "leading_minus_below": self.leading_minus_below,
            "below": sorted(self.below),
            "not_analysed": sorted(self.not_analysed),
            "zero_below": self.zero_below,
            "decimal_comma": self.decimal_comma,
        }


#: a file about whose laboratory nothing is known
PLAIN: Final = Conventions()


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says: qualifier, value or limit (exact), a unit of its own, and what had to be understood."""

    qualifier: str
    value: Decimal | None = None
    limit: Decimal | None = None
    unit: str = ""
    note: str = ""


def read_cell(text: str, conventions: Conventions = PLAIN, *, detection: Decimal | None = None) -> Cell:
    """Return what a cell says; `detection` is its column's limit, for a "BDL" that names none.

    Raises `Invalid` ("cell-unreadable", "decimal-ambiguous", "decimal-comma", "qualifier-needs-profile").

    >>> read_cell("<0.05")
    Cell(qualifier='<', value=None, limit=Decimal('0.05'), unit='', note='')
    >>> read_cell("-0.02").value, read_cell("NSS").qualifier, read_cell("  ").qualifier
    (Decimal('-0.02'), 'insufficient-sample', 'blank')
    """
    raw = text.strip()
    key = raw.casefold()
    if _same(key, conventions.not_analysed):
        return Cell(NOT_REQUESTED)
    if key in conventions.below:
        return Cell("<", limit=detection)
    word = re.sub(r"[.\s_]", "", key)
    if word in WORDS:
        return Cell(WORDS[word])
    if word in ONLY_BY_PROFILE:
        raise invalid(
            "qualifier-needs-profile",
            f"Only the laboratory can say what “{raw}” means.",
            "Choose its profile, or have one made.",
        )
    return _measured(raw, conventions, detection)


def _measured(raw: str, conventions: Conventions, detection: Decimal | None) -> Cell:
    """Return the cell of a number, with the sign before it."""
    sign = raw[:1] if raw[:1] in {"<", ">"} else ""
    if raw == "<" and detection is not None:
        return Cell("<", limit=detection)
    number, unit, note = _number(raw[len(sign) :].strip(), raw, conventions)
    if sign:
        if number < 0:
            raise _unreadable(raw)
        return Cell(sign, limit=number, unit=unit, note=note)
    if number < 0 and conventions.leading_minus_below:
        # copy_abs, because a minus would round to the context's 28 digits
        return Cell("<", limit=number.copy_abs(), unit=unit, note=note)
    if number == 0 and conventions.zero_below:
        return Cell("<", limit=detection, unit=unit, note=note)
    return Cell("", value=number, unit=unit, note=note)


def _same(key: str, sentinels: frozenset[str]) -> bool:
    """Return whether a cell is one of the sentinels, a number however it is written (-9999 and -9999.00)."""
    if key in sentinels:
        return True
    if not sentinels or not _PLAIN.fullmatch(key):
        return False
    try:
        number = Decimal(key)
        return any(number == Decimal(one) for one in sentinels if _PLAIN.fullmatch(one))
    except InvalidOperation:
        return False


def _unreadable(raw: str) -> Exception:
    return invalid(
        "cell-unreadable", f"“{raw[:40]}” is no number and no known word.", "Correct it, or choose a profile."
    )


def _number(raw: str, whole: str, conventions: Conventions) -> tuple[Decimal, str, str]:
    """Return number, unit inside the cell, and what had to be understood; errors quote the whole cell."""
    if len(raw) > LONGEST:
        raise _unreadable(whole)
    found = _UNIT.fullmatch(raw)
    unit, note = "", ""
    if found is not None and not _PLAIN.fullmatch(raw):
        raw, unit, note = found["number"].strip(), found["unit"], "unit-in-cell"
    if conventions.decimal_comma:
        return _with_comma(raw, whole), unit, note
    if _PLAIN.fullmatch(raw):
        return Decimal(raw), unit, note
    if _THOUSANDS.fullmatch(raw) or _MILLIONS.fullmatch(raw):
        return Decimal(raw.replace(",", "")), unit, "thousands-separator"
    if re.fullmatch(r"[+-]?[0-9]{1,3},[0-9]{3}", raw):
        raise invalid(
            "decimal-ambiguous",
            f"“{whole}” may be a thousand times more or less.",
            "Choose a profile that says what the comma means.",
        )
    if _COMMA.fullmatch(raw):
        raise invalid(
            "decimal-comma",
            f"“{whole}” has a decimal comma.",
            "Choose the laboratory's profile with decimal commas.",
        )
    raise _unreadable(whole)


def _with_comma(raw: str, whole: str) -> Decimal:
    if _DOTTED.fullmatch(raw):
        return Decimal(raw.replace(".", "").replace(",", "."))
    if _COMMA.fullmatch(raw) or _WHOLE.fullmatch(raw):
        return Decimal(raw.replace(",", "."))
    if _PLAIN.fullmatch(raw):
        raise invalid(
            "decimal-ambiguous",
            f"“{whole}” has a decimal point, and the profile says comma.",
            "Choose the profile that fits the file.",
        )
    raise _unreadable(whole)
