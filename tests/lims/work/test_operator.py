"""What operators see of due work, and what they may do."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from lims.work import runner
from lims.work.models import Claim
from lims.work.queries import overview

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _broker_taken_for_down(monkeypatch):
    monkeypatch.setattr("lims.work.messages._quiet_until", float("inf"))


@pytest.fixture
def mixed(ask):
    """One key failed, two wait, one is held by a dead worker."""
    ask("test.fail", "broken")
    runner.look("test.fail", "broken")
    ask("test.mark", "a", "b")
    ask("test.slow", "0:held")
    Claim.objects.create(
        kind="test.mark",
        key="held",
        token="01a208d6-985d-7054-8e20-0ac97ca1a980",
        holder=1,
        lease_until="2099-01-01T00:00:00Z",
    )


def test_the_overview_tells_waiting_held_and_failed(mixed, django_assert_num_queries):
    with django_assert_num_queries(3):
        work = overview()
    assert {(w.kind, w.keys, w.queue) for w in work.waiting} == {
        ("test.mark", 2, "default"),
        ("test.slow", 1, "default"),
    }
    assert [(h.kind, h.key, h.stale) for h in work.held] == [("test.mark", "held", True)]
    assert [(f.kind, f.key, f.attempts, f.reason) for f in work.failed] == [
        ("test.fail", "broken", 1, "ValueError: the balance is not level")
    ]


def test_the_command_tells_and_tries_again(mixed):
    def said(*arguments: str) -> str:
        out = StringIO()
        call_command("work", *arguments, stdout=out)
        return out.getvalue()

    assert "test.fail broken  1×" in said()
    assert json.loads(said("--json"))["failed"][0]["key"] == "broken"
    assert said("retry", "test.fail", "broken") == "test.fail broken is due now.\n"
    assert said("retry", "--all-failed") == "0 due now.\n"
    for wrong in (["retry"], ["retry", "test.fail", "never"]):
        with pytest.raises(CommandError):
            call_command("work", *wrong)


def test_an_administrator_sees_and_tries_again_an_auditor_only_sees(mixed, person, signed_in):
    administrator, auditor = (
        signed_in(person("administrator", "mines")),
        signed_in(person("auditor", "mines")),
    )
    for client in (administrator, auditor):
        page = client.get("/work/")
        assert page.status_code == 200
        assert b"the balance is not level" in page.content
    body = {"kind": "test.fail", "key": "broken"}
    assert auditor.post("/work/retry/", body).status_code == 403
    before = Claim.objects.get(key="broken").retry_at
    assert administrator.post("/work/retry/", body).status_code == 302
    assert Claim.objects.get(key="broken").retry_at < before
    fragment = administrator.get("/work/", headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
