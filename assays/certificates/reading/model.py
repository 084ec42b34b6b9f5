"""What a certificate's file is understood as: plain values, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from assays.chemistry.cells import Conventions

#: a profile, as far as reading a file goes
Profile = Conventions


@dataclass(frozen=True, slots=True)
class Column:
    """A column of values: its place (from 1), heading, and what it counts by which method in which unit.

    `lower` and `upper` are the limits of detection that the file itself states, in the column's unit; None without one.
    """

    number: int
    heading: str
    analyte: str
    form: str | None
    oxide: str | None
    method: str
    unit: str
    lower: Decimal | None = None
    upper: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sample: its place in the file (from 1), the sample's label, and all its cells as they stand.

    `kind` is what the file itself says of the row where it has a column of types: "sample", "standard", "duplicate",
    "blank"; "" where it says nothing. A file that does not stand as a table (long, transposed) is turned into one: a row
    is numbered by where its sample first stands, and each value keeps its own place as `Determination.source`.
    """

    number: int
    sample: str
    cells: tuple[str, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Determination:
    """One reported value. `ppm` changes the unit only, never the form; None for a limit, and for no mass fraction.

    `row` and `column` are those of its `Row` and `Column`; `source` is where it stands in the file when that is another
    place (row, column, from 1).
    """

    sample: str
    analyte: str
    form: str | None
    oxide: str | None
    method: str
    raw: str
    qualifier: str
    value: Decimal | None
    limit: Decimal | None
    unit: str
    ppm: Decimal | None
    row: int
    column: int
    source: tuple[int, int] | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Return row and column in the file."""
        return self.source or (self.row, self.column)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: "error" (what stands there is not understood or contradicts itself), "warning" or "note".

    `row` and `column` are those of a `Row` and a `Column`; `source` is the place in the file when that is another one.
    """

    severity: str
    code: str
    row: int | None
    column: int | None
    message: str
    remedy: str = ""
    source: tuple[int | None, int | None] | None = None

    @property
    def place(self) -> tuple[int | None, int | None]:
        """Return row and column in the file; None where it is about all of it."""
        return self.source or (self.row, self.column)


@dataclass(slots=True)
class Reading:
    """A file as it is understood."""

    layout: str
    why: str
    laboratory: str = ""
    certificate: str = ""
    status: str = ""
    version_note: str = ""
    stated_samples: int | None = None
    received_on: date | None = None
    finalized_on: date | None = None
    encoding: str = ""
    delimiter: str = ""
    columns: Sequence[Column] = ()
    rows: Sequence[Row] = ()
    determinations: Sequence[Determination] = ()
    findings: list[Finding] = field(default_factory=list)
