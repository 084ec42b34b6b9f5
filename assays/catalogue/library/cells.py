"""Cells of a file of certified values: each reader returns what a cell means, or refuses it by name. Pure."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from assays.catalogue.rules import Basis, MaterialKind
from assays.chemistry.oxides import ATOMIC_WEIGHTS, OXIDES, element_of
from assays.chemistry.units import ppm_factor
from lims.errors import Invalid

#: what a column of the database holds: everything there is, in ppm, and 8 digits behind the point
_LARGEST: Final = Decimal(1_000_000)
_STEP: Final = Decimal(1).scaleb(-8)


class Refused(Exception):
    """What is wrong with one cell."""

    def __init__(self, code: str, column: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.column, self.message, self.remedy = code, column, message, remedy


def code(text: str) -> None:
    """Refuse a row without a material, or with too long a code. Raises `Refused`."""
    if not text:
        raise Refused("code-missing", "code", "The row names no material.", "Write its code.")
    if len(text) > 60:
        raise Refused("text-too-long", "code", "The code has more than 60 characters.", "Shorten it.")


def analyte(text: str) -> str:
    """Return the element. Raises `Refused`."""
    if text not in ATOMIC_WEIGHTS:
        raise Refused(
            "analyte-unknown", "analyte", f"“{text[:20]}” is no element known here.", "For example Dy."
        )
    return text


def oxide(text: str, analyte: object) -> str:
    """Return the oxide, empty for the element; it must be one of the analyte. Raises `Refused`."""
    if text and text not in OXIDES:
        raise Refused(
            "oxide-unknown", "oxide", f"“{text[:20]}” is no oxide known here.", "For example Dy2O3."
        )
    if text and analyte is not None and element_of(text) != analyte:
        raise Refused("oxide-of-another", "oxide", f"{text} is no oxide of {analyte}.", "Choose its own.")
    return text


def factor(text: str) -> Decimal:
    """Return the factor from a unit of mass fraction to ppm. Raises `Refused`."""
    try:
        found = ppm_factor(text)
    except Invalid as error:
        problem = error.problems[0]
        raise Refused(problem.code, "unit", problem.message, problem.remedy) from error
    if found is None:
        raise Refused("unit-no-mass-fraction", "unit", f"{text} is no mass fraction.", "For example ppm.")
    return found


def number(text: str, what: str, factor: object) -> Decimal | None:
    """Return a number in ppm; None for no U95. A standard deviation is above nought, nothing is below it.

    Raises `Refused`.
    """
    if not text:
        if what == "u95":
            return None
        words = {"value": "The certified value is missing.", "sd": "The standard deviation is missing."}
        raise Refused(f"{what}-missing", what, words[what], "It is in the maker's certificate.")
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Refused(
            "number-unreadable", what, f"“{text[:20]}” is no number.", "Write it with a point: 24.1."
        )
    if number < 0 or (what == "sd" and number == 0):
        raise Refused("number-not-positive", what, f"{text} cannot be.", "Look at the certificate.")
    ppm = number * (factor if isinstance(factor, Decimal) else 1)
    if ppm > _LARGEST:
        raise Refused("more-than-everything", what, f"{text} is more than everything.", "Check the unit.")
    if ppm and ppm < _STEP:
        raise Refused("number-too-small", what, f"{text} is less than can be kept.", "Check the unit.")
    kept = ppm.quantize(_STEP)
    return kept if kept != ppm else ppm


def kind(text: str) -> MaterialKind:
    """Return the kind of material; a reference material where nothing is said. Raises `Refused`."""
    try:
        return MaterialKind(text.upper() or MaterialKind.CRM)
    except ValueError as error:
        raise Refused("kind-unknown", "kind", f"“{text[:20]}” is no kind.", "Write CRM or BLANK.") from error


def basis(text: str) -> Basis:
    """Return the method family. Raises `Refused`."""
    found = next((basis for basis in Basis if basis.casefold() == text.casefold()), None)
    if found is None:
        known = ", ".join(Basis)
        raise Refused("basis-unknown", "basis", f"“{text[:30]}” is no method family.", f"One of {known}.")
    return found


def day(text: str) -> date | None:
    """Return a day; None where there is none. Raises `Refused`."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(
            "date-unreadable", "expires_on", f"“{text[:20]}” is no day.", "Write it as 2027-12-31."
        ) from error
