"""Reading certified values from a CSV file, one value a row, and saying of every row what is wrong with it. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from assays.catalogue.library import cells as cells_of
from assays.catalogue.rules import Form
from lims.errors import Place, Problem, invalid
from lims.sheets import decoded

#: column → what it holds, as the template's second line says it
COLUMNS: Final[Mapping[str, str]] = {
    "code": "as its maker writes it",
    "lot": "empty where the maker gives none",
    "kind": "CRM or BLANK",
    "maker": "for a lot that is new here",
    "description": "for a lot that is new here",
    "expires_on": "2027-12-31, or empty",
    "certificate": "number of the maker's certificate, or empty",
    "analyte": "Dy",
    "oxide": "Dy2O3; empty for the element",
    "basis": "method family: total-fusion, total-four-acid, total-INAA or leachable",
    "value": "certified value, or a blank's own level",
    "sd": "standard deviation between laboratories",
    "u95": "uncertainty of the value at 95 %, or empty",
    "unit": "ppm, %, ppb, g/t …",
}
NEEDED: Final = ("code", "analyte", "basis", "value", "sd", "unit")
MOST_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One certified value as a row says it, in ppm of its form, with the row where it stands (1-based)."""

    row: int
    code: str
    lot: str
    kind: str
    maker: str
    description: str
    expires_on: date | None
    certificate: str
    analyte: str
    form: str
    oxide: str
    basis: str
    value_ppm: Decimal
    sd_ppm: Decimal
    u95_ppm: Decimal | None

    @property
    def of_lot(self) -> tuple[str, str]:
        """Return which lot it is of, as lots are compared."""
        return self.code.casefold(), self.lot.casefold()


@dataclass(frozen=True, slots=True)
class ValueFile:
    """What a file of certified values holds: the rows that can be kept, and every problem with its row and column."""

    rows: Sequence[ValueRow]
    problems: Sequence[Problem]
    read: int

    @property
    def bad_rows(self) -> int:
        """Return how many rows cannot be kept."""
        return self.read - len(self.rows)


def template() -> bytes:
    """Return the file to fill in: the columns, and a line that says what each holds; Excel opens it as UTF-8.

    >>> template().decode("utf-8-sig").splitlines()[0][:22]
    'code,lot,kind,maker,de'
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerow([f"# {said}" if place == 0 else said for place, said in enumerate(COLUMNS.values())])
    return out.getvalue().encode("utf-8-sig")


def read_values(content: bytes, name: str = "values.csv") -> ValueFile:
    r"""Return the certified values of a CSV file (comma, semicolon or tab; UTF-8, UTF-16 or Latin-1).

    Lines that begin with # are left out. Raises `Invalid` for a file that cannot be read at all ("file-empty",
    "encoding-unknown", "not-what-its-name-says", "column-missing", "column-twice", "file-too-large").

    >>> found = read_values(b"code,analyte,basis,value,sd,unit\nRM 1,Dy,total-fusion,0.0024,0.0001,%")
    >>> found.rows[0].value_ppm, found.rows[0].sd_ppm
    (Decimal('24.0000'), Decimal('1.0000'))
    """
    if not content.strip():
        raise invalid("file-empty", "The file is empty.", "Take the template.", file=name)
    text, _ = decoded(content, name)
    lines = _lines(text)
    at = _columns(lines[0][1] if lines else [], name)
    if len(lines) > MOST_ROWS + 1:
        raise invalid("file-too-large", f"The file has more than {MOST_ROWS} rows.", "Split it.", file=name)
    rows: list[ValueRow] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, cells in lines[1:]:
        row = _row(
            number, {what: cells[n].strip() if n < len(cells) else "" for what, n in at.items()}, problems
        )
        if row is None:
            continue
        key = (*row.of_lot, row.analyte, row.oxide, row.basis)
        if key in seen:
            problems.append(
                Problem(
                    "value-twice",
                    f"{row.oxide or row.analyte} of {row.code} stands in row {seen[key]}, too.",
                    "Keep one of the two rows.",
                    Place(row=number, column="analyte"),
                )
            )
            continue
        seen[key] = number
        rows.append(row)
    return ValueFile(rows, problems, len(lines) - 1)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Return the records that are no comment and not empty, each with its number in the file (1-based)."""
    head = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    mark = max(",;\t", key=head.count)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        return [
            (number, cells)
            for number, cells in enumerate(records, 1)
            if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#")
        ]
    except csv.Error as error:
        raise invalid(
            "file-unreadable", f"The file cannot be read as CSV: {error}.", "Save it as CSV UTF-8."
        ) from error


def _columns(headings: Sequence[str], name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        key = "_".join(heading.strip().casefold().split())
        if key in found:
            raise invalid(
                "column-twice",
                f"The column “{heading}” is there twice.",
                "Keep one.",
                file=name,
                column=heading,
            )
        if key in COLUMNS:
            found[key] = place
    missing = [key for key in NEEDED if key not in found]
    if missing:
        raise invalid(
            "column-missing",
            f"The file has no column {', '.join(missing)}.",
            "Take the template: the first line names the columns.",
            file=name,
            column=missing[0],
        )
    return found


def _row(number: int, cells: Mapping[str, str], problems: list[Problem]) -> ValueRow | None:
    """Return a row; None, with every problem of it noted, for one that cannot be kept."""
    wrong: list[cells_of.Refused] = []

    def tried(act: object, *given: object) -> object:
        try:
            return act(*given)  # type: ignore[operator]  # one of the readers below
        except cells_of.Refused as refused:
            wrong.append(refused)
            return None

    analyte = tried(cells_of.analyte, cells.get("analyte", ""))
    oxide = tried(cells_of.oxide, cells.get("oxide", ""), analyte)
    factor = tried(cells_of.factor, cells.get("unit", ""))
    numbers = {
        what: tried(cells_of.number, cells.get(what, ""), what, factor) for what in ("value", "sd", "u95")
    }
    kind = tried(cells_of.kind, cells.get("kind", ""))
    basis = tried(cells_of.basis, cells.get("basis", ""))
    expires_on = tried(cells_of.day, cells.get("expires_on", ""))
    tried(cells_of.code, cells.get("code", ""))
    if wrong:
        problems += [
            Problem(one.code, one.message, one.remedy, Place(row=number, column=one.column)) for one in wrong
        ]
        return None
    return ValueRow(
        row=number,
        **{
            name: " ".join(cells.get(name, "").split())
            for name in ("code", "lot", "maker", "description", "certificate")
        },
        kind=kind,  # type: ignore[arg-type]  # what was refused is not here any more
        expires_on=expires_on,  # type: ignore[arg-type]
        analyte=analyte,  # type: ignore[arg-type]
        form=Form.OXIDE if oxide else Form.ELEMENT,
        oxide=oxide,  # type: ignore[arg-type]
        basis=basis,  # type: ignore[arg-type]
        value_ppm=numbers["value"],  # type: ignore[arg-type]
        sd_ppm=numbers["sd"],  # type: ignore[arg-type]
        u95_ppm=numbers["u95"],  # type: ignore[arg-type]
    )
