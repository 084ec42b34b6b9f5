"""A table as a list of samples: which column is what, what each cell was understood as, and what is wrong where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from lims.errors import DomainError, Invalid, Place, Problem, invalid
from lims.quantities import MASS_UNITS, decimal
from lims.quantities import mass_g as read_mass
from samples.registry.drafts import Draft, problems_of
from samples.registry.rules import read_tag
from samples.registry.tables import Row, Table

ZONE: Final = ZoneInfo("Asia/Kolkata")
#: what a column may be headed by, whatever its case, spaces and underscores
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "tag": ("tag", "sampletag", "tagno", "tagnumber"),
    "mass": ("mass", "massg", "masskg", "weight", "weightg", "weightkg"),
    "unit": ("unit", "massunit"),
    "collected_at": ("collectedat", "collected", "date", "datecollected", "time"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng", "long"),
    "accuracy_m": ("accuracym", "accuracy"),
    "depth_m": ("depthm", "depth"),
    "site": ("site", "pit", "hole", "heap"),
    "collector": ("collector", "collectedby", "sampler"),
    "field_number": ("fieldnumber", "fieldno", "fieldid"),
    "laboratory_number": ("laboratorynumber", "labnumber", "labno", "labid"),
    "note": ("note", "notes", "remarks"),
}
REQUIRED: Final = ("tag", "mass", "collected_at")
#: our own column in the file of bad rows: read over when it comes back
PROBLEMS: Final = "problems"
LONGEST: Final = {"collector": 200, "site": 60, "field_number": 60, "laboratory_number": 60, "note": 2000}
#: a mass so many times over or under the file's median is probably in another unit
SUSPECT: Final = 300


@dataclass(slots=True)
class ReadRow:
    """One row: its text by column, the draft that it became (None when it cannot be one), what is wrong or odd."""

    number: int
    raw: dict[str, str]
    draft: Draft | None = None
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def _plain(heading: str) -> str:
    return "".join(sign for sign in heading.lower() if sign.isalnum())


def columns_of(headings: list[str]) -> dict[str, int]:
    """Return which column is what. Raises `Invalid` with every "column-unknown", "column-duplicate", "column-missing".

    >>> columns_of(["Tag", "Weight kg", "Date"])
    {'tag': 0, 'mass': 1, 'collected_at': 2}
    """
    known = {name: meaning for meaning, names in HEADINGS.items() for name in names}
    found: dict[str, int] = {}
    problems = []
    for number, heading in enumerate(headings):
        meaning = known.get(_plain(heading))
        place = Place(row=1, column=number + 1)
        if _plain(heading) == PROBLEMS:
            continue
        if meaning is None:
            ways = ", ".join(HEADINGS)
            problems.append(
                Problem("column-unknown", f"Nobody knows the column “{heading}”.", f"Columns: {ways}.", place)
            )
        elif meaning in found:
            other = headings[found[meaning]]
            problems.append(
                Problem("column-duplicate", f"“{heading}” and “{other}” mean the same.", "Keep one.", place)
            )
        else:
            found[meaning] = number
    problems += [
        Problem("column-missing", f"There is no column “{name}”.", "Take our template.", Place(row=1))
        for name in REQUIRED
        if name not in found
    ]
    if problems:
        raise Invalid(*problems)
    return found


def read_samples(table: Table, *, now: datetime) -> list[ReadRow]:
    """Return each row of a list of samples as it was understood. Raises `Invalid` for columns that are not right.

    Problems of a row carry its number and the column's heading; the codes are those of `drafts.problems_of` and
    "field-required", "not-a-number", "unit-unknown", "unit-missing", "date-malformed", "date-ambiguous", "text-too-long",
    "tag-twice". The warning "mass-suspect" does not keep a row out.
    """
    columns = columns_of(table.headings)
    reader = _Reader(table, columns, now)
    rows = [reader.row(row) for row in table.rows]
    _find_twins(rows, table.headings[columns["tag"]])
    _find_suspects(rows, table.headings[columns["mass"]])
    return rows


class _Reader:
    def __init__(self, table: Table, columns: Mapping[str, int], now: datetime) -> None:
        self.table, self.columns, self.now = table, columns, now
        self.mass_heading = table.headings[columns["mass"]]

    def row(self, row: Row) -> ReadRow:
        raw = {
            heading: row.cells[n] if n < len(row.cells) else ""
            for n, heading in enumerate(self.table.headings)
        }
        read = ReadRow(row.number, raw)
        cells = {name: _unescaped(raw[self.table.headings[n]]) for name, n in self.columns.items()}
        values = {
            name: self._value(name, text, cells, read) for name, text in cells.items() if name != "unit"
        }
        if not read.problems:
            values["mass_g"] = values.pop("mass")
            draft = Draft(row=row.number, **values)  # type: ignore[arg-type]  # each reader gives its field's type
            read.problems += [
                self._placed(problem, row.number) for problem in problems_of(draft, now=self.now)
            ]
            read.draft = None if read.problems else draft
        return read

    def _placed(self, problem: Problem, number: int) -> Problem:
        """Return a problem of a field as one of this file: with the row, and the heading as it is written there."""
        name = {"mass_g": "mass"}.get(problem.place.field or "", problem.place.field or "")
        column = self.table.headings[self.columns[name]] if name in self.columns else name or None
        return Problem(problem.code, problem.message, problem.remedy, Place(row=number, column=column))

    def _value(self, name: str, text: str, cells: Mapping[str, str], read: ReadRow) -> object:
        try:
            if not text and name in REQUIRED:
                raise invalid("field-required", "This cell is empty.", "Fill it in.", field=name)
            return self._read(name, text, cells)
        except DomainError as error:
            read.problems += [
                self._placed(Problem(p.code, p.message, p.remedy, Place(field=name)), read.number)
                for p in error.problems
            ]
            return None

    def _read(self, name: str, text: str, cells: Mapping[str, str]) -> object:
        if name == "tag":
            return read_tag(text)
        if name == "collected_at":
            return read_time(text)
        if name == "mass":
            return self._mass(text, cells.get("unit", ""))
        if name in LONGEST:
            if len(text) > LONGEST[name]:
                raise invalid("text-too-long", f"Over {LONGEST[name]} characters.", "Shorten it.", field=name)
            return text
        return decimal(self._pointed(text), field=name) if text else None

    def _pointed(self, text: str) -> str:
        """Return a number with a decimal point, where this file writes commas."""
        return (
            text.replace(",", ".")
            if self.table.decimal_comma and text.count(",") == 1 and "." not in text
            else text
        )

    def _mass(self, text: str, unit: str) -> Decimal:
        inside = text.lstrip("+-0123456789., ").strip()
        headed = next((u for u in ("kg", "g") if _plain(self.mass_heading) in {f"mass{u}", f"weight{u}"}), "")
        named = inside or unit or headed
        if not named:
            raise invalid(
                "unit-missing",
                f"{text}: grams or kilograms?",
                "Head the column mass_g or mass_kg.",
                field="mass",
            )
        if named.lower() not in MASS_UNITS:
            raise invalid("unit-unknown", f"“{named}” is no unit of mass here.", "Use g or kg.", field="mass")
        return read_mass(self._pointed(text.removesuffix(inside).strip()), unit=named, field="mass")


def _unescaped(text: str) -> str:
    """Return a cell without the apostrophe that keeps spreadsheet programs from taking it for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in set("=+-@") else text


def read_time(text: str) -> datetime:
    """Return a time with its zone (India's unless it says another). Raises `Invalid` ("date-malformed", "date-ambiguous").

    >>> read_time("2026-11-03 14:20").isoformat()
    '2026-11-03T14:20:00+05:30'
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        if (
            len(text) <= 20
            and sum(sign in "/.-" for sign in text) >= 2
            and text[:1].isdigit()
            and not text[:4].isdigit()
        ):
            raise invalid(
                "date-ambiguous",
                f"“{text}”: which is the day, which the month?",
                "Write the year first: 2026-11-03.",
                field="collected_at",
            ) from error
        raise invalid(
            "date-malformed",
            f"“{text[:40]}” is no date.",
            "Write 2026-11-03 or 2026-11-03 14:20.",
            field="collected_at",
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=ZONE)


def _find_twins(rows: list[ReadRow], heading: str) -> None:
    """Refuse every row of a tag that stands in several: nobody knows which of the bags has it."""
    by_tag: dict[str, list[ReadRow]] = {}
    for row in rows:
        if row.draft is not None:
            by_tag.setdefault(row.draft.tag, []).append(row)
    for twins in by_tag.values():
        for row in twins if len(twins) > 1 else ():
            others = ", ".join(str(other.number) for other in twins if other is not row)
            problem = Problem(
                "tag-twice",
                f"This tag is in row {others} too.",
                "One of the bags has another tag: look.",
                Place(row=row.number, column=heading),
            )
            row.problems.append(problem)
            row.draft = None


def _find_suspects(rows: list[ReadRow], heading: str) -> None:
    masses = [row.draft.mass_g for row in rows if row.draft]
    if len(masses) < 3:
        return
    middle = median(masses)
    for row in rows:
        if row.draft and not middle / SUSPECT < row.draft.mass_g < middle * SUSPECT:
            message = f"{row.draft.mass_g} g, while half of the list is under {middle} g."
            row.warnings.append(
                Problem(
                    "mass-suspect",
                    message,
                    "Grams taken for kilograms?",
                    Place(row=row.number, column=heading),
                )
            )
