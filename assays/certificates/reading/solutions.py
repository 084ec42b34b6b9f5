"""From the content of a measured solution to that of the solid, by the dilution that the file itself states."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from typing import Final

from assays.certificates.reading.model import Finding, Meaning, Profile, Row, Values
from assays.certificates.reading.preamble import key_of
from assays.chemistry.cells import read_cell
from lims.errors import DomainError

#: units as an instrument heads them → of the solution, by volume
OF_SOLUTION: Final = {
    **dict.fromkeys(("ppb", "ug/l", "µg/l", "μg/l", "ng/ml"), "ug/L"),
    **dict.fromkeys(("ppm", "mg/l", "ug/ml", "µg/ml", "μg/ml"), "mg/L"),
    **dict.fromkeys(("ppt", "ng/l", "pg/ml"), "ng/L"),
}
#: µg per litre in one of each
MICROGRAMS: Final = {"ug/L": Decimal(1), "mg/L": Decimal(1000), "ng/L": Decimal("0.001")}
WEIGHTS: Final = frozenset(
    {"weightg", "sampleweightg", "massg", "samplemassg", "weight", "sampleweight", "samplemass"}
)
WEIGHTS_MG: Final = frozenset({"weightmg", "sampleweightmg", "massmg", "samplemassmg"})
VOLUMES: Final = frozenset(
    {"volumeml", "finalvolumeml", "volume", "finalvolume", "solutionvolumeml", "makeupvolumeml"}
)
#: litres of solution per kilogram of solid, all steps together
TOTALS: Final = ("totaldil", "totaldilution", "totaldilutionfactor")
#: further dilution beside weight and volume; alone it is taken for the total
FURTHER: Final = ("dilution", "dilutionfactor", "dil", "df")
#: as exact as anybody weighs, and fits the record's 12 places behind the point
_EXACT: Final = Context(prec=12)
_PLACES: Final = Decimal("1E-12")


def solution_unit(text: str) -> str:
    """Return the unit of a concentration that an instrument heads: ppb is µg per litre of solution, never of a solid.

    What is stated per mass (mg/kg) stays as it is; no unit stays none.

    >>> solution_unit("ppb"), solution_unit(" ppm "), solution_unit("mg/kg")
    ('ug/L', 'mg/L', 'mg/kg')
    """
    return OF_SOLUTION.get("".join(text.split()).casefold(), text.strip())


@dataclass(frozen=True, slots=True)
class Dilution:
    """How many µg per g one µg/L of solution is, by the row's number; and by which columns it is known."""

    factors: dict[int, Decimal]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, names: Sequence[str], rows: Sequence[Row], profile: Profile) -> "Dilution":
        """Return the dilution of each row that states one: volume and weight first, else the total dilution."""
        at = {key_of(name): index for index, name in reversed(list(enumerate(names)))}
        weight = next((at[key] for key in at if key in WEIGHTS), None)
        milligrams = next((at[key] for key in at if key in WEIGHTS_MG), None)
        volume = next((at[key] for key in at if key in VOLUMES), None)
        further = next((at[key] for key in FURTHER if key in at), None)
        total = next((at[key] for key in TOTALS if key in at), further)
        mass = weight if weight is not None else milligrams
        if mass is not None and volume is not None:
            per_gram = Decimal(1) if weight is not None else Decimal(1000)
            used = [volume, mass, *([further] if further is not None else [])]
            found = {
                row.number: _weighed([_number(row, index, profile) for index in used], per_gram)
                for row in rows
            }
        elif total is not None:
            used, found = [total], {row.number: _total(_number(row, total, profile)) for row in rows}
        else:
            used, found = [], {}
        known = {number: factor for number, factor in found.items() if factor is not None}
        return cls(known, tuple(names[index].strip() for index in used))


def _number(row: Row, index: int, profile: Profile) -> Decimal | None:
    """Return a number above zero; None where there is none that can be read."""
    try:
        value = read_cell(row.cells[index] if index < len(row.cells) else "", profile).value
    except DomainError:
        return None
    return value if value is not None and value > 0 else None


def _weighed(numbers: Sequence[Decimal | None], per_gram: Decimal) -> Decimal | None:
    """Return mL / g / 1000 × further dilution, of volume, weight and (if any) dilution: µg/L of solution to µg/g."""
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return None
    millilitres, weighed, *more = known
    return _EXACT.divide(millilitres * per_gram * (more[0] if more else 1), weighed * 1000)


def _total(times: Decimal | None) -> Decimal | None:
    """Return L / kg / 1000; a dilution of one is that of a solution that was not made from a weighed solid."""
    return None if times is None or times == 1 else _EXACT.divide(times, Decimal(1000))


def of_solid(values: Values, dilution: Dilution) -> tuple[Values, list[Finding]]:
    """Return the values with their content in the solid, and what is to be said of it.

    The value and its unit stay those of the solution; `ppm` is of the solid. Without a dilution there is no ppm.
    """
    liquid = {at for at, column in enumerate(values.columns) if column.unit in MICROGRAMS}
    if not liquid:
        return values, []
    meanings: list[Sequence[Meaning | None]] = []
    for at, column in enumerate(values.columns):
        here = values.meanings[at]
        if at in liquid:
            here = [
                _converted(one, dilution.factors.get(row.number), column.unit)
                for row, one in zip(values.rows, here, strict=True)
            ]
        meanings.append(here)
    made = Values(values.rows, values.columns, meanings, values.sources)
    return made, _said(values.rows, dilution, values.columns[min(liquid)].unit)


def _converted(one: Meaning | None, factor: Decimal | None, unit: str) -> Meaning | None:
    """Return what a cell of a solution means for the solid; a unit in the cell itself is one of the solution too."""
    if one is None:
        return None
    unit = unit if one.unit == unit else solution_unit(one.unit)
    if unit not in MICROGRAMS:
        return one
    if factor is None:
        return replace(one, unit=unit, ppm=None, limit_ppm=None)
    times = factor * MICROGRAMS[unit]
    return replace(one, unit=unit, ppm=_times(one.value, times), limit_ppm=_times(one.limit, times))


def _times(number: Decimal | None, factor: Decimal) -> Decimal | None:
    """Return the product to twelve significant digits, and at most twelve places."""
    if number is None:
        return None
    product = _EXACT.multiply(number, factor)
    exponent = product.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -12
    return product if fits else product.quantize(_PLACES)


def _said(rows: Sequence[Row], dilution: Dilution, unit: str) -> list[Finding]:
    unit = unit.replace("ug", "µg")
    if not dilution.columns:
        message = (
            f"The values are {unit} of solution, and the file has no dilution: they say nothing of the solid."
        )
        remedy = "Export it with weight and volume, or with the total dilution."
        return [Finding("error", "dilution-missing", None, None, message, remedy)]
    named = ", ".join(f"“{name}”" for name in dilution.columns)
    message = f"Contents of the solution were made ppm of the solid by {named}."
    remedy = "If the instrument had multiplied by the dilution already, export the measured concentrations instead."
    findings = [Finding("warning", "dilution-applied", None, None, message, remedy)]
    for row in rows:
        if row.number not in dilution.factors and row.kind in {"", "sample", "duplicate", "standard"}:
            message = (
                f"The row states no dilution ({named}): its values are {unit} of solution, not of the solid."
            )
            remedy = "Add it, and upload the file again."
            findings.append(Finding("error", "dilution-missing", row.number, None, message, remedy))
    return findings
