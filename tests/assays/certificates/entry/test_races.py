"""Two people at the same run at the same moment: nothing is overwritten, nothing is lost, one certificate."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from assays.certificates.entry.services import discard_grid
from assays.certificates.models import Certificate, Determination, Grid, GridCell
from lims.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Call all of these at the same moment, each over a connection of its own; return results or problem codes."""
    gate = Barrier(len(calls))

    def one(call):
        gate.wait()
        try:
            return call()
        except DomainError as error:
            return error.problems[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_two_who_begin_at_once_share_one_grid(typing):
    made = typing(1)
    assert len({grid.pk for grid in at_once(made.begun, made.begun, made.begun)}) == 1
    assert Grid.objects.count() == 1


def test_of_two_texts_for_one_cell_one_is_kept_and_the_other_comes_back(typing):
    made = typing(2)
    grid = made.begun()
    for round_ in range(5):
        known = GridCell.objects.filter(item=made.items[1], column=0)
        seen = max(known.values_list("version", flat=True), default=0)
        mine, theirs = at_once(
            lambda round_=round_, seen=seen: made.type(grid, f"2 1 1{round_}", "2 2 5", seen=seen),
            lambda round_=round_, seen=seen: made.type(
                grid, f"2 1 2{round_}", "3 1 6", actor=made.other, seen=seen
            ),
        )
        first, second = sorted((mine, theirs), key=lambda saved: len(saved.clashes))
        (clash,) = second.clashes
        assert (first.clashes, {clash.yours, clash.theirs}) == ([], {f"1{round_}", f"2{round_}"})
        texts = made.texts(grid)
        assert texts["R-7-02", 1] == clash.theirs
        assert (texts["R-7-02", 2], texts["R-7-03", 1]) == ("5", "6")


def test_two_who_type_in_different_cells_keep_all_of_them(typing):
    made = typing(4)
    grid = made.begun()
    at_once(
        *[
            lambda row=row, actor=actor: made.type(grid, f"{row} 1 {row}", f"{row} 2 {row}", actor=actor)
            for row, actor in ((2, made.technician), (3, made.other), (4, made.technician), (5, made.other))
        ]
    )
    assert made.texts(grid) == {(f"R-7-0{row}", at): str(row) for row in range(2, 6) for at in (1, 2)}
    assert sorted(GridCell.objects.values_list("version", flat=True)) == [1, 1, 2, 2, 3, 3, 4, 4]


def test_results_are_submitted_once(typing):
    made = typing(2)
    grid = made.begun()
    made.type(grid, "2 1 28.4", "3 1 5")
    answers = at_once(*[lambda: made.submit(grid)] * 3)
    assert answers.count("grid-closed") == 2
    assert (Certificate.objects.count(), Determination.objects.count()) == (1, 2)


def test_a_save_and_a_submission_at_once_never_lose_a_cell(typing):
    made = typing(1)
    for round_ in range(4):
        grid = made.begun()
        made.type(grid, f"2 1 {round_ + 1}", seen=1)
        saved, submitted = at_once(
            lambda grid=grid, round_=round_: made.type(grid, f"2 2 {round_ + 5}", actor=made.other, seen=1),
            lambda grid=grid: made.submit(grid),
        )
        in_record = Determination.objects.filter(raw=str(round_ + 5)).exists()
        kept = saved != "grid-closed"
        # Either it was in time, or whoever typed is told that the grid is closed, or the submission has to look again.
        assert (kept, in_record, submitted == "grid-changed") in {
            (False, False, False),
            (True, True, False),
            (True, False, True),
        }
        if submitted == "grid-changed":
            made.submit(grid)


def test_a_submission_and_putting_away_at_once_agree(typing):
    made = typing(1)
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    answers = at_once(lambda: made.submit(grid), lambda: discard_grid(actor=made.other, grid=grid))
    assert answers.count("grid-closed") == 1
    kept = Grid.objects.get()
    assert (kept.upload is None) != (kept.discarded_at is None)
