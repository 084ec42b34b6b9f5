"""What the bench draws: the rack as a strip, verdicts of many runs in words, results digit for digit."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assays.quality.gate import Gate
from assays.quality.queries import run_qc
from assays.quality.rack import strips
from assays.quality.results import PAGE, chosen, columns_of, items_in_order, table
from assays.quality.services import propose_override, second_override
from assays.quality.summary import summaries
from tests.assays.runs.conftest import good_run, tested  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db


def strip_of(bench, run):
    items = list(items_in_order(bench.reviewer, run))
    return strips(run, run_qc(run), items, Gate([run]))


def test_a_strip_shows_the_rack_as_it_stood(bench, tested, crm, blank):  # noqa: F811  # a fixture
    samples = [tested.sample() for _ in range(3)]
    run = bench.run()
    rows = [
        ("RM 20", crm, {"Dy": "20"}),
        ("Limestone", blank, {"Dy": "<0.05"}),
        (samples[0].tag.code, samples[0], {"Dy": "28"}),
        ("RM 20 b", crm, {"Dy": "24"}),
        (samples[1].tag.code, samples[1], {"Dy": "28"}),
        ("RM 20 c", crm, {"Dy": "20"}),
        (samples[2].tag.code, samples[2], {"Dy": "28"}),
    ]
    bench.report(run, rows)
    bench.report(run, [("RM extra", crm, {"Dy": "20"})], purpose="QC")
    bench.evaluate(run)
    (strip,) = strip_of(bench, run)
    assert [cell.sign for cell in strip.cells] == ["R", "B", "", "R", "", "R", ""]
    looks = ["pass", "pass", "withheld", "fail", "withheld", "pass", "sample"]
    assert [cell.look for cell in strip.cells] == [f"rack-{look}" for look in looks]
    assert "place 4: failed" in strip.cells[3].words
    assert strip.cells[2].words.endswith("place 3: withheld")
    assert [(cell.sign, cell.look) for cell in strip.beside] == [("R", "rack-pass")]


def test_nothing_is_drawn_without_a_criterion(bench, tested, crm):  # noqa: F811  # a fixture
    sample, run = tested.sample(), bench.run()
    bench.report(run, [("RM 20", crm, {"Dy": "20"}), (sample.tag.code, sample, {"Dy": "28"})])
    bench.evaluate(run, {})
    assert strip_of(bench, run) == []


def test_many_runs_are_summed_up_with_three_queries(bench, good_run):  # noqa: F811  # a fixture
    fine, bad, settled, waits = good_run("A"), good_run("B", rm="24"), good_run("C", rm="24"), bench.run("D")
    made = propose_override(actor=bench.reviewer, run=settled, analyte="Dy", reason="x")
    propose_override(actor=bench.reviewer, run=bad, analyte="", reason="x")
    second_override(actor=bench.manager, override=made, reason="y")
    runs = [fine, bad, settled, waits]
    with CaptureQueriesContext(connection) as caught:
        found = summaries(runs)
    assert len(caught) == 3
    assert waits.pk not in found
    seen = {
        run.number: (one.label, one.tone, one.words, one.withheld, one.proposed)
        for run in runs[:3]
        if (one := found[run.pk])
    }
    assert seen == {
        "A": ("Passed", "good", "", "", False),
        "B": ("Failed", "bad", "Dy", "Dy", True),
        "C": ("Overridden", "warn", "Dy", "", False),
    }


def test_a_summary_of_results_that_changed_says_nothing(bench, good_run, crm):  # noqa: F811  # a fixture
    run = good_run()
    bench.report(run, [("RM 20", crm, {"Dy": "25"})])
    assert summaries([run]) == {}


def test_every_cell_says_what_was_read_and_where(bench, tested, crm, blank):  # noqa: F811  # a fixture
    one, two = tested.sample(), tested.sample()
    run = bench.run()
    bench.report(
        run,
        [
            (one.tag.code, one, {"Dy": "28.40", "Tb": ">100", "Dy2O3": "32.6"}),
            (two.tag.code, two, {"Dy": "<0.05", "Tb": "NSS"}),
            ("RM 20", crm, {"Dy": "20.0"}),
            ("Limestone", blank, {"Dy": "<0.05"}),
        ],
    )
    bench.evaluate(run)
    columns = columns_of(run)
    assert [(one.name, one.method, one.unit) for one in columns] == [
        ("Dy", "ME-MS81", "ppm"),
        ("Tb", "ME-MS81", "ppm"),
        ("Dy₂O₃", "ME-MS81", "ppm"),
    ]
    items = list(items_in_order(bench.reviewer, run))
    found = table(run, items, columns, len(columns), Gate([run]))
    looks = [[(cell.look, cell.text, cell.limit) for cell in row.cells] for row in found.rows]
    nothing = ("none", "", None)
    assert looks == [
        [("value", "28.40", None), ("above", "100", Decimal(100)), ("value", "32.6", None)],
        [("below", "0.05", Decimal("0.05")), ("missing", "", None), nothing],
        [("value", "20.0", None), nothing, nothing],
        [("below", "0.05", Decimal("0.05")), nothing, nothing],
    ]
    words = found.rows[0].cells[0].words
    assert words == "Dy by ME-MS81: “28.40” in row 1 of HY26000001"
    # Tb has no QC at all: withheld, and the cell says why; QC items themselves are never withheld.
    assert found.rows[0].cells[1].withheld
    assert "Withheld: no reference material" in found.rows[0].cells[1].words
    assert not any(cell.withheld for row in found.rows[2:] for cell in row.cells)


def test_the_table_comes_in_pages(bench, tested, crm):  # noqa: F811  # a fixture
    run = bench.run()
    bench.report(run, [(f"RM {n}", crm, {"Dy": "20"}) for n in range(PAGE + 3)])
    items, columns = list(items_in_order(bench.reviewer, run)), columns_of(run)

    def page(start):
        found = table(run, items, columns, len(columns), Gate([run]), start=start)
        return found.start, found.end, found.before, found.after

    assert page(0) == (0, PAGE, None, PAGE)
    assert page(PAGE) == (PAGE, PAGE + 3, 0, None)
    assert page(-5) == page(10**6) == page(0)


def test_columns_to_look_at_first(bench, good_run):  # noqa: F811  # a fixture
    columns = columns_of(good_run())
    assert [one.analyte for one in chosen(columns, ["Dy"])] == ["Dy"]
    assert [one.analyte for one in chosen(columns, [])] == ["Dy", "Tb"]
    assert [one.analyte for one in chosen(columns, ["La"])] == ["Dy", "Tb"]
