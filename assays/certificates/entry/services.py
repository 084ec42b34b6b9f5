"""Verbs of typed results: begin, save cells, put away. Submitting them is in `committing`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from assays.catalogue.models import Method
from assays.certificates import permissions  # noqa: F401  # permissions register by name
from assays.certificates.entry.holding import open_held
from assays.certificates.entry.queries import (
    columns_by,
    columns_reported,
    open_grid_of,
    standing_results,
)
from assays.certificates.entry.rules import MOST_CELLS, Clash, Typed, TypedColumn, cell_text
from assays.certificates.models import Certificate, Determination, Grid, GridCell
from assays.runs.models import Run, RunItem
from assays.runs.rules import RunState
from lims.accounts.models import User
from lims.errors import Invalid, Place, Problem, conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save: the grid as it stands now, and the cells that somebody else had changed meanwhile."""

    grid: Grid
    clashes: Sequence[Clash]


@verb
def open_grid(*, actor: Actor, run: Run, method: Method | None = None) -> Grid:
    """Begin to type a run's results, or go on with what was begun; what is reported already stands in it to be corrected.

    `method` says by which method where the run itself does not. Raises `Invalid` ("method-missing",
    "method-of-another-laboratory", "method-reports-nothing") or `Conflict` ("run-not-begun", "run-empty").
    """
    permit(actor, "certificates.log", run)
    assert isinstance(actor, User)
    held = Run.objects.select_for_update(of=("self",), no_key=True).select_related("method").get(pk=run.pk)
    begun = open_grid_of(held)
    if begun is not None:
        return begun
    if held.state == RunState.PLANNED:
        raise conflict("run-not-begun", f"{held} is still being built.", "Begin the run, then type.")
    if not held.items.exists():
        raise conflict("run-empty", f"{held} has no items.", "Build its rack first.")
    old = standing_results(held)
    columns = _columns(held, held.method or method, old)
    grid = Grid.objects.create(run=held, columns=[column.as_dict() for column in columns], created_by=actor)
    if old is not None:
        _take_over(grid, columns, old, actor)
    return grid


def _columns(run: Run, method: Method | None, old: Certificate | None) -> list[TypedColumn]:
    """Return the method's columns, then those that the run reports already by another one."""
    if method is not None and method.laboratory_id != run.laboratory_id:
        message = f"{method} is no method of {run.laboratory}."
        raise invalid("method-of-another-laboratory", message, "Choose one of its own.", field="method")
    reported = columns_reported(old) if old is not None else []
    if method is None and not reported:
        raise invalid("method-missing", "By which method?", "Choose the method.", field="method")
    mine = columns_by(method) if method is not None else []
    if not mine and not reported:
        message = f"{method} reports nothing yet."
        remedy = "Have its analytes added in the catalogue."
        raise invalid("method-reports-nothing", message, remedy, field="method")
    known = {column.key for column in mine}
    return mine + [column for column in reported if column.key not in known]


def _take_over(grid: Grid, columns: Sequence[TypedColumn], old: Certificate, actor: User) -> None:
    """Put what is reported already into the cells, as it was written."""
    places = {column.key: at for at, column in enumerate(columns)}
    now = timezone.now()
    found: dict[tuple[UUID, int], GridCell] = {}
    for one in Determination.objects.filter(certificate=old).order_by("row", "column"):
        at = places.get((one.analyte, one.oxide, one.unit, one.method_code.casefold()))
        if at is not None and one.raw:
            found[one.item_id, at] = GridCell(
                grid=grid,
                item_id=one.item_id,
                column=at,
                raw=one.raw[:200],
                version=1,
                changed_by=actor,
                changed_at=now,
            )
    if found:
        GridCell.objects.bulk_create(found.values(), batch_size=2000)
        grid.version = 1
        grid.save(update_fields=["version"])


@verb
def save_cells(*, actor: Actor, grid: Grid, cells: Sequence[Typed]) -> Saved:
    """Keep cells as they were typed. A cell that somebody else changed since it was seen is not overwritten: it comes back
    as a clash with both texts, and the other cells are kept all the same.

    Raises `Invalid` ("cells-too-many", "cell-unknown", "cell-too-long", "cell-control") or `Conflict` ("grid-closed").
    """
    permit(actor, "certificates.log", grid.run)
    assert isinstance(actor, User)
    if len(cells) > MOST_CELLS:
        message = f"{len(cells)} cells are too many for one save."
        raise invalid("cells-too-many", message, f"Send at most {MOST_CELLS} at a time.", field="cells")
    held = open_held(grid)
    typed = _placed(held, cells)
    before = {
        (one.item_id, one.column): one
        for one in GridCell.objects.filter(grid=held, item__in={item for item, _ in typed}).select_related(
            "changed_by"
        )
    }
    fresh, clashes = _sorted(typed, before)
    if fresh:
        _keep(held, fresh, actor)
    return Saved(held, clashes)


def _placed(grid: Grid, cells: Sequence[Typed]) -> dict[tuple[UUID, int], Typed]:
    """Return the cells by place, their texts as they are kept; of two for one place the last counts."""
    found = {}
    for one in cells:
        found[one.item, one.column] = Typed(one.item, one.column, cell_text(one.raw), one.seen)
    known = set(RunItem.objects.filter(run=grid.run_id).values_list("pk", flat=True))
    for item, column in found:
        if item not in known or not 0 <= column < len(grid.columns):
            place = Place(field="cells", column=column)
            message = "There is no such cell in this grid."
            raise Invalid(Problem("cell-unknown", message, "Load the grid again.", place))
    return found


def _sorted(
    typed: Mapping[tuple[UUID, int], Typed], before: Mapping[tuple[UUID, int], GridCell]
) -> tuple[list[Typed], list[Clash]]:
    """Return what is to be kept, and what somebody else changed meanwhile; what stands there already is neither."""
    fresh, clashes = [], []
    for place, one in typed.items():
        now = before.get(place)
        if (now.raw if now is not None else "") == one.raw:
            continue
        if now is not None and now.version != one.seen:
            clashes.append(Clash(*place, one.raw, now.raw, now.version, now.changed_by.name, now.changed_at))
        else:
            fresh.append(one)
    return fresh, clashes


def _keep(grid: Grid, cells: Sequence[Typed], actor: User) -> None:
    grid.version += 1
    grid.save(update_fields=["version"])
    told: dict[str, Any] = {
        "grid": grid,
        "version": grid.version,
        "changed_by": actor,
        "changed_at": timezone.now(),
    }
    GridCell.objects.bulk_create(
        [GridCell(item_id=one.item, column=one.column, raw=one.raw, **told) for one in cells],
        update_conflicts=True,
        unique_fields=["grid", "item", "column"],
        update_fields=["raw", "version", "changed_by", "changed_at"],
        batch_size=2000,
    )


@verb
def discard_grid(*, actor: Actor, grid: Grid) -> Grid:
    """Put typed results away; nothing of them counts, and typing may begin anew. Raises `Conflict` ("grid-closed")."""
    permit(actor, "certificates.log", grid.run)
    held = open_held(grid)
    held.discarded_at = timezone.now()
    held.save(update_fields=["discarded_at"])
    return held
