"""Quantities carry their unit in the name; here they are read from text and written for people."""

from decimal import Decimal, InvalidOperation

from lims.errors import invalid

#: grams in one of each unit that a field scale or a list may name
MASS_UNITS: dict[str, Decimal] = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "mg": Decimal("0.001"),
    "t": Decimal(1_000_000),
}


def decimal(text: str, *, field: str) -> Decimal:
    """Return the exact decimal written in `text`; a comma or a thousands sign is refused, not guessed.

    Raises `Invalid` ("not-a-number").

    >>> decimal(" 2.10 ", field="mass_g")
    Decimal('2.10')
    """
    stripped = text.strip()
    try:
        value = Decimal(stripped)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise invalid(
            "not-a-number",
            f"“{stripped}” is not a number.",
            "Use digits and a decimal point, as in 2.15.",
            field=field,
        )
    return value


def mass_g(text: str, *, unit: str = "g", field: str = "mass_g") -> Decimal:
    """Return a mass in grams from text that may end in its unit.

    Raises `Invalid` ("not-a-number", "unit-unknown").

    >>> mass_g("2.1 kg")
    Decimal('2100.0')
    >>> mass_g("850", unit="g")
    Decimal('850')
    """
    number = text.strip()
    digits = number.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZµ")
    named = number[len(digits) :].strip() or unit
    factor = MASS_UNITS.get(named.lower())
    if factor is None:
        raise invalid(
            "unit-unknown", f"“{named}” is no unit of mass here.", "Use g, kg, mg or t.", field=field
        )
    return decimal(digits, field=field) * factor
