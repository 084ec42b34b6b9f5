"""A certificate written in the layout that `reading.als_csv` reads: for the demonstration and for tests."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class WrittenColumn:
    """A column: method, symbol of element or oxide, and unit."""

    method: str
    symbol: str
    unit: str


def als_csv(
    *,
    number: str,
    client: str,
    columns: Sequence[WrittenColumn],
    rows: Sequence[tuple[str, Sequence[str]]],
    received_on: date,
    finalized_on: date,
    comments: str = "",
    preliminary: bool = False,
) -> bytes:
    """Return a certificate in ALS's CSV layout; `rows` are labels with the text of their cells.

    >>> content = als_csv(number="XX26000001", client="C", columns=[WrittenColumn("ME-MS81", "Dy", "ppm")],
    ...                   rows=[("A", ["36.5"])], received_on=date(2026, 1, 2), finalized_on=date(2026, 1, 9))
    >>> content.splitlines()[0], content.splitlines()[-1]
    (b'XX26000001 - Finalized', b'A,36.5')
    """
    out = io.StringIO(newline="")
    lines = [
        f"{number} - {'Preliminary' if preliminary else 'Finalized'}",
        f'CLIENT : "{client}"',
        f"# of SAMPLES : {len(rows)}",
        f"DATE RECEIVED : {received_on.isoformat()}  DATE FINALIZED : {finalized_on.isoformat()}",
        'PROJECT : "Rare earth elements"',
        *([f'CERTIFICATE COMMENTS : "{comments}"'] if comments else []),
        'PO NUMBER : " "',
    ]
    out.write("".join(f"{line}\r\n" for line in lines))
    write = csv.writer(out, lineterminator="\r\n").writerow
    write(["", *(column.method for column in columns)])
    write(["SAMPLE", *(column.symbol for column in columns)])
    write(["DESCRIPTION", *(column.unit for column in columns)])
    for label, cells in rows:
        write([label, *cells])
    return out.getvalue().encode()
