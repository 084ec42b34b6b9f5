"""The page of typed results, as a plain form and for the script; the panel on the run's page; the API."""

import json
import re

import pytest
from django.urls import reverse

from assays.certificates.models import Certificate, Grid
from assays.runs.models import Run
from lims.verbs import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(typing):
    return typing(2)


@pytest.fixture
def technician(client, made):
    client.force_login(made.technician)
    return client


def address(made, act="typed"):
    return reverse(f"entry:{act}", args=[made.run.pk])


def fields(page):
    """Return the names of the cells' fields with their values, and what the form says they were."""
    text = page.content.decode()
    found = dict(re.findall(r'name="(cell-[^"]+)" value="([^"]*)"', text))
    was = re.search(r'name="was" value="([^"]*)"', text)
    assert was is not None
    return found, was[1].replace("&quot;", '"')


def test_the_page_offers_to_begin_and_then_shows_the_grid(technician, made):
    assert b"Type results" in technician.get(address(made)).content
    answer = technician.post(address(made, "begin"), {"method": made.method.pk}, follow=True)
    assert answer.redirect_chain == [(address(made), 302)]
    found, was = fields(answer)
    assert (len(found), set(found.values()), was) == (9, {""}, "{}")


def test_without_a_method_nothing_begins(technician, made):
    answer = technician.post(address(made, "begin"), {})
    assert answer.status_code == 422
    assert not Grid.objects.exists()


def test_a_run_that_says_its_method_asks_for_none(technician, made):
    with acting(made.bench.system, verb_name="build"):
        Run.objects.filter(pk=made.run.pk).update(method=made.method)
    assert b'name="method"' not in technician.get(address(made)).content
    assert technician.post(address(made, "begin"), {}).status_code == 302


def test_a_reported_run_needs_no_method_to_be_corrected(technician, made):
    made.bench.report(made.run, [("R-7-02", made.items[1].sample, {"Dy": "28.4"})])
    assert b"Only what is reported already" in technician.get(address(made)).content
    found, _ = fields(technician.post(address(made, "begin"), {"method": ""}, follow=True))
    assert sorted(found.values()) == ["", "", "28.4"]


def test_the_plain_form_keeps_what_was_changed(technician, made):
    grid = made.begun()
    made.type(grid, "2 1 28.4", "3 1 what")
    found, was = fields(technician.get(address(made)))
    name = next(name for name, raw in found.items() if raw == "28.4")
    other = name.removesuffix("-0") + "-1"
    sent = found | {name: "28.5", other: " 5 ", "was": was, "from": "0"}
    answer = technician.post(address(made, "save"), sent, follow=True)
    assert b"Kept. Nothing counts before it is submitted." in answer.content
    assert made.texts(grid) == {("R-7-02", 1): "28.5", ("R-7-02", 2): "5", ("R-7-03", 1): "what"}
    assert b"is no number and no known word" in answer.content


def test_the_plain_form_shows_what_somebody_else_typed_meanwhile(technician, made):
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    found, was = fields(technician.get(address(made)))
    made.type(grid, "2 1 28.7", actor=made.other, seen=1)
    name = next(name for name, raw in found.items() if raw == "28.4")
    answer = technician.post(address(made, "save"), found | {name: "82.4", "was": was})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "you typed <strong>82.4</strong>; Second of NFC typed <strong>28.7</strong>" in text
    assert made.texts(grid)["R-7-02", 1] == "28.7"
    # What the page shows now can be kept knowingly.
    found, was = fields(answer)
    assert (found[name], json.loads(was)[name]) == ("82.4", [2, "28.7"])
    assert technician.post(address(made, "save"), found | {"was": was}).status_code == 302
    assert made.texts(grid)["R-7-02", 1] == "82.4"


@pytest.mark.parametrize(
    "sent",
    [
        {"was": "["},
        {"was": "[1]"},
        {"was": '{"cell-x-0": 5}'},
        {"cell-x-0": "5"},
        {"cell-01a20b99-05a5-7528-9615-93d4dfbe1356-99999": "5"},
        {"cell-01a20b99-05a5-7528-9615-93d4dfbe1356-0": "5"},
    ],
)
def test_a_form_that_was_not_made_here_is_refused(technician, made, sent):
    made.begun()
    assert technician.post(address(made, "save"), sent).status_code == 422


def test_submitting_leads_to_the_run(technician, made):
    grid = made.begun()
    made.type(grid, "2 1 28.4", "3 2 5")
    answer = technician.post(address(made, "submit"), {"version": 1}, follow=True)
    assert b"4 values of 2 items are in; a second person reviews them." in answer.content
    assert Certificate.objects.get().run == made.run
    assert b"Correct results" in answer.content


def test_what_keeps_it_from_being_submitted_is_said(technician, made):
    grid = made.begun()
    made.type(grid, "2 1 what")
    answer = technician.post(address(made, "submit"), {"version": 1})
    assert (answer.status_code, b"R-7-02, Dy: " in answer.content) == (422, True)
    made.type(grid, "2 1 5", seen=1)
    answer = technician.post(address(made, "submit"), {"version": 1})
    assert (answer.status_code, b"Somebody has typed in R-7 since you looked" in answer.content) == (
        409,
        True,
    )
    assert not Certificate.objects.exists()


def test_what_is_typed_can_be_put_away(technician, made):
    made.type(made.begun(), "2 1 28.4")
    answer = technician.post(address(made, "discard"), follow=True)
    assert b"nothing of it counts" in answer.content
    assert technician.post(address(made, "save"), {"was": "{}"}).status_code == 409


def test_the_runs_page_shows_how_far_it_is(technician, made):
    page = reverse("runs:run", args=[made.run.pk])
    assert b"No file from the instrument?" in technician.get(page).content
    made.type(made.begun(), "2 1 28.4", "3 1 5")
    content = technician.get(page).content
    assert b'<strong class="figure">2</strong> of 9 cells typed' in content
    assert b"Go on typing" in content


def test_a_reviewer_looks_and_an_owner_does_not(client, made):
    made.type(made.begun(), "2 1 28.4")
    client.force_login(made.bench.reviewer)
    page = client.get(address(made))
    assert (page.status_code, b"readonly" in page.content, b">Keep</button>" in page.content) == (
        200,
        True,
        False,
    )
    client.force_login(made.bench.ground.manager)
    assert client.get(address(made)).status_code == 403
    content = client.get(reverse("runs:run", args=[made.run.pk])).content
    assert b"Typed at the bench" not in content


def test_long_runs_stand_on_several_pages(technician, made, monkeypatch):
    monkeypatch.setattr("assays.certificates.entry.plain.MOST_ROWS", 2)
    grid = made.begun()
    assert len(fields(technician.get(address(made)))[0]) == 6
    found, was = fields(technician.get(address(made) + "?from=2"))
    sent = {next(iter(found)): "7", "was": was, "from": "2"}
    assert technician.post(address(made, "save"), sent).url == address(made) + "?from=2"
    assert made.texts(grid) == {("R-7-03", 1): "7"}


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_asks_the_database_a_fixed_number_of_times(
    typing, client, count, django_assert_max_num_queries
):
    made = typing(count)
    grid = made.begun()
    made.type(grid, *[f"{row} 1 {row}" for row in range(2, count + 2)])
    client.force_login(made.technician)
    client.get(address(made))
    with django_assert_max_num_queries(24):
        client.get(address(made))


def test_over_the_api_as_on_the_page(technician, made):
    made_answer = technician.post(
        "/api/v1/grids/",
        {"run": str(made.run.pk), "method": str(made.method.pk)},
        content_type="application/json",
    )
    assert made_answer.status_code == 201
    state = made_answer.json()
    assert [column["heading"] for column in state["columns"]] == ["Dy ppm", "Ho ppm", "Nd2O3 %"]
    assert (state["columns"][0]["lower"], state["columns"][0]["upper"]) == ("0.05", None)
    assert [row["label"] for row in state["rows"]] == ["R-7-01", "R-7-02", "R-7-03"]
    api = f"/api/v1/grids/{state['id']}/"
    cells = [{"item": state["rows"][1]["item"], "column": 0, "raw": "0.01", "seen": 0}]
    saved = technician.post(
        api + "cells/", {"cells": cells, "since": 0}, content_type="application/json"
    ).json()
    assert (saved["version"], saved["clashes"]) == (1, [])
    assert saved["cells"][0]["notes"][0]["code"] == "below-range"
    made.type(Grid.objects.get(), "2 1 7", actor=made.other, seen=1)
    saved = technician.post(
        api + "cells/",
        {"cells": [cells[0] | {"raw": "8", "seen": 1}], "since": 1},
        content_type="application/json",
    ).json()
    clash = saved["clashes"][0]
    assert (clash["yours"], clash["theirs"], clash["by"], clash["version"]) == ("8", "7", "Second of NFC", 2)
    assert [cell["raw"] for cell in technician.get(api + "changes/?since=1").json()["cells"]] == ["7"]
    assert technician.get(api + "changes/?since=x").status_code == 422
    certificate = technician.post(api + "submit/", {"version": 2}, content_type="application/json")
    assert (certificate.status_code, certificate.json()["layout"]) == (201, "typed-at-bench")
    assert technician.get(api).json()["state"] == "submitted"
    assert technician.post(api + "discard/").status_code == 409
