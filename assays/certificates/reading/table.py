"""The values of a file, kept by columns: a text that stands in many cells is understood once.

A certificate has a hundred thousand values and a few thousand different texts. An object for every value costs more than
the rest of reading: so they are made when somebody looks at them one by one, and whoever goes through all of them
(checks, the preview, the record) goes by columns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import overload

from assays.certificates.reading.model import Column, Determination, Finding, Row

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
        by_row = zip(*self.meanings, strict=True) if self.meanings else iter(())
        for row, meant in zip(self.rows, by_row, strict=False):
            for column, one in zip(self.columns, meant, strict=True):
                if one is not None:
                    yield self._made(row, column, one)

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
