"""What the server says of typed cells: the rules by which certificates are read, and the method's limits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from assays.certificates.entry.rules import TypedColumn
from assays.certificates.reading import Column, Finding, Meaning, Profile, Row
from assays.certificates.reading.sanity import sane
from assays.certificates.reading.values import determinations_of
from assays.certificates.rows import LARGEST, SMALLEST_EXPONENT
from assays.chemistry.cells import BELOW, OVER

#: (place of the row, column) of a cell, both from 0
Place = tuple[Any, int]
#: how a cell that is not understood is marked, as in the preview of a file
UNREAD: Final = "!"


@dataclass(frozen=True, slots=True)
class Note:
    """Something to look at in a cell or a row: "error" (it cannot be submitted so), "warning" or "note"."""

    severity: str
    code: str
    message: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell was read: its qualifier ("" for a value, "!" for what is not understood), and what to look at."""

    mark: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def wrong(self) -> bool:
        """Return whether it cannot be submitted so."""
        return any(note.severity == "error" for note in self.notes)


#: what to do in a grid, where the reader speaks of files
REMEDIES: Final[Mapping[str, str]] = {
    "more-than-whole": "Is the unit right? Type it anew.",
    "cell-unreadable": "Type a number, < or > with a limit, or a word such as NSS.",
    "decimal-comma": "Type a decimal point; a profile of the laboratory can say that commas are meant.",
    "decimal-ambiguous": "Type it without commas, and with a decimal point.",
}
#: a cell in which nothing stands
EMPTY: Final = Look("blank")


def column_of(column: TypedColumn, number: int) -> Column:
    """Return a column as readers know them; its method's limits are not in the file that is made, and so not in it."""
    return Column(
        number,
        column.heading(),
        column.analyte,
        column.form,
        column.oxide or None,
        column.method,
        column.unit,
    )


def looks_of(
    columns: Sequence[TypedColumn], cells: Iterable[tuple[Place, str]], profile: Profile
) -> dict[Place, Look]:
    """Return how each cell is read by the laboratory's profile, and what is wrong with it; each text is read once."""
    texts: dict[int, set[str]] = defaultdict(set)
    found: dict[Place, Look] = {}
    known = list(cells)
    for (_, at), raw in known:
        texts[at].add(raw)
    read = {at: _read(columns[at], sorted(here), profile) for at, here in texts.items()}
    for place, raw in known:
        found[place] = read[place[1]][raw] if raw else EMPTY
    return found


def _read(column: TypedColumn, texts: Sequence[str], profile: Profile) -> Mapping[str, Look]:
    rows = [Row(number, "", (text,)) for number, text in enumerate(texts)]
    values, findings = determinations_of(rows, [column_of(column, 1)], profile, {})
    said: dict[int, list[Note]] = defaultdict(list)
    for one in findings:
        # What is said of the column counts for each of its cells.
        for number in [one.row] if one.row is not None else range(len(rows)):
            said[number].append(_note(one))
    looks = {}
    for row, text, meant in zip(rows, texts, values.meanings[0], strict=True):
        notes = said[row.number]
        if meant is not None:
            notes += [*_too_long(meant), *_out_of_range(meant, column)]
        looks[text] = Look(UNREAD if meant is None else meant.qualifier, tuple(notes))
    return looks


def _too_long(one: Meaning) -> Iterable[Note]:
    """Yield an error for a number with more digits than the record keeps: nothing is rounded silently."""
    numbers = [number for number in (one.value, one.limit, one.ppm, one.limit_ppm) if number is not None]
    if any(abs(number) >= LARGEST or _exponent(number) < SMALLEST_EXPONENT for number in numbers):
        message = f"{one.raw} has more digits than are kept (18 before the point, 12 behind it)."
        yield Note("error", "number-too-long", message, "Type fewer.")


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # a cell is never NaN or infinite
    return exponent


def _out_of_range(one: Meaning, column: TypedColumn) -> Iterable[Note]:
    """Yield a warning where a value, or the limit that was typed, lies outside what the method reports."""
    if one.unit != column.unit:
        return  # it names a unit of its own, of which the reader warns
    if one.value is not None:
        yield from _value_out(one.raw, one.value, column)
    elif one.limit is not None:
        yield from _limit_out(one.raw, one.qualifier, one.limit, column)


def _said(column: TypedColumn, limit: Decimal) -> str:
    return f"the {column.method} limit of {limit:f} {column.unit}".replace("the  ", "the ")


def _value_out(raw: str, value: Decimal, column: TypedColumn) -> Iterable[Note]:
    lower, upper = column.lower, column.upper
    if value < 0:
        remedy = "Look again." if lower is None else f"Write it as <{lower:f}, or look again."
        yield Note("warning", "below-zero", f"{raw} is below zero.", remedy)
    elif lower is not None and value < lower:
        message = f"{raw} is below {_said(column, lower)}."
        yield Note("warning", "below-range", message, f"Write it as <{lower:f}, or look again.")
    elif upper is not None and value > upper:
        message = f"{raw} is above {_said(column, upper)}."
        remedy = f"Write it as >{upper:f}, and have it run again over range."
        yield Note("warning", "above-range", message, remedy)


def _limit_out(raw: str, sign: str, limit: Decimal, column: TypedColumn) -> Iterable[Note]:
    lower, upper = column.lower, column.upper
    if sign == BELOW and lower is not None and limit > lower:
        message = f"{raw}: {_said(column, lower)} is lower."
        yield Note("warning", "limit-above-methods", message, "Was it diluted, or is it a slip?")
    elif sign == OVER and upper is not None and limit < upper:
        message = f"{raw}: {_said(column, upper)} is higher."
        yield Note("warning", "limit-below-methods", message, "Look again.")


def row_notes(
    columns: Sequence[TypedColumn], rows: Mapping[Any, Mapping[int, str]], profile: Profile
) -> dict[Any, list[Note]]:
    """Return what makes no sense in whole rows, though each cell is understood; rows are texts by column, by key."""
    keys = list(rows)
    table = [
        Row(number, "", tuple(rows[key].get(at, "") for at in range(len(columns))))
        for number, key in enumerate(keys)
    ]
    values, _ = determinations_of(
        table, [column_of(column, at) for at, column in enumerate(columns, 1)], profile, {}
    )
    found: dict[Any, list[Note]] = {key: [] for key in keys}
    for one in sane(values):
        if one.row is not None:
            found[keys[one.row]].append(_note(one))
    return found


def _note(one: Finding) -> Note:
    return Note(one.severity, one.code, one.message, REMEDIES.get(one.code, one.remedy))
