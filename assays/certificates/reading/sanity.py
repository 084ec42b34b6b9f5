"""What makes no sense in a row of values, although each cell is understood (METHODS.md section 1)."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Final

from assays.certificates.reading.model import Determination, Finding
from assays.chemistry.normalisation import slips, total_off
from assays.chemistry.oxides import OXIDES, factor
from assays.chemistry.units import PPM

#: an element and its oxide may differ by so many times, and by so many of their last digits
APART, LAST_DIGITS = 2.0, 2
PER_CENT: Final = Decimal(10_000)


@lru_cache(maxsize=256)
def _divisor(oxide: str | None) -> float:
    return factor(oxide) if oxide is not None and oxide in OXIDES else 1.0


def of_elements(found: Iterable[Determination]) -> dict[str, float]:
    """Return a row's contents in ppm of the element, the first given of each; values below a limit are left out."""
    ppm: dict[str, float] = {}
    for one in found:
        if one.ppm is None or one.analyte in ppm or one.ppm <= 0:
            continue
        ppm[one.analyte] = float(one.ppm) / _divisor(one.oxide)
    return ppm


def sane(determinations: Sequence[Determination]) -> list[Finding]:
    """Return warnings on rows: totals that do not add up, patterns that are not smooth, odd ratios, odd negatives."""
    findings: list[Finding] = []
    for row, group in groupby(determinations, key=lambda one: one.row):
        found = list(group)
        findings += [
            Finding("warning", "pattern-not-smooth", row, None, said, "Compare with the laboratory.")
            for said in slips(of_elements(found))
        ]
        findings += _mixed_up(found)
        for one in found:
            if one.analyte == "Total" or (one.ppm is not None and one.ppm < 0):
                findings += _odd(one)
    return findings


def _odd(one: Determination) -> Iterator[Finding]:
    if one.analyte == "Total":
        percent = PPM.get(one.unit.strip().casefold()) == PER_CENT
        said = total_off(float(one.value)) if percent and one.value is not None else ""
        if said:
            yield Finding("warning", "total-off", one.row, one.column, said)
    elif one.form is not None:
        message = f"{one.oxide or one.analyte} is {one.raw}: less than nothing."
        remedy = "If it means below detection, choose the profile that says so."
        yield Finding("warning", "negative-value", one.row, one.column, message, remedy)


def _as_element(one: Determination) -> tuple[float, float]:
    """Return a value as ppm of the element, and what its last digit is worth."""
    if one.ppm is None or one.value is None or not one.value:
        return 0.0, 0.0
    exponent = one.value.as_tuple().exponent
    per_unit = float(one.ppm / one.value)
    digit = 10.0**exponent if isinstance(exponent, int) else 0.0
    return float(one.ppm) / _divisor(one.oxide), digit * per_unit / _divisor(one.oxide)


def _mixed_up(found: Sequence[Determination]) -> Iterator[Finding]:
    """Yield a warning where an element and its oxide in one row do not say the same: a unit or a form is mixed up."""
    elements = {one.analyte: one for one in found if one.form == "element" and one.ppm is not None}
    for one in found:
        other = elements.get(one.analyte)
        if one.form != "oxide" or one.ppm is None or other is None or one.ppm <= 0 or (other.ppm or 0) <= 0:
            continue
        (a, digit_a), (b, digit_b) = _as_element(one), _as_element(other)
        if abs(a - b) <= LAST_DIGITS * (digit_a + digit_b) or 1 / APART <= a / b <= APART:
            continue
        message = f"{one.oxide} says {a:.4g} ppm of {one.analyte}, and {one.analyte} itself {b:.4g} ppm."
        remedy = "Is an oxide headed as an element, or a unit mixed up?"
        yield Finding("warning", "forms-disagree", one.row, one.column, message, remedy)
