"""Reads of typed results: which grid is open, its columns, rows and cells, and what is to be looked at."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from assays.catalogue.models import Method, MethodAnalyte, Profile
from assays.certificates.entry.checks import Look, Note, looks_of, row_notes
from assays.certificates.entry.rules import TypedColumn
from assays.certificates.models import Certificate, Determination, Grid, GridCell
from assays.certificates.reading import Profile as Conventions
from assays.certificates.rules import Purpose
from assays.chemistry.oxides import ATOMIC_WEIGHTS
from assays.runs.models import Run, RunItem
from assays.runs.queries import items_for
from assays.runs.rules import RunState
from lims.accounts.models import User
from lims.accounts.rules import Role
from lims.errors import NotFound, Place, Problem

#: elements by their atomic numbers
ORDER: Final = {element: place for place, element in enumerate(ATOMIC_WEIGHTS)}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the grid: an item by its label, what it is (None while that is hidden), and what to look at in it."""

    item: RunItem
    kind: str | None
    notes: Sequence[Note] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the grid, with how it was read."""

    cell: GridCell
    look: Look


@dataclass(frozen=True, slots=True)
class State:
    """All of a grid: columns, rows, and the cells that somebody has typed in."""

    grid: Grid
    profile: Profile | None
    columns: Sequence[TypedColumn]
    rows: Sequence[Line]
    cells: Sequence[Cell] = field(default_factory=list)

    @property
    def filled(self) -> int:
        """Return how many cells have something in them."""
        return sum(bool(one.cell.raw) for one in self.cells)

    @property
    def wrong(self) -> int:
        """Return how many cells cannot be submitted as they are."""
        return sum(one.look.wrong for one in self.cells)


def laboratories_of(user: User) -> list[Any]:
    """Return the ids of the laboratories whose drafts the person may see."""
    return user.organisations_as(Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER, Role.RECEPTIONIST)


def grids_for(user: User) -> QuerySet[Grid]:
    """Return the grids of the person's laboratories: owners see results when they are reported, not as they are typed."""
    rows = Grid.objects.filter(run__kept_by__in=laboratories_of(user))
    return rows.select_related("run__laboratory", "run__kept_by", "run__method", "upload", "created_by")


def grid_for(user: User, pk: Any) -> Grid:
    """Return the grid, if the person may see it. Raises `NotFound` ("grid-unknown")."""
    found = grids_for(user).filter(pk=pk).first()
    if found is None:
        message = "There are no such typed results."
        raise NotFound(Problem("grid-unknown", message, "Look it up.", Place(field="grid")))
    return found


def open_grid_of(run: Run) -> Grid | None:
    """Return the grid of a run that is still being typed, if there is one."""
    known = Grid.objects.select_related("run__laboratory", "run__kept_by", "run__method", "created_by")
    return known.filter(run=run, upload=None, discarded_at=None).first()


def standing_results(run: Run) -> Certificate | None:
    """Return the certificate that reports a run's results now: what is submitted supersedes it."""
    return Certificate.objects.standing().filter(run=run, purpose=Purpose.RESULTS).first()


def plain(limit: Decimal | None) -> Decimal | None:
    """Return a limit without the zeros behind it that its column keeps.

    >>> plain(Decimal("0.05000000")), plain(Decimal("1000.00000000"))
    (Decimal('0.05'), Decimal('1000'))
    """
    return None if limit is None else Decimal(f"{limit.normalize():f}")


def columns_by(method: Method) -> list[TypedColumn]:
    """Return a column for each thing that a method reports, with its limits: elements first, by their atomic numbers."""
    rows = sorted(
        MethodAnalyte.objects.filter(method=method),
        key=lambda row: (row.form, ORDER.get(row.analyte, len(ORDER)), row.analyte, row.oxide),
    )
    return [
        TypedColumn(
            row.analyte, row.oxide, row.unit, method.code, plain(row.lower_limit), plain(row.upper_limit)
        )
        for row in rows
    ]


def columns_reported(certificate: Certificate) -> list[TypedColumn]:
    """Return the columns of a certificate that has a mass fraction in each, in its order."""
    rows = Determination.objects.filter(certificate=certificate).exclude(form="")
    found = rows.values_list("analyte", "oxide", "unit", "method_code", "column").distinct()
    return list(dict.fromkeys(TypedColumn(*row[:4]) for row in sorted(found, key=lambda row: row[4])))


def columns_of(grid: Grid) -> list[TypedColumn]:
    """Return a grid's columns with the limits that their methods have today; one query."""
    codes = {str(kept["method"]).casefold() for kept in grid.columns}
    rows = MethodAnalyte.objects.filter(method__laboratory=grid.run.laboratory_id).select_related("method")
    limits: dict[tuple[str, ...], tuple[Decimal | None, Decimal | None]] = {
        (row.analyte, row.oxide, row.unit, row.method.code.casefold()): (
            plain(row.lower_limit),
            plain(row.upper_limit),
        )
        for row in rows
        if row.method.code.casefold() in codes
    }
    found = []
    for kept in grid.columns:
        lower, upper = limits.get(TypedColumn.of(kept).key, (None, None))
        found.append(TypedColumn.of(kept, lower=lower, upper=upper))
    return found


def profile_of(run: Run, method: Method | None) -> Profile | None:
    """Return the profile by which typed cells are read: that of the certificate that stands, or the method's newest.

    Without one for the method it is the laboratory's, where all of its methods share a single one; otherwise none.
    """
    old = standing_results(run)
    if old is not None and old.profile is not None:
        return old.profile
    today = timezone.localdate()
    rows = Profile.objects.filter(Q(valid_from=None) | Q(valid_from__lte=today), laboratory=run.laboratory_id)
    if method is not None:
        mine = rows.filter(method=method).order_by("-created_at", "-version").first()
        if mine is not None:
            return mine
    shared = list(rows.filter(method=None).order_by("version"))
    return shared[-1] if len({one.name.casefold() for one in shared}) == 1 else None


def method_of(grid: Grid) -> Method | None:
    """Return the method that the run is analysed by, or the one that most columns name."""
    if grid.run.method is not None:
        return grid.run.method
    codes = [str(kept["method"]) for kept in grid.columns if kept["method"]]
    if not codes:
        return None
    first = max(dict.fromkeys(codes), key=codes.count)
    return Method.objects.filter(laboratory=grid.run.laboratory_id, code__iexact=first).first()


def conventions_of(profile: Profile | None) -> Conventions:
    """Return what a profile says of cells; without one, what cells plainly say."""
    return Conventions.from_dict(profile.conventions) if profile is not None else Conventions()


def in_order(items: Iterable[RunItem]) -> list[RunItem]:
    """Return items in the order of the rack; those without a place in it last."""
    return sorted(items, key=lambda one: (one.position is None, one.position or 0, one.label, one.occurrence))


def hides_kinds(run: Run) -> bool:
    """Return whether people at the bench work with codes: a run built here, until its results are in."""
    return run.built_by_id is not None and run.state in {RunState.PLANNED, RunState.OPEN}


def state_of(user: User, grid: Grid) -> State:
    """Return all of a grid as the person may see it, every cell looked at."""
    return _state(grid, items_for(user, grid.run))


def whole_state(grid: Grid) -> State:
    """Return all of a grid, whoever asks: what is submitted is all that was typed."""
    return _state(grid, RunItem.objects.filter(run=grid.run).select_related("sample", "material"))


def _state(grid: Grid, found: QuerySet[RunItem]) -> State:
    profile = profile_of(grid.run, method_of(grid))
    columns = columns_of(grid)
    items = in_order(found)
    known = {item.pk for item in items}
    kept = [one for one in _cells(grid) if one.item_id in known]
    notes = notes_of(columns, kept, profile)
    hidden = hides_kinds(grid.run)
    rows = [Line(item, None if hidden else item.kind, notes.get(item.pk, ())) for item in items]
    return State(grid, profile, columns, rows, looked(columns, kept, profile))


def _cells(grid: Grid) -> QuerySet[GridCell]:
    return GridCell.objects.filter(grid=grid).select_related("changed_by").order_by("item", "column")


def looked(columns: Sequence[TypedColumn], cells: Sequence[GridCell], profile: Profile | None) -> list[Cell]:
    """Return cells with how each was read."""
    said = looks_of(columns, [((one.item_id, one.column), one.raw) for one in cells], conventions_of(profile))
    return [Cell(one, said[one.item_id, one.column]) for one in cells]


def notes_of(
    columns: Sequence[TypedColumn], cells: Iterable[GridCell], profile: Profile | None
) -> dict[UUID, list[Note]]:
    """Return what makes no sense in the rows of these cells, by item; a row needs all of its cells here."""
    rows: dict[UUID, dict[int, str]] = defaultdict(dict)
    for one in cells:
        if one.raw:
            rows[one.item_id][one.column] = one.raw
    return row_notes(columns, rows, conventions_of(profile)) if rows else {}


def changed_since(user: User, grid: Grid, version: int) -> tuple[list[Cell], dict[UUID, list[Note]]]:
    """Return the cells that somebody changed after `version`, and what to look at in their rows."""
    if grid.version <= version:
        return [], {}
    profile, columns = profile_of(grid.run, method_of(grid)), columns_of(grid)
    seen = items_for(user, grid.run).values("pk")
    cells = list(_cells(grid).filter(version__gt=version, item__in=seen))
    touched = {one.item_id for one in cells}
    notes = notes_of(columns, _cells(grid).filter(item__in=touched), profile) if touched else {}
    return looked(columns, cells, profile), {item: notes.get(item, []) for item in touched}
