"""What earlier samples held, as each person may know it, and what the run's page shows of it."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from assays.chemistry.normalisation import CI_CHONDRITE
from assays.quality.comparing.before import Range, compared
from assays.quality.comparing.panels import before_panel, pattern_panel, patterns_of
from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(tested, crm, blank):  # noqa: F811  # fixtures
    """Return a function that makes an evaluated run of samples with these values of Dy."""

    def make(number, *values, state="APPROVED", method="ME-MS81"):
        run = tested.run(number)
        rows = [("RM 20", crm, {"Dy": "20"}), ("Limestone", blank, {"Dy": "<0.05"})]
        rows += [(f"{number}-{at}", tested.sample(), {"Dy": value}) for at, value in enumerate(values, 1)]
        tested.report(run, rows, state=state, method=method)
        tested.evaluate(run)
        return run

    return make


def test_a_run_is_compared_with_approved_ones(bench, runs):  # noqa: F811  # a fixture
    runs("A", "10", "30", "<0.05")
    runs("B", "20")
    runs("C", "500", state="REPORTED")
    run = runs("D", "15", "31", "9.9", "<0.05", state="REPORTED")
    found = compared(bench.reviewer, run, ["Dy"])
    (row,) = found.rows
    assert (row.analyte, row.oxide, row.basis) == ("Dy", "", "total-fusion")
    assert row.here == Range(3, Decimal("9.9"), Decimal(15), Decimal(31))
    assert row.before == Range(3, Decimal(10), Decimal(20), Decimal(30))
    assert row.outside == ("D-2", "D-3")


def test_a_laboratory_is_told_of_the_owner_and_the_owner_of_the_mine(bench, runs):  # noqa: F811  # a fixture
    runs("A", "10")
    run = runs("B", "12")
    assert compared(bench.reviewer, run, ["Dy"]).of_mine is False
    assert compared(bench.ground.manager, run, ["Dy"]).of_mine is True


def test_what_one_may_not_see_does_not_count(bench, runs):  # noqa: F811  # a fixture
    runs("A", "10")
    run = runs("B", "12")
    assert compared(bench.people("manager", "midwest"), run, ["Dy"]).rows == []


def test_another_basis_is_another_thing(bench, runs):  # noqa: F811  # a fixture
    bench.method("4A", basis="total-four-acid")
    runs("A", "10", method="4A")
    assert compared(bench.reviewer, runs("B", "12"), ["Dy"]).rows == []


def test_an_oxide_is_compared_in_its_own_form(bench, tested, runs, crm, blank):  # noqa: F811  # fixtures
    runs("A", "10")
    run = tested.run("B")
    rows = [("RM 20", crm, {"Dy2O3": "22.95"}), ("L", blank, {"Dy2O3": "<0.05"})]
    tested.report(run, [*rows, ("S", tested.sample(), {"Dy2O3": "11.4"})])
    (row,) = compared(bench.reviewer, run, ["Dy"]).rows
    assert (row.oxide, round(row.before.low_ppm, 3), row.outside) == ("Dy2O3", Decimal("11.477"), ("S",))


def test_queries_stay_the_same(bench, runs):  # noqa: F811  # a fixture
    runs("A", "10")
    one, three = runs("B", "12"), runs("C", "12", "13", "14")
    compared(bench.reviewer, one, ["Dy"])  # who the person is, is asked once
    counts = []
    for run in (one, three):
        with CaptureQueriesContext(connection) as queries:
            compared(bench.reviewer, run, ["Dy"])
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def request_of(user):
    made = RequestFactory().get("/")
    made.user = user
    return made


def test_the_page_shows_patterns_in_rack_order(bench, tested, crm):  # noqa: F811  # fixtures
    run = tested.run("A")
    values = {name: f"{10 * ppm:.4f}" for name, ppm in CI_CHONDRITE.items()}
    slip = values | {"Nd": "4570"}
    tested.report(run, [("RM", crm, values), ("S1", tested.sample(), slip), ("S2", tested.sample(), values)])
    assert [(one.label, bool(one.odd)) for one in patterns_of(bench.reviewer, run)] == [
        ("S1", True),
        ("S2", False),
    ]
    template, context = pattern_panel(request_of(bench.reviewer), run)
    assert (template, context["count"], context["odd"], context["faint"]) == (
        "quality/_pattern_panel.html",
        2,
        1,
        0,
    )
    assert 'class="pattern-odd"' in context["picture"]


def test_without_rare_earths_there_is_no_picture(bench, runs):  # noqa: F811  # a fixture
    assert pattern_panel(request_of(bench.reviewer), runs("A", "10")) is None


def test_nothing_is_shown_before_there_are_results(bench, tested):  # noqa: F811  # fixtures
    run = tested.run("A")
    assert pattern_panel(request_of(bench.reviewer), run) is None
    assert before_panel(request_of(bench.reviewer), run) is None


def test_the_run_page_says_both_and_never_the_mine(bench, runs, client):  # noqa: F811  # a fixture
    runs("A", "10", "30")
    run = runs("B", "31", state="REPORTED")
    client.force_login(bench.reviewer)
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "Beside earlier samples of the same owner" in page
    assert '<span class="tag">B-1</span>' in page
    assert bench.ground.mine.name not in page
