"""A reviewer asks for an item to be analysed again: named, once, and without touching the results that are there."""

import pytest
from django.urls import reverse

from assays.runs.models import Retest
from assays.runs.retests import ask_retest, retests_of
from lims.errors import Conflict, DomainError, NotPermitted

pytestmark = pytest.mark.django_db


def url(run):
    return reverse("runs:retest", args=[run.pk])


@pytest.fixture
def run(good_run):
    return good_run()


def item(run, label="RM 20"):
    return run.items.get(label=label)


def asked(tested, run, **changed):
    given = {"analyte": "Dy", "reason": "Drift at the end of the rack"} | changed
    given.setdefault("item", None)
    return ask_retest(actor=tested.reviewer, run=run, **given | {"item": given["item"] or item(run)})


def codes(caught):
    return [problem.code for problem in caught.value.problems]


def test_a_retest_is_asked_for_once_for_each_element(tested, run):
    before = list(run.items.values_list("determinations__raw", flat=True))
    made = asked(tested, run)
    assert (made.item, made.analyte, made.asked_by, made.done_in) == (item(run), "Dy", tested.reviewer, None)
    with pytest.raises(Conflict) as refused:
        asked(tested, run)
    assert codes(refused) == ["retest-asked-once"]
    asked(tested, run, analyte="")
    assert Retest.objects.count() == 2
    run.refresh_from_db()
    assert (run.state, list(run.items.values_list("determinations__raw", flat=True))) == ("REPORTED", before)


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"analyte": "Au"}, "analyte-not-reported"), ({"reason": "  "}, "field-required")],
)
def test_what_makes_no_sense_is_refused(tested, run, changed, code):
    with pytest.raises(DomainError) as refused:
        asked(tested, run, **changed)
    assert codes(refused) == [code]
    assert not Retest.objects.exists()


def test_an_item_of_another_run_and_a_run_without_results_are_refused(tested, run, good_run):
    other = good_run("HY26000002")
    with pytest.raises(DomainError) as refused:
        asked(tested, run, item=item(other))
    assert codes(refused) == ["item-elsewhere"]
    with pytest.raises(Conflict) as refused:
        asked(tested, tested.run("HY26000003"), item=item(other))
    assert codes(refused) == ["run-without-results"]


def test_only_reviewers_of_the_laboratory_ask(tested, run, person):
    for who in (tested.technician, person("manager", "irel"), person("reviewer", "midwest")):
        with pytest.raises(NotPermitted):
            ask_retest(actor=who, run=run, item=item(run), reason="x")


def test_on_the_page(tested, run, signed_in):
    client = signed_in(tested.reviewer)
    typed = {"item": "rm 20", "analyte": "Dy", "reason": "Drift"}
    answer = client.post(url(run), typed)
    assert (answer.status_code, answer.url) == (302, reverse("runs:run", args=[run.pk]))
    text = client.get(answer.url).content.decode()
    assert "Drift" in text
    unknown = client.post(url(run), typed | {"item": "nobody"})
    assert (unknown.status_code, "No item of this run is called “nobody”." in unknown.content.decode()) == (
        404,
        True,
    )
    assert client.post(url(run), typed | {"reason": ""}).status_code == 422


def test_an_owner_reads_of_retests_what_is_theirs(tested, run, signed_in, person):
    sample = run.items.filter(kind="SAMPLE").first()
    asked(tested, run, item=sample, analyte="")
    assert [one.item for one in retests_of(person("manager", "irel"), run)] == [sample]
    assert list(retests_of(person("manager", "midwest"), run)) == []


def test_over_the_api(tested, run, signed_in):
    client, address = signed_in(tested.reviewer), f"/api/v1/runs/{run.pk}/"
    made = client.post(
        f"{address}retest/", {"item": "RM 20", "reason": "Drift"}, content_type="application/json"
    )
    assert (made.status_code, made.json()["item"], made.json()["analyte"]) == (201, "RM 20", "")
    assert [one["reason"] for one in client.get(f"{address}retests/").json()] == ["Drift"]
    again = client.post(
        f"{address}retest/", {"item": "RM 20", "reason": "x"}, content_type="application/json"
    )
    assert (again.status_code, again.json()["code"]) == (409, "retest-asked-once")
