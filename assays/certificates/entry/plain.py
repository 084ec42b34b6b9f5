"""The grid as a plain table form, a few rows on a page: what stands where no script runs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from assays.certificates.entry.forms import CELL
from assays.certificates.entry.queries import Cell, Line, State
from assays.certificates.entry.rules import Clash

#: fields on one page, at most: a form with more is refused by the server
MOST_FIELDS: Final = 800
MOST_ROWS: Final = 40


@dataclass(frozen=True, slots=True)
class Field:
    """A cell of the form: its name, what stands in it, what is to be looked at, and whom it contradicts."""

    name: str
    label: str
    raw: str
    notes: Sequence[Any]
    wrong: bool
    clash: Clash | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Some rows of the grid as fields, the texts as they were when the page was made, and where other rows are."""

    rows: Sequence[tuple[Line, Sequence[Field]]]
    was: str
    first: int
    last: int
    total: int
    before: int | None
    after: int | None


def sheet_of(state: State, start: int = 0, clashes: Sequence[Clash] = ()) -> Sheet:
    """Return the rows from `start` on; what clashes is shown as it was typed, so that it can be sent again knowingly."""
    size = max(1, min(MOST_ROWS, MOST_FIELDS // max(1, len(state.columns))))
    start = start if 0 <= start < len(state.rows) else 0
    cells = {(one.cell.item_id, one.cell.column): one for one in state.cells}
    clashing = {(one.item, one.column): one for one in clashes}
    shown = state.rows[start : start + size]
    fields = [
        (line, [_field(state, line, at, cells, clashing) for at in range(len(state.columns))])
        for line in shown
    ]
    was = {
        _name(place): [one.cell.version, one.cell.raw]
        for place, one in cells.items()
        if place[0] in {line.item.pk for line in shown}
    }
    after = start + size
    return Sheet(
        rows=fields,
        was=json.dumps(was),
        first=start + 1 if shown else 0,
        last=start + len(shown),
        total=len(state.rows),
        before=max(0, start - size) if start else None,
        after=after if after < len(state.rows) else None,
    )


def _name(place: tuple[UUID, int]) -> str:
    return f"{CELL}{place[0]}-{place[1]}"


def _field(
    state: State,
    line: Line,
    at: int,
    cells: Mapping[tuple[UUID, int], Cell],
    clashing: Mapping[tuple[UUID, int], Clash],
) -> Field:
    place = (line.item.pk, at)
    one, clash = cells.get(place), clashing.get(place)
    column = state.columns[at]
    return Field(
        name=_name(place),
        label=f"{line.item.label}, {column.symbol} in {column.unit}",
        raw=clash.yours if clash is not None else one.cell.raw if one is not None else "",
        notes=one.look.notes if one is not None and clash is None else (),
        wrong=one is not None and one.look.wrong,
        clash=clash,
    )
