"""Typing results: columns by the method, cells that are kept, two people, what becomes of the draft."""

import pytest

from assays.certificates.entry.queries import changed_since, grid_for, grids_for, open_grid_of, state_of
from assays.certificates.entry.rules import MOST_CELLS, Typed
from assays.certificates.entry.services import discard_grid, open_grid, save_cells
from assays.certificates.models import Grid, GridCell
from assays.runs.models import Run, RunItem
from lims.errors import Conflict, Invalid, NotFound, NotPermitted
from lims.verbs import acting

pytestmark = pytest.mark.django_db


def test_columns_are_what_the_method_reports_with_its_limits(typing):
    made = typing()
    state = state_of(made.technician, made.begun())
    assert [(one.heading(), f"{one.lower:f}") for one in state.columns] == [
        ("Dy ppm ME-MS81", "0.05"),
        ("Ho ppm ME-MS81", "0.01"),
        ("Nd2O3 % ME-MS81", "0.01"),
    ]
    assert [line.item.label for line in state.rows] == ["R-7-01", "R-7-02", "R-7-03", "R-7-04"]
    assert (state.cells, state.filled, state.wrong) == ([], 0, 0)


def test_kinds_are_hidden_in_a_run_built_here_until_its_results_are_in(typing):
    made = typing()
    grid = made.begun()
    assert [line.kind for line in state_of(made.technician, grid).rows] == ["CRM", *["SAMPLE"] * 3]
    with acting(made.bench.system, verb_name="build"):
        Run.objects.filter(pk=made.run.pk).update(built_by=made.bench.manager, method=made.method)
    state = state_of(made.technician, grid_for(made.technician, grid.pk))
    assert [line.kind for line in state.rows] == [None] * 4


def test_whoever_begins_second_goes_on_with_the_first_ones(typing):
    made = typing()
    first = made.begun()
    assert made.begun() == open_grid(actor=made.other, run=made.run) == first
    assert open_grid_of(made.run) == first


def test_saved_cells_stand_with_who_typed_them(typing):
    made = typing()
    grid = made.begun()
    saved = made.type(grid, "2 1  28.4 ", "2 2 < 0.01", "3 1 NSS")
    assert (saved.clashes, saved.grid.version) == ([], 1)
    assert made.texts(grid) == {("R-7-02", 1): "28.4", ("R-7-02", 2): "< 0.01", ("R-7-03", 1): "NSS"}
    assert set(GridCell.objects.values_list("changed_by", "version")) == {(made.technician.pk, 1)}


def test_the_same_text_again_changes_nothing(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    again = made.type(grid, "2 1 28.4", actor=made.other)
    assert (again.clashes, again.grid.version) == ([], 1)


def test_another_ones_cell_is_not_overwritten_and_the_rest_is_kept(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    saved = made.type(grid, "2 1 82.4", "3 1 5", actor=made.other)
    (clash,) = saved.clashes
    assert (clash.item, clash.column, clash.yours, clash.theirs) == (made.items[1].pk, 0, "82.4", "28.4")
    assert (clash.by, clash.version) == ("Technician of NFC", 1)
    assert made.texts(grid) == {("R-7-02", 1): "28.4", ("R-7-03", 1): "5"}
    # Whoever has seen the other's text may replace it.
    assert made.type(grid, "2 1 82.4", actor=made.other, seen=clash.version).clashes == []
    assert made.texts(grid)["R-7-02", 1] == "82.4"


def test_an_emptied_cell_keeps_its_version(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    made.type(grid, "2 1 ", seen=1)
    assert made.texts(grid) == {("R-7-02", 1): ""}
    assert len(made.type(grid, "2 1 30", actor=made.other, seen=1).clashes) == 1


def test_what_others_changed_is_told_by_version(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    made.type(grid, "3 1 5", "3 2 what", actor=made.other)
    grid.refresh_from_db()
    cells, notes = changed_since(made.technician, grid, 1)
    assert [(one.cell.item.label, one.cell.raw, one.look.mark) for one in cells] == [
        ("R-7-03", "5", ""),
        ("R-7-03", "what", "!"),
    ]
    assert notes == {made.items[2].pk: []}
    assert changed_since(made.technician, grid, 2) == ([], {})


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("9 1 5", "IndexError"),
        ("2 4 5", "cell-unknown"),
        ("2 1 " + "9" * 201, "cell-too-long"),
        ("2 1 5\x00", "cell-control"),
    ],
)
def test_cells_that_are_none_are_refused_and_nothing_is_kept(typing, cell, code):
    made = typing()
    grid = made.begun()
    if code == "IndexError":
        with acting(made.bench.system, verb_name="build"):
            other = Run.objects.create(number="R-8", laboratory=made.laboratory, kept_by=made.laboratory)
            kept = {"kind": "SAMPLE", "sample": made.items[1].sample}
            made.items += [None] * 4 + [RunItem.objects.create(run=other, label="R-8-01", **kept)]
        code = "cell-unknown"
    with pytest.raises(Invalid) as refused:
        made.type(grid, "2 2 7", cell)
    assert refused.value.problems[0].code == code
    assert made.texts(grid) == {}


def test_more_cells_than_one_save_takes_are_refused(typing):
    made = typing()
    cells = [Typed(made.items[1].pk, 0, "1")] * (MOST_CELLS + 1)
    with pytest.raises(Invalid) as refused:
        save_cells(actor=made.technician, grid=made.begun(), cells=cells)
    assert refused.value.problems[0].code == "cells-too-many"


def test_a_grid_that_was_put_away_takes_no_cells_and_another_may_begin(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    discard_grid(actor=made.other, grid=grid)
    for act in (
        lambda: made.type(grid, "2 1 5", seen=1),
        lambda: discard_grid(actor=made.technician, grid=grid),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.problems[0].code == "grid-closed"
    fresh = made.begun()
    assert (fresh != grid, made.texts(fresh)) == (True, {})


def test_a_run_is_typed_when_it_has_begun_and_has_items(typing):
    made = typing()
    with acting(made.bench.system, verb_name="build"):
        where = {"laboratory": made.laboratory, "kept_by": made.laboratory}
        empty = Run.objects.create(number="R-9", **where)
        built = {"state": "PLANNED", "method": made.method, "built_by": made.technician}
        planned = Run.objects.create(number="R-10", **where, **built)
    for run, code in ((planned, "run-not-begun"), (empty, "run-empty")):
        with pytest.raises(Conflict) as refused:
            open_grid(actor=made.technician, run=run, method=made.method)
        assert refused.value.problems[0].code == code


def test_the_method_is_said_and_reports_something(typing):
    made = typing()
    bare = made.bench.method("BARE", lod="")
    for method, code in ((None, "method-missing"), (bare, "method-reports-nothing")):
        with pytest.raises(Invalid) as refused:
            open_grid(actor=made.technician, run=made.run, method=method)
        assert refused.value.problems[0].code == code


def test_only_technicians_of_the_laboratory_type(typing, elsewhere):
    made = typing()
    grid = made.begun()
    for user in (made.bench.reviewer, made.bench.ground.manager, elsewhere):
        with pytest.raises(NotPermitted):
            made.type(grid, "2 1 5", actor=user)
        with pytest.raises(NotPermitted):
            open_grid(actor=user, run=made.run)
    assert made.texts(grid) == {}


def test_the_owner_and_other_laboratories_know_of_no_grid(typing, elsewhere):
    made = typing()
    grid = made.begun()
    assert list(grids_for(made.bench.reviewer)) == [grid]
    for user in (made.bench.ground.manager, elsewhere):
        assert list(grids_for(user)) == []
        with pytest.raises(NotFound):
            grid_for(user, grid.pk)
    assert Grid.objects.get() == grid
