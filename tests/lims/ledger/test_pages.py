"""The page of the record, the command, and the work behind both."""

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lims.accounts.models import Organisation
from lims.ledger import tasks
from lims.ledger.models import Entry, Seal, Verification
from lims.ledger.rules import SEAL, VERIFY
from lims.ledger.verify import verify
from lims.verbs import acting
from lims.work import runner
from lims.work.handlers import KINDS, PERIODIC
from lims.work.models import Claim, Request
from lims.work.services import request
from tests.lims.ledger.conftest import TESTER, add, as_tester, connected, rename, seal, wait_for_writers
from tests.lims.ledger.tamperings import quietly

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def auditor(person, signed_in):
    return signed_in(person("auditor", "irel"))


@pytest.fixture
def administrator(person, signed_in):
    return signed_in(person("administrator", "irel"))


def page(client: Any, **filters: str) -> Any:
    return client.get(reverse("ledger:record"), filters)


def test_the_record_shows_who_did_what_with_before_and_after(auditor):
    (company,) = add("KC")
    rename(company, "Kachin Clay")
    seal()
    answer = page(auditor, table="lims_organisation", op="U")
    assert answer.status_code == 200
    text = answer.content.decode()
    for words in (
        "Rename: organisation changed",
        "System, tests",
        "Company KC",
        "Kachin Clay",
        "Sealed to",
        "never verified",
    ):
        assert words in text
    assert "table=lims_organisation" not in answer.context["chips"][0]["remove_url"]
    assert [chip["label"] for chip in answer.context["chips"]] == [
        "Table: organisation",
        "What happened: Changed",
    ]


def test_only_those_who_may_read_the_record_do(person, signed_in, client):
    assert page(client).status_code == 302
    assert page(signed_in(person("manager", "irel"))).status_code == 403
    assert page(signed_in(person("administrator", "irel"))).status_code == 200


def test_pages_of_the_record_walk_back_by_keyset(auditor):
    with acting(TESTER, verb_name="add"):
        Organisation.objects.bulk_create(
            [Organisation(name=f"N{n}", code=f"C{n}", kind="CARRIER") for n in range(60)]
        )
    first = page(auditor, verb="add")
    assert len(first.context["changes"]) == 50
    second = page(auditor, verb="add", cursor=first.context["page"].next)
    assert len(second.context["changes"]) == 10
    ids = [change.id for answer in (first, second) for change in answer.context["changes"]]
    assert ids == sorted(ids, reverse=True)


def test_the_page_takes_as_many_queries_for_many_entries_as_for_one(auditor):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert page(auditor).status_code == 200
        return len(captured)

    add("KC")
    one = queries()
    for n in range(20):
        add(f"K{n}")
    assert queries() == one


@pytest.mark.parametrize(
    "filters",
    [{"since": "yesterday"}, {"table": "pg_user"}, {"op": "X"}, {"cursor": "!"}, {"row": "x" * 301}],
)
def test_filters_that_make_no_sense_are_answered_with_words(auditor, filters):
    assert page(auditor, **filters).status_code == 422


def test_days_are_whole_days_of_the_reader(auditor):
    """The reader's zone is Indian time, 5 h 30 min ahead of the database's."""
    add("KC")
    today = timezone.now().astimezone(ZoneInfo("Asia/Kolkata")).date()
    days = {
        name: (today + timedelta(days=n)).isoformat()
        for n, name in ((-1, "before"), (0, "today"), (1, "after"))
    }
    assert page(auditor, verb="add", since=days["today"], until=days["today"]).context["changes"]
    assert not page(auditor, verb="add", until=days["before"]).context["changes"]
    assert not page(auditor, verb="add", since=days["after"]).context["changes"]


def test_an_empty_answer_says_what_to_do(auditor):
    assert "No entry fits" in page(auditor, row="nothing").content.decode()


def test_text_of_users_stays_text(auditor):
    (company,) = add("KC")
    rename(company, "<script>alert(1)</script>")
    assert "<script>alert" not in page(auditor).content.decode()


def test_an_administrator_has_it_verified_by_a_worker(administrator):
    answer = administrator.post(reverse("ledger:verify"))
    assert answer.status_code == 302
    assert list(Request.objects.values_list("kind", "key")) == [(VERIFY, "all")]


def test_an_auditor_may_not(auditor):
    assert auditor.post(reverse("ledger:verify")).status_code == 403
    assert not Request.objects.exists()
    assert "Verify now" not in page(auditor).content.decode()


def work(kind: str, *, wait: bool = True) -> None:
    """Do the due work `kind` in this process, as a worker does."""
    if kind == SEAL and wait:
        wait_for_writers()
    with acting(TESTER, verb_name="ask"):
        request(kind, key="all")
    assert runner.look(kind, "all") == 1


def test_a_worker_seals_and_verifies_and_the_page_says_so(auditor):
    add("KC")
    work(SEAL)
    assert Seal.objects.get().count == Entry.objects.count()
    work(VERIFY)
    kept = Verification.objects.get()
    assert (kept.actor, kept.findings, kept.seals) == ("system:ledger.verify", [], 1)
    assert "chain verified" in page(auditor).content.decode()
    assert not Claim.objects.exists()


def test_a_worker_that_finds_something_says_it_on_the_page(auditor):
    add("KC")
    with connected("owner") as owner:
        for statement in quietly(
            "lims_organisation", "UPDATE lims_organisation SET name = 'Other' WHERE code = 'KC'"
        ):
            owner.execute(statement)
    work(VERIFY)
    assert Verification.objects.get().findings[0]["code"] == "row-altered"
    assert "was changed past the record: name." in page(auditor).content.decode()


def test_sealing_and_verifying_are_due_by_themselves():
    assert {item.kind: item.every_s for item in PERIODIC if item.kind in {SEAL, VERIFY}} == {
        SEAL: 5,
        VERIFY: 86_400,
    }
    assert {SEAL, VERIFY} <= set(KINDS)


def test_an_old_unsealed_entry_is_an_alarm(monkeypatch):
    add("KC")
    monkeypatch.setattr(tasks, "LAG_ALARM_S", 0)
    with connected("app") as long, structlog.testing.capture_logs() as logs:
        as_tester(long).autocommit = False
        long.execute("UPDATE lims_organisation SET name = 'Slow' WHERE code = 'KC'")
        add("KD")
        work(SEAL, wait=False)
        long.rollback()
    assert [(log["event"], log["log_level"]) for log in logs if log["event"] == "seal-lag"] == [
        ("seal-lag", "warning")
    ]


def test_the_command_says_that_the_record_is_whole(capsys):
    add("KC")
    seal()
    call_command("verify_ledger")
    assert capsys.readouterr().out.startswith("The record is whole: 1 entries, 1 seals in 1 eras, 1 rows of ")


def test_the_command_names_the_first_thing_and_all_of_them(capsys):
    add("KC", "KD")
    seal()
    with connected("owner") as owner:
        for statement in quietly("lims_organisation", "UPDATE lims_organisation SET name = name || '!'"):
            owner.execute(statement)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger")
    assert ended.value.code == 1
    out = capsys.readouterr().out
    assert out.count("row-altered") == 1
    assert "and 1 more: --all lists them" in out
    with pytest.raises(SystemExit):
        call_command("verify_ledger", "--all")
    assert capsys.readouterr().out.count("row-altered") == 2
    with pytest.raises(SystemExit):
        call_command("verify_ledger", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["findings_in_all"], len(answer["findings"])) == (False, 2, 1)
    assert answer["findings"][0]["columns"] == ["name"]


def test_the_command_checks_signatures_with_a_public_key_alone(capsys, settings, tmp_path):
    add("KC")
    seal()
    settings.LEDGER_KEY_FILE = tmp_path / "nowhere"
    call_command("verify_ledger", "--public-key", str(tmp_path / "key.public"))
    with pytest.raises(CommandError, match="LEDGER_KEY_FILE") as refused:
        call_command("verify_ledger")
    assert refused.value.returncode == 2


def test_a_verification_needs_a_transaction_of_its_own():
    with acting(TESTER, verb_name="x"), pytest.raises(RuntimeError, match="durable"):
        verify()
