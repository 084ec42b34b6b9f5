"""Overrides on the run's page: proposed by one person, decided by a second, for the results that stand."""

from uuid import uuid4

import pytest
from django.urls import reverse

from assays.quality import services
from assays.quality.models import QcOverride
from tests.assays.runs.conftest import good_run, tested  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"quality:{name}", args=args)


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def failed(good_run):  # noqa: F811  # a fixture
    return good_run(rm="24", state="APPROVED")


@pytest.fixture
def reviewer(signed_in, bench):
    return signed_in(bench.reviewer)


@pytest.fixture
def manager(signed_in, bench):
    return signed_in(bench.manager)


def page_of(run):
    return reverse("runs:run", args=[run.pk])


def proposed(reviewer, run, **changed):
    given = {"analyte": "Dy", "reason": "The bottle had been open for a year."}
    return reviewer.post(url("propose", run.pk), given | changed)


def test_two_persons_let_results_count(reviewer, manager, failed, bench):
    text = text_of(reviewer.get(page_of(failed)))
    for words in ("Dy withheld: the ways on", "Measure again", "rack-withheld", "rack-fail", "2 of 2"):
        assert words in text
    answer = proposed(reviewer, failed)
    assert answer.url == f"{page_of(failed)}#overrides"
    made = QcOverride.objects.get()
    assert (made.state, made.analyte, made.proposed_by) == ("PROPOSED", "Dy", bench.reviewer)
    own = text_of(reviewer.get(page_of(failed)))
    assert "You proposed it: a second person decides." in own
    assert url("second", made.pk) not in own
    assert "a second person for an override" in text_of(manager.get(reverse("runs:runs")))
    assert url("second", made.pk) in text_of(manager.get(page_of(failed)))
    assert manager.post(url("second", made.pk), {"reason": "Seen."}).status_code == 302
    after = text_of(manager.get(page_of(failed)))
    for words in ("Overridden by Reviewer of NFC and Manager of NFC", "Overridden", "Counts", "Seen."):
        assert words in after
    assert "is-withheld" not in after
    assert "Dy withheld" not in after


def test_the_one_who_proposed_is_no_second_person(reviewer, failed):
    proposed(reviewer, failed)
    made = QcOverride.objects.get()
    for act in ("second", "refuse"):
        answer = reviewer.post(url(act, made.pk), {"reason": "I am sure."})
        assert answer.status_code == 403
    made.refresh_from_db()
    assert made.state == "PROPOSED"


def test_what_is_refused_stays_withheld(reviewer, manager, failed):
    proposed(reviewer, failed)
    made = QcOverride.objects.get()
    empty = manager.post(url("refuse", made.pk), {"reason": ""})
    assert (empty.status_code, "Your reason" in text_of(empty)) == (422, True)
    assert manager.post(url("refuse", made.pk), {"reason": "Measure it again."}).status_code == 302
    text = text_of(manager.get(page_of(failed)))
    for words in ("Refused", "Measure it again.", "is-withheld", "Dy withheld: the ways on"):
        assert words in text


def test_without_a_reason_nothing_is_proposed(reviewer, failed):
    answer = proposed(reviewer, failed, reason=" ")
    assert answer.status_code == 422
    text = text_of(answer)
    assert '<option value="Dy" selected>' in text
    assert '<details class="propose" open>' in text
    assert QcOverride.objects.count() == 0


@pytest.mark.parametrize("analyte", ["Xx", "Dy\x00", "Dy2O3"])
def test_only_what_is_withheld_can_be_overridden(reviewer, failed, analyte):
    assert proposed(reviewer, failed, analyte=analyte).status_code == 422
    assert QcOverride.objects.count() == 0


def test_proposed_twice_is_told(reviewer, failed):
    proposed(reviewer, failed)
    again = proposed(reviewer, failed, reason="Once more, with other words.")
    assert again.status_code == 409
    assert "This override was proposed already." in text_of(again)
    assert "Once more, with other words." in text_of(again)


def test_an_override_of_everything_leaves_nothing_to_propose(reviewer, failed):
    proposed(reviewer, failed, analyte="")
    assert url("propose", failed.pk) not in text_of(reviewer.get(page_of(failed)))


def test_an_override_is_of_the_results_that_were_seen(reviewer, manager, failed, bench, crm):
    proposed(reviewer, failed)
    made = QcOverride.objects.get()
    bench.report(failed, [("RM 20", crm, {"Dy": "25"})], state="REPORTED")
    bench.evaluate(failed)
    answer = manager.post(url("second", made.pk), {"reason": "Seen."})
    assert answer.status_code == 409
    made.refresh_from_db()
    assert made.state == "PROPOSED"
    text = text_of(manager.get(page_of(failed)))
    assert "The results changed" in text
    assert url("second", made.pk) not in text


def test_only_the_laboratorys_reviewers_and_managers_override(signed_in, failed, bench, person):
    made = services.propose_override(actor=bench.reviewer, run=failed, analyte="Dy", reason="x")
    technician = signed_in(bench.technician)
    assert url("propose", failed.pk) not in text_of(technician.get(page_of(failed)))
    for name, thing in (("propose", failed), ("second", made), ("refuse", made)):
        assert technician.post(url(name, thing.pk), {"reason": "x"}).status_code == 403
    assert signed_in(bench.manager).post(url("second", uuid4()), {"reason": "x"}).status_code == 404
    assert signed_in(bench.manager).get(url("second", made.pk)).status_code == 405


def test_before_the_evaluation_everything_is_withheld(reviewer, bench, tested):  # noqa: F811  # a fixture
    sample, run = tested.sample(), bench.run()
    bench.report(run, [(sample.tag.code, sample, {"Dy": "28.4"})], state="REPORTED")
    text = text_of(reviewer.get(page_of(run)))
    for words in ("Not evaluated yet", "is-withheld", "QC of these results is not evaluated yet"):
        assert words in text
