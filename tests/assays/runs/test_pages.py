"""The bench on screen: runs, one run on one page, and its review by a second person, bound to what was shown."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assays.runs import services
from assays.runs.models import Review, Run
from assays.runs.rules import signed_words
from lims.accounts.signing import TRIES, digest_of
from samples.registry import sample_services
from samples.registry import services as registry
from tests.samples.registry.conftest import COLLECTED
from tests.support.people import PASSWORD, organisation

pytestmark = pytest.mark.django_db
SIGNED = {"password": PASSWORD}


def url(name, *args):
    return reverse(f"runs:{name}", args=args)


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def reviewer(signed_in, bench, person):
    return signed_in(person("reviewer", "nfc", password=PASSWORD))


@pytest.fixture
def technician(signed_in, bench):
    return signed_in(bench.technician)


def test_each_role_lands_where_its_work_is(reviewer, technician):
    assert reviewer.get("/").url == url("review_queue")
    assert technician.get("/").url == url("runs")


def test_the_bench_tells_of_each_run_what_it_waits_for(technician, good_run, tested):
    run = good_run()
    method = tested.method("ME-ICP06", lod="")
    third = tested.sample()
    services.request_analysis(
        actor=tested.ground.manager, batch=tested.ground.batch, method=method, samples=tested.samples
    )
    text = text_of(technician.get(url("runs")))
    for words in (run.number, "Waiting for review", "a reviewer", tested.ground.batch.code, "Passed"):
        assert words in text
    assert text.count("2 of 3 received") == 2  # of the run, and of what was asked for
    assert third.tag.code not in text


def test_the_bench_is_narrowed_by_state_and_takes_any_word_for_one(technician, good_run):
    good_run("HY1")
    good_run("HY2", state="APPROVED")
    rows = {
        state: [row["run"].number for row in technician.get(url("runs"), {"state": state}).context["rows"]]
        for state in ("", "REPORTED", "APPROVED", "OPEN", "\x00", "x")
    }
    both = ["HY2", "HY1"]
    assert rows == {"": both, "REPORTED": ["HY1"], "APPROVED": ["HY2"], "OPEN": [], "\x00": both, "x": both}
    assert technician.get(url("runs"), {"cursor": "nonsense"}).status_code == 422


def test_one_run_stands_on_one_page(reviewer, good_run, tested):
    run = good_run(rm="24")
    text = text_of(reviewer.get(url("run", run.pk)))
    for words in (
        "RM 20 read 24 ppm, certified 20 ± 1 (z = +4.00, 1-3s)",
        "28.40",  # as it was reported
        "&lt; 0.05",
        "Withheld: RM 20 read 24 ppm",
        "1 for 2 samples (50.0 %)",
        "Technician of NFC",
        "version 1",
    ):
        assert words in text
    assert "Pangwa" not in text  # a laboratory does not know the mine
    assert "November 2026" not in text


def test_the_page_shows_what_decides_first_and_all_on_demand(reviewer, good_run):
    run = good_run()
    few = reviewer.get(url("run", run.pk)).content.decode()
    all_of_it = reviewer.get(url("run", run.pk), {"analytes": "all", "row": "nonsense"}).content.decode()
    assert "<strong>Dy</strong>" in few
    assert ("Dy, ppm" in few, "Tb, ppm" in few) == (True, False)
    assert ("Dy, ppm" in all_of_it, "Tb, ppm" in all_of_it) == (True, True)
    assert ("“NSS” in row 4" in few, "“NSS” in row 4" in all_of_it) == (False, True)
    for row in ("-1", "999999", "9" * 40, "²"):
        assert "28.40" in reviewer.get(url("run", run.pk), {"row": row}).content.decode()


def test_what_is_at_risk_may_stand_first(reviewer, good_run):
    good_run("HY26000001")
    good_run("HY26000002", rm="26")  # six standard deviations above its certified value
    good_run("HY26000003")
    numbers = [
        [row["run"].number for row in reviewer.get(url("review_queue"), {"sort": sort}).context["rows"]]
        for sort in ("", "risk", "nonsense")
    ]
    oldest = ["HY26000001", "HY26000002", "HY26000003"]
    assert numbers == [oldest, ["HY26000002", "HY26000001", "HY26000003"], oldest]


def test_a_second_person_approves_and_the_queue_is_empty(reviewer, good_run, tested):
    run = good_run()
    assert run.number in text_of(reviewer.get(url("review_queue")))
    answer = reviewer.post(
        url("approve", run.pk), SIGNED | {"version": run.version, "note": "Totals looked at."}
    )
    assert (answer.status_code, answer.url) == (302, url("review_queue"))
    run.refresh_from_db()
    assert run.state == "APPROVED"
    assert (Review.objects.get().reviewer, Review.objects.get().reason) == (
        tested.reviewer,
        "Totals looked at.",
    )
    assert "Nothing waits for a review" in text_of(reviewer.get(url("review_queue")))
    text = text_of(reviewer.get(url("run", run.pk)))
    assert "Totals looked at." in text
    assert url("approve", run.pk) not in text
    assert url("send_back", run.pk) in text


def test_a_review_is_bound_to_what_was_shown(reviewer, good_run, tested, crm, blank):
    run = good_run()
    shown = reviewer.get(url("run", run.pk)).context["approve"].initial["version"]
    tested.report(run, [("RM 20", crm, {"Dy": "26"})], state="REPORTED")
    answer = reviewer.post(url("approve", run.pk), SIGNED | {"version": shown, "note": "my thoughts"})
    assert answer.status_code == 409
    text = text_of(answer)
    assert "These results changed while you read them" in text
    assert "Technician of NFC brought in another certificate" in text
    assert "my thoughts" in text
    run.refresh_from_db()
    assert (run.state, Review.objects.count()) == ("REPORTED", 0)
    assert run.version != shown
    assert f'value="{run.version}"' in text
    assert reviewer.post(url("approve", run.pk), SIGNED | {"version": run.version}).status_code == 302


def test_a_review_is_signed_with_the_password_and_the_signature_is_of_what_was_read(
    reviewer, good_run, tested
):
    run = good_run()
    refused = reviewer.post(url("approve", run.pk), {"version": run.version, "note": "Seen."})
    assert (refused.status_code, Review.objects.count()) == (422, 0)
    refused = reviewer.post(
        url("approve", run.pk), {"version": run.version, "note": "Seen.", "password": "x"}
    )
    assert (refused.status_code, Review.objects.count()) == (422, 0)
    assert "This is not your password" in text_of(refused)
    assert "Seen." in text_of(refused)
    assert PASSWORD not in text_of(refused)
    assert (
        reviewer.post(url("approve", run.pk), SIGNED | {"version": run.version, "note": "Seen."}).status_code
        == 302
    )
    review = Review.objects.get()
    words = signed_words(run.pk, run.version, "APPROVED", "Seen.")
    assert review.signature == digest_of(str(tested.reviewer.pk), words)
    assert "signed with the password" in text_of(reviewer.get(url("run", run.pk)))


def test_who_guesses_waits_even_with_the_right_password(reviewer, good_run):
    run = good_run()
    for _ in range(TRIES):
        assert (
            reviewer.post(url("approve", run.pk), {"version": run.version, "password": "x"}).status_code
            == 422
        )
    locked = reviewer.post(url("approve", run.pk), SIGNED | {"version": run.version})
    assert "Too many wrong passwords" in text_of(locked)
    assert not Review.objects.exists()


def test_who_has_no_password_cannot_sign(signed_in, good_run, person):
    run = good_run()
    answer = signed_in(person("reviewer", "nfc", nick="second")).post(
        url("approve", run.pk), SIGNED | {"version": run.version}
    )
    assert "You have no password to sign with" in text_of(answer)


def test_nobody_reviews_what_they_brought_in(signed_in, good_run, tested, person):
    person("reviewer", "nfc", nick="technician")  # the technician reviews, too
    both = signed_in(type(tested.technician).objects.get(pk=tested.technician.pk))
    run = good_run()
    text = text_of(both.get(url("run", run.pk)))
    assert "You brought these results in yourself" in text
    assert url("approve", run.pk) not in text
    assert "yourself: another person reviews it" in text_of(both.get(url("review_queue")))
    answer = both.post(url("approve", run.pk), SIGNED | {"version": run.version})
    assert answer.status_code == 403
    run.refresh_from_db()
    assert (run.state, Review.objects.count()) == ("REPORTED", 0)


def test_results_go_back_with_a_reason_and_not_without(reviewer, good_run):
    run = good_run(state="APPROVED")
    empty = reviewer.post(url("send_back", run.pk), SIGNED | {"version": run.version, "reason": " "})
    assert empty.status_code == 422
    assert "What is wrong" in text_of(empty)
    typed = SIGNED | {"version": run.version, "reason": "Row 7 is a thousand times too high."}
    assert reviewer.post(url("send_back", run.pk), typed).url == url("run", run.pk)
    run.refresh_from_db()
    assert run.state == "RETURNED"
    text = text_of(reviewer.get(url("run", run.pk)))
    assert "Row 7 is a thousand times too high." in text
    assert "the next certificate of this job opens it" in text
    again = reviewer.post(url("send_back", run.pk), typed)
    assert (again.status_code, "Row 7" in text_of(again)) == (409, True)


def test_only_reviewers_of_the_laboratory_review(technician, signed_in, good_run, person):
    run = good_run()
    assert 'id="review"' not in technician.get(url("run", run.pk)).content.decode()
    given = SIGNED | {"version": run.version, "reason": "x"}
    for act in ("approve", "send_back"):
        assert technician.post(url(act, run.pk), given).status_code == 403
    owner = signed_in(person("manager", "irel"))
    assert owner.get(url("run", run.pk)).status_code == 200
    assert owner.post(url("approve", run.pk), given).status_code == 403
    stranger = signed_in(person("manager", "midwest"))
    assert stranger.get(url("run", run.pk)).status_code == 404
    assert Run.objects.get().state == "REPORTED"


def test_an_owner_reads_of_a_run_what_is_theirs(signed_in, good_run, tested, person):
    other = person("manager", "midwest")
    place = {"latitude": tested.ground.mine.latitude, "longitude": tested.ground.mine.longitude}
    mine = registry.add_mine(
        actor=other,
        owner=organisation("midwest"),
        code="Q-1",
        name="Quiet Hill",
        controlling_body="x",
        deposit_type="y",
        **place,
    )
    batch = registry.open_batch(actor=other, mine=mine, material_type="HARD_ROCK", campaign="c")
    registry.start_tags(actor=other, owner=batch.owner, prefix="QM")
    tag = registry.issue_tags(actor=other, owner=batch.owner, count=1)[0]
    theirs = sample_services.register_sample(
        actor=other, batch=batch, tag_code=tag.code, mass_g=Decimal(1000), collected_at=COLLECTED
    )
    run = good_run()
    run_rows = [(theirs.tag.code, theirs, {"Dy": "77.70"})]
    tested.report(run, run_rows, purpose="QC", state="REPORTED")
    tested.evaluate(run)
    mine_only = text_of(signed_in(tested.ground.manager).get(url("run", run.pk)))
    assert ("28.40" in mine_only, "77.70" in mine_only) == (True, False)
    assert batch.code not in mine_only
    theirs_only = text_of(signed_in(other).get(url("run", run.pk)))
    assert ("28.40" in theirs_only, "77.70" in theirs_only) == (False, True)


def test_the_bench_asks_the_database_as_often_for_three_runs_as_for_one(technician, reviewer, good_run):
    def asked(client, address):
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    first = good_run("HY1")
    there = [(technician, url("runs")), (reviewer, url("review_queue")), (reviewer, url("run", first.pk))]
    before = [asked(*one) for one in there]
    good_run("HY2")
    good_run("HY3", rm="29")
    assert [asked(*one) for one in there] == before
