"""What a certificate's file is understood as: plain values, no database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import overload

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


# A certificate has a hundred thousand values and a few thousand different texts. An object for every value costs more
# than the rest of reading: so they are made when somebody looks at them one by one, and whoever goes through all of them
# (checks, the preview, the record) goes by columns.

#: (row number, column number) of a table that was made → (row, column) in the file
Sources = Mapping[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one text means in one column; `ppm` and `limit_ppm` change the unit only, never the form."""

    raw: str
    qualifier: str
    value: Decimal | None
    limit: Decimal | None
    unit: str
    ppm: Decimal | None
    limit_ppm: Decimal | None


class Values(Sequence[Determination]):
    """The determinations of a file, by row, then by column; `meanings[c][r]` is that of column c in row r, or None."""

    def __init__(
        self,
        rows: Sequence[Row],
        columns: Sequence[Column],
        meanings: Sequence[Sequence[Meaning | None]],
        sources: Sources | None = None,
    ) -> None:
        """Keep what each column's cells mean, in the order of rows and columns."""
        self.rows, self.columns, self.meanings, self.sources = rows, columns, meanings, sources

    def __iter__(self) -> Iterator[Determination]:
        """Yield every value with where it stands."""
        for row, at, one, _ in self.cells():
            yield self._made(row, self.columns[at], one)

    def cells(self) -> Iterator[tuple[Row, int, Meaning, tuple[int, int]]]:
        """Yield row, column (from 0), meaning and place in the file of every value: without an object for each."""
        numbers = [column.number for column in self.columns]
        for row, meant in zip(self.rows, zip(*self.meanings, strict=True), strict=False):
            for at, one in enumerate(meant):
                if one is not None:
                    place = (row.number, numbers[at])
                    yield row, at, one, place if self.sources is None else self.sources[place]

    def _made(self, row: Row, column: Column, one: Meaning) -> Determination:
        return Determination(
            sample=row.sample,
            analyte=column.analyte,
            form=column.form,
            oxide=column.oxide,
            method=column.method,
            raw=one.raw,
            qualifier=one.qualifier,
            value=one.value,
            limit=one.limit,
            unit=one.unit,
            ppm=one.ppm,
            row=row.number,
            column=column.number,
            source=None if self.sources is None else self.sources[row.number, column.number],
        )

    def at(self, finding: Finding, place: int, column: int) -> Finding:
        """Return a finding with its place: `place` and `column` count from 0, in the order of rows and columns."""
        row, number = self.rows[place].number, self.columns[column].number
        source = None if self.sources is None else self.sources[row, number]
        return replace(finding, row=row, column=number, source=source)

    @cached_property
    def distinct(self) -> Sequence[Mapping[int, Meaning | None]]:
        """Return for each column its different meanings, by their `id`."""
        return [{id(one): one for one in column} for column in self.meanings]

    @cached_property
    def _length(self) -> int:
        return sum(len(column) - column.count(None) for column in self.meanings)

    def __len__(self) -> int:
        """Return how many values there are."""
        return self._length

    @cached_property
    def _all(self) -> list[Determination]:
        return list(self)

    @overload
    def __getitem__(self, index: int) -> Determination: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Determination]: ...
    def __getitem__(self, index: int | slice) -> Determination | Sequence[Determination]:
        """Return one value, or some; all of them are made for it."""
        return self._all[index]

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence holds the same values in the same order."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as any sequence that compares by what it holds


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
    determinations: Values = field(default_factory=lambda: Values((), (), ()))
    findings: list[Finding] = field(default_factory=list)
