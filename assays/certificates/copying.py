"""Determinations into their table by COPY, as lines of text, with the digest that vouches for them.

A line is put together from parts that are made once: what a row says of itself, and what a text means in a column. COPY
goes straight into the table: there is nothing to merge with, since a certificate's determinations are always new.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from django.db import connection

from assays.certificates.digests import as_json
from assays.certificates.models import Determination
from assays.certificates.reading import Column, Meaning, Values

Tell = Callable[[int, int], None]
#: columns of a determination as they are copied; its digest is over the same, with the label instead of the ids
COLUMNS: Final = (
    "certificate_id",
    "item_id",
    "sample_id",
    "analyte",
    "form",
    "oxide",
    "method_code",
    "raw",
    "qualifier",
    "value",
    "limit",
    "unit",
    "ppm",
    "limit_ppm",
    "row",
    "column",
)
#: determinations copied between two looks at the clock
CHUNK: Final = 5000
_ESCAPED: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Line:
    """One determination: the row that it stands in, its place in the file, and its parts as COPY and as JSON have them."""

    row: int
    place: tuple[int, int]
    copied: str
    digested: str


def _copied(value: object) -> str:
    r"""Return a value as COPY's text format has it.

    >>> _copied(None), _copied("a\tb"), _copied(Decimal("1E+3"))
    ('\\N', 'a\\tb', '1000')
    """
    if value is None:
        return "\\N"
    return format(value, "f") if isinstance(value, Decimal) else str(value).translate(_ESCAPED)


def _parts(column: Column, one: Meaning, default_method: str) -> tuple[str, str]:
    told = (
        column.analyte,
        column.form or "",
        column.oxide or "",
        column.method or default_method,
        one.raw,
        one.qualifier,
        one.value,
        one.limit,
        one.unit,
        one.ppm,
        one.limit_ppm,
    )
    return "\t".join(_copied(value) for value in told), as_json(told)


def lines_of(values: Values, rows: Mapping[int, object], default_method: str) -> list[Line]:
    """Return the determinations of the rows that are numbered in `rows`, in the order of their places in the file."""
    parts = [
        {key: _parts(column, one, default_method) for key, one in known.items() if one is not None}
        for column, known in zip(values.columns, values.distinct, strict=True)
    ]
    found = [
        Line(row.number, place, *parts[at][id(one)])
        for row, at, one, place in values.cells()
        if row.number in rows
    ]
    if values.sources is not None:
        found.sort(key=lambda line: line.place)
    return found


def digest_of_lines(lines: Sequence[Line], labels: Mapping[int, str]) -> str:
    """Return the SHA-256 over determinations, as `digests.digest_of_rows` does it over what the record kept."""
    known = {number: as_json((label,)) for number, label in labels.items()}
    total = hashlib.sha256()
    for line in lines:
        row, column = line.place
        total.update(f"[{known[line.row]},{line.digested},{row},{column}]\n".encode())
    return total.hexdigest()


def copy_lines(
    certificate: UUID, lines: Sequence[Line], items: Mapping[int, tuple[UUID, Any]], tell: Tell
) -> None:
    """Bring determinations into their table; `items` are the ids of item and sample of each row."""
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with connection.cursor() as cursor:
        raw = cast("Any", cursor).cursor  # psycopg's own, which can COPY
        with raw.copy(f"COPY {Determination._meta.db_table} ({names}) FROM STDIN") as copy:
            for part in _texts(certificate, lines, items, tell):
                copy.write(part)


def _texts(
    certificate: UUID, lines: Sequence[Line], items: Mapping[int, tuple[UUID, Any]], tell: Tell
) -> Iterator[str]:
    heads = {row: f"{certificate}\t{item}\t{_copied(sample)}\t" for row, (item, sample) in items.items()}
    for start in range(0, len(lines), CHUNK):
        tell(start, len(lines))
        yield "".join(
            f"{heads[line.row]}{line.copied}\t{line.place[0]}\t{line.place[1]}\n"
            for line in lines[start : start + CHUNK]
        )
