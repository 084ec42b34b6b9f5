"""What makes no sense in a row of values, although each cell is understood (METHODS.md section 1)."""

import math
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final

import numpy as np

from assays.certificates.reading.model import Column, Finding, Meaning, Values
from assays.chemistry.normalisation import Contents, may_slip, slips, total_off
from assays.chemistry.oxides import OXIDES, factor
from assays.chemistry.units import PPM

#: an element and its oxide may differ by so many times, and by so many of their last digits
APART, LAST_DIGITS = 2.0, 2
PER_CENT: Final = Decimal(10_000)


@lru_cache(maxsize=256)
def _divisor(oxide: str | None) -> float:
    return factor(oxide) if oxide is not None and oxide in OXIDES else 1.0


def contents(values: Values) -> dict[str, Contents]:
    """Return the contents of each row in ppm of the element, by element: the first given, NaN where none is above zero."""
    found: dict[str, Contents] = {}
    for at, column in enumerate(values.columns):
        known = {
            key: float(one.ppm) / _divisor(column.oxide)
            if one is not None and one.ppm is not None and one.ppm > 0
            else math.nan
            for key, one in values.distinct[at].items()
        }
        here = np.fromiter((known[id(one)] for one in values.meanings[at]), float, len(values.rows))
        before = found.get(column.analyte)
        found[column.analyte] = here if before is None else np.where(np.isnan(before), here, before)
    return found


def sane(values: Values) -> list[Finding]:
    """Return warnings on rows: totals that do not add up, patterns that are not smooth, odd ratios, odd negatives."""
    found = [*_patterns(values), *_mixed_up(values), *_odd(values)]
    # In the order of rows; in a row what is about all of it first, then as it stands.
    return [finding for _, finding in sorted(found, key=lambda pair: pair[0])]


def _patterns(values: Values) -> Iterator[tuple[int, Finding]]:
    known = contents(values)
    names = list(known)
    suspects = np.flatnonzero(may_slip(known, len(values.rows)))
    table = np.array([known[name][suspects] for name in names]).T
    for place, ppm in zip(suspects.tolist(), table.tolist(), strict=True):
        row = values.rows[place].number
        for said in slips(dict(zip(names, ppm, strict=True))):
            remedy = "Compare with the laboratory."
            yield place, Finding("warning", "pattern-not-smooth", row, None, said, remedy)


def _odd(values: Values) -> Iterator[tuple[int, Finding]]:
    for at, column in enumerate(values.columns):
        wrong = {key: _odd_one(column, one) for key, one in values.distinct[at].items() if one is not None}
        if not any(wrong.values()):
            continue
        for place, one in enumerate(values.meanings[at]):
            if one is not None and (said := wrong[id(one)]):
                yield place, values.at(Finding("warning", *said), place, at)


def _odd_one(column: Column, one: Meaning) -> tuple[str, int | None, int | None, str, str] | None:
    """Return code, (no place yet), message and remedy where a value is odd by itself; None where it is not."""
    if column.analyte == "Total":
        percent = PPM.get(one.unit.strip().casefold()) == PER_CENT
        said = total_off(float(one.value)) if percent and one.value is not None else ""
        return ("total-off", None, None, said, "") if said else None
    if one.ppm is not None and one.ppm < 0 and column.form is not None:
        message = f"{column.oxide or column.analyte} is {one.raw}: less than nothing."
        remedy = "If it means below detection, choose the profile that says so."
        return "negative-value", None, None, message, remedy
    return None


def _as_element(column: Column, one: Meaning) -> tuple[float, float]:
    """Return a value as ppm of the element, and what its last digit is worth."""
    if one.ppm is None or one.value is None or not one.value:
        return 0.0, 0.0
    exponent = one.value.as_tuple().exponent
    per_unit = float(one.ppm / one.value)
    digit = 10.0**exponent if isinstance(exponent, int) else 0.0
    return float(one.ppm) / _divisor(column.oxide), digit * per_unit / _divisor(column.oxide)


def _mixed_up(values: Values) -> Iterator[tuple[int, Finding]]:
    """Yield a warning where an element and its oxide in one row do not say the same: a unit or a form is mixed up."""
    elements: dict[str, list[int]] = {}
    for at, column in enumerate(values.columns):
        if column.form == "element":
            elements.setdefault(column.analyte, []).append(at)
    for at, column in enumerate(values.columns):
        others = elements.get(column.analyte, ())
        if column.form != "oxide" or not others:
            continue
        for place, one in enumerate(values.meanings[at]):
            if one is None or one.ppm is None or one.ppm <= 0:
                continue
            given = [(o, m) for o in others if (m := values.meanings[o][place]) and m.ppm is not None]
            if given:
                message = _disagree(column, one, values.columns[given[-1][0]], given[-1][1])
                if message:
                    remedy = "Is an oxide headed as an element, or a unit mixed up?"
                    finding = Finding("warning", "forms-disagree", None, None, message, remedy)
                    yield place, values.at(finding, place, at)


def _disagree(column: Column, one: Meaning, other_column: Column, other: Meaning) -> str:
    if other.ppm is None or other.ppm <= 0:
        return ""
    (a, digit_a), (b, digit_b) = _as_element(column, one), _as_element(other_column, other)
    if abs(a - b) <= LAST_DIGITS * (digit_a + digit_b) or 1 / APART <= a / b <= APART:
        return ""
    return f"{column.oxide} says {a:.4g} ppm of {column.analyte}, and {column.analyte} itself {b:.4g} ppm."
