"""What a person taught of a plain layout: which columns hold what. Plain values; `taught` reads by them."""

import hashlib
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from typing import Any, Final

from assays.certificates.reading.values import LONGEST_METHOD, LONGEST_UNIT
from assays.chemistry.headings import analyte_of
from assays.chemistry.units import ppm_factor
from lims.errors import Invalid, invalid

#: rows above the headings, rows of headings, and columns, at most
PREAMBLE, MOST_HEADINGS, MOST_COLUMNS = 200, 20, 2000
_KNOWN: Final = frozenset(
    {
        "headings_row",
        "headings_rows",
        "sample_column",
        "type_column",
        "columns",
        "decimal_comma",
        "headings_sha256",
    }
)
_OF_COLUMN: Final = ("column", "symbol", "unit", "method")


@dataclass(frozen=True, slots=True)
class Taught:
    """What a column holds: its number (from 1), the symbol of what it counts (Dy, Dy2O3, LOI), unit and method."""

    column: int
    symbol: str
    unit: str
    method: str = ""

    def __post_init__(self) -> None:
        """Refuse what no column can be. Raises `Invalid` ("mapping-malformed", "unit-unknown", "unit-of-liquid")."""
        if not 1 <= self.column <= MOST_COLUMNS:
            raise _wrong(f"There is no column {self.column}.", "columns")
        counted = analyte_of(self.symbol)
        if counted is None:
            raise _wrong(f"“{self.symbol[:40]}” is no element or oxide known here.", "columns")
        if len(self.method) > LONGEST_METHOD or len(self.unit) > LONGEST_UNIT:
            raise _wrong(f"The unit or the method of column {self.column} is too long.", "columns")
        if counted.form is not None and not self.unit.strip():
            raise _wrong(f"Column {self.column} needs a unit.", "columns")
        ppm_factor(self.unit)


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a plain layout is read.

    `headings_row` is where the headings began when it was taught (the next file's preamble may be longer), and
    `headings_rows` how many rows they are: those are never samples. `headings_sha256` is over them.
    """

    headings_row: int
    sample_column: int
    columns: tuple[Taught, ...]
    headings_sha256: str
    headings_rows: int = 1
    type_column: int | None = None
    decimal_comma: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be read by. Raises `Invalid` ("mapping-malformed")."""
        if not 1 <= self.headings_row <= PREAMBLE or not 1 <= self.headings_rows <= MOST_HEADINGS:
            raise _wrong("The headings stand in rows that no file has.", "headings_row")
        if not self.columns:
            raise _wrong("No column is said to hold values.", "columns")
        taken = [self.sample_column, *(one.column for one in self.columns)]
        taken += [self.type_column] if self.type_column is not None else []
        if len(set(taken)) < len(taken):
            raise _wrong("A column is said to hold two things.", "columns")
        if not all(1 <= number <= MOST_COLUMNS for number in taken):
            raise _wrong("There is no such column.", "sample_column")
        if len(self.headings_sha256) != 64 or not set(self.headings_sha256) <= set("0123456789abcdef"):
            raise _wrong("The digest of the headings is no SHA-256.", "headings_sha256")
        if self.headings_sha256 == hashlib.sha256(b"\x1e" * (self.headings_rows - 1)).hexdigest():
            raise _wrong("The rows of headings are empty.", "headings_row")

    @classmethod
    def from_dict(cls, data: Any) -> "Mapping":
        """Return the mapping kept as plain data. Raises `Invalid` ("mapping-malformed", "unit-unknown")."""
        if not isinstance(data, Dict):
            raise _wrong("A mapping is an object with names.", "mapping")
        unknown = sorted(set(map(str, data)) - _KNOWN)
        if unknown:
            raise _wrong(f"“{unknown[0][:40]}” is nothing that a mapping says.", "mapping")
        listed = data.get("columns")
        if not isinstance(listed, list | tuple):
            raise _wrong("It is a list of columns.", "columns")
        comma, kind = data.get("decimal_comma", False), data.get("type_column")
        if not isinstance(comma, bool):
            raise _wrong("It is true or false.", "decimal_comma")
        return cls(
            _whole(data, "headings_row"),
            _whole(data, "sample_column"),
            tuple(_column(one) for one in listed),
            _text(data, "headings_sha256"),
            _whole(data, "headings_rows", 1),
            None if kind is None else _whole(data, "type_column"),
            comma,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, which `from_dict` reads back."""
        return {
            "headings_row": self.headings_row,
            "headings_rows": self.headings_rows,
            "sample_column": self.sample_column,
            "type_column": self.type_column,
            "columns": [{name: getattr(one, name) for name in _OF_COLUMN} for one in self.columns],
            "decimal_comma": self.decimal_comma,
            "headings_sha256": self.headings_sha256,
        }


def _wrong(message: str, name: str) -> Invalid:
    return invalid("mapping-malformed", message, "Teach the layout again.", field=name)


def _whole(data: Dict[str, Any], name: str, default: int | None = None) -> int:
    said = data.get(name, default)
    if isinstance(said, bool) or not isinstance(said, int):
        raise _wrong(f"“{name}” is a whole number.", name)
    return said


def _text(data: Dict[str, Any], name: str, default: str | None = None) -> str:
    said = data.get(name, default)
    if not isinstance(said, str):
        raise _wrong(f"“{name}” is a text.", name)
    return said


def _column(data: Any) -> Taught:
    if not isinstance(data, Dict) or not set(data) <= set(_OF_COLUMN):
        raise _wrong(f"A column says {', '.join(_OF_COLUMN)}.", "columns")
    return Taught(
        _whole(data, "column"), _text(data, "symbol"), _text(data, "unit"), _text(data, "method", "")
    )
