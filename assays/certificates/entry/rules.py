"""Columns and cells of typed results, and the file that they become. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from lims.errors import invalid

#: cells of one save, at most: a larger paste is sent in parts
MOST_CELLS: Final = 5_000
#: characters of a cell that are kept
LONGEST: Final = 200
#: the layout's name in the record: not a file that came from elsewhere
LAYOUT: Final = "typed-at-bench"
#: what heads the column of labels in the file
LABELS: Final = "Sample"


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column of the grid: what it counts in which unit by which method; limits are the method's, in that unit."""

    analyte: str
    oxide: str
    unit: str
    method: str
    lower: Decimal | None = None
    upper: Decimal | None = None

    @property
    def symbol(self) -> str:
        """Return the oxide, or the analyte where it is counted as such."""
        return self.oxide or self.analyte

    @property
    def form(self) -> str:
        """Return "oxide" or "element"."""
        return "oxide" if self.oxide else "element"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what tells one column from another."""
        return self.analyte, self.oxide, self.unit, self.method.casefold()

    def heading(self, default: str = "") -> str:
        """Return how the file heads it; the method is named where it is not the `default`.

        >>> TypedColumn("Dy", "Dy2O3", "%", "ME-XRF30").heading("ME-MS81")
        'Dy2O3 % ME-XRF30'
        """
        method = "" if self.method.casefold() == default.casefold() else self.method
        return f"{self.symbol} {self.unit} {method}".strip()

    def as_dict(self) -> dict[str, str]:
        """Return what is kept of it; its limits are looked up when they are needed."""
        return {"analyte": self.analyte, "oxide": self.oxide, "unit": self.unit, "method": self.method}

    @classmethod
    def of(cls, kept: Mapping[str, str], **limits: Decimal | None) -> "TypedColumn":
        """Return the column that was kept, with its limits."""
        return cls(kept["analyte"], kept["oxide"], kept["unit"], kept["method"], **limits)


@dataclass(frozen=True, slots=True)
class Typed:
    """One cell as it was typed, and the version of it that the person had before their eyes (0: an empty one)."""

    item: UUID
    column: int
    raw: str
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Clash:
    """A cell that somebody else changed meanwhile: what was typed was not kept, and theirs stands."""

    item: UUID
    column: int
    yours: str
    theirs: str
    version: int
    by: str
    at: Any


def cell_text(text: str, *, field: str = "raw") -> str:
    r"""Return a cell's text as it is kept: on one line, without blanks around it. Raises `Invalid` ("cell-too-long", "cell-control").

    >>> cell_text("  < 0.05\n"), cell_text("1\u00a0234")
    ('< 0.05', '1 234')
    """
    kept = " ".join(text.split())
    if len(kept) > LONGEST:
        message = f"The cell has {len(kept)} characters, and at most {LONGEST} are kept."
        raise invalid("cell-too-long", message, "Type the value only.", field=field)
    if not kept.isprintable():
        raise invalid(
            "cell-control", "The cell has signs that cannot be shown.", "Type it anew.", field=field
        )
    return kept


def as_csv(
    preamble: Sequence[tuple[str, str]], headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> bytes:
    r"""Return the file of typed results: lines that say where it is from, then headings, then a line for each item.

    >>> as_csv([("Job", "R-7")], ["Sample", "Dy ppm"], [["R-7-01", "28.4"]])
    b'Job,R-7\r\nSample,Dy ppm\r\nR-7-01,28.4\r\n'
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([*preamble, headings, *rows])
    return text.getvalue().encode()
