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
    """A column of values: its place (from 1), heading, and what it counts by which method in which unit."""

    number: int
    heading: str
    analyte: str
    form: str | None
    oxide: str | None
    method: str
    unit: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sample: its place in the file (from 1), the sample's label, and all its cells as they stand."""

    number: int
    sample: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Determination:
    """One reported value. `ppm` changes the unit only, never the form; None for a limit, and for no mass fraction."""

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


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: "error" (what stands there is not understood or contradicts itself), "warning" or "note"."""

    severity: str
    code: str
    row: int | None
    column: int | None
    message: str
    remedy: str = ""


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
