"""Units of mass fractions, exact: 1 % = 10 000 ppm; ppm = mg/kg = g/t = µg/g; 1 ppb = 0.001 ppm. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lims.errors import invalid

_ONE: Final = Decimal(1)
#: ppm in one of each unit, by the unit without case and spaces
PPM: Final[Mapping[str, Decimal]] = {
    **dict.fromkeys(
        (
            "%",
            "pct",
            "wt%",
            "wt.%",
            "wt-%",
            "wtpct",
            "weight%",
            "mass%",
            "percent",
            "%wt",
            "%w/w",
            "w/w%",
            "m/m%",
            "%m/m",
            "g/100g",
        ),
        Decimal(10_000),
    ),
    **dict.fromkeys(("ppm", "mg/kg", "g/t", "gpt", "ug/g", "g/tonne", "ppmw", "mgkg-1"), _ONE),
    **dict.fromkeys(("ppb", "ug/kg", "mg/t", "ng/g", "ppbw"), Decimal("0.001")),
    **dict.fromkeys(("g/kg", "mg/g", "permil", "‰"), Decimal(1000)),
    # "ppt" is not here: to some it is a trillionth, to others a thousandth.
    **dict.fromkeys(("pg/g", "ng/kg"), Decimal("0.000001")),
    **dict.fromkeys(("kg/t",), Decimal(1000)),
}
#: units of a liquid's content: without the liquid-to-solid ratio they say nothing of the solid
LIQUID: Final = frozenset(
    {"mg/l", "ug/l", "ng/l", "g/l", "ug/ml", "mg/ml", "mg/dm3", "ppmv", "mol/l", "mmol/l"}
)
#: units of what is no mass fraction
OTHER: Final = frozenset(
    {"", "g", "kg", "mg", "none", "unity", "ph", "cps", "counts", "s/m", "us/cm", "ratio", "no", "bq/g", "bq/kg", "cm", "mm", "um"}
)  # fmt: skip
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?|\.[0-9]+(?:[eE][+-]?[0-9]{1,3})?")
#: a unit begins with no part of a number: 28,4 ppm and 1 000 ppm are refused, and not read as 28 and 1
_QUANTITY: Final = re.compile(
    rf"(?P<sign>[<>]?)\s*(?P<number>-?(?:{_NUMBER.pattern}))\s*(?P<unit>(?![eE][+-]?\d)[^\s\d.,;:'’_+<>=-].*)?"
)


def _key(unit: str) -> str:
    return re.sub(r"\s+", "", unit).replace("µ", "u").replace("μ", "u").casefold()


def ppm_factor(unit: str) -> Decimal | None:
    """Return how many ppm one of `unit` is; None for a unit that is no mass fraction.

    Raises `Invalid` ("unit-of-liquid": mg/L is not ppm of a solid; "unit-unknown").

    >>> ppm_factor("%"), ppm_factor("g/t"), ppm_factor("PPB"), ppm_factor("kg")
    (Decimal('10000'), Decimal('1'), Decimal('0.001'), None)
    """
    key = _key(unit)
    if key in PPM:
        return PPM[key]
    if key in OTHER:
        return None
    if key in LIQUID:
        raise invalid(
            "unit-of-liquid",
            f"“{unit.strip()}” is the content of a liquid, not of the solid.",
            "Convert it with the liquid-to-solid ratio first.",
            field="unit",
        )
    raise invalid(
        "unit-unknown", f"“{unit.strip()[:40]}” is no unit known here.", "Use %, ppm or ppb.", field="unit"
    )


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, and whether it is a value (""), below ("<") or above (">") a limit."""

    qualifier: str
    value: Decimal
    unit: str

    @property
    def ppm(self) -> Decimal | None:
        """Return the number in ppm; None when the unit is no mass fraction. Raises as `ppm_factor`."""
        factor = ppm_factor(self.unit)
        return None if factor is None else self.value * factor


def read_quantity(text: str) -> Quantity:
    """Return the quantity written as in "28.4 ppm", "<0.05 ppm" or "0.00053 %".

    Raises `Invalid` ("quantity-malformed": no digits, a comma, NaN; "quantity-negative"). The unit is not looked up.

    >>> read_quantity("<0.05 ppm")
    Quantity(qualifier='<', value=Decimal('0.05'), unit='ppm')
    """
    found = _QUANTITY.fullmatch(text.strip())
    if found is None:
        raise invalid(
            "quantity-malformed",
            f"“{text.strip()[:40]}” is no number with a unit.",
            "Write it as in 28.4 ppm or <0.05 ppm, with a decimal point.",
        )
    value = Decimal(found["number"])
    if value.is_signed() and value != 0:
        raise invalid(
            "quantity-negative", f"“{text.strip()[:40]}” is negative.", "No sample holds less than nothing."
        )
    return Quantity(found["sign"], abs(value), (found["unit"] or "").strip())
