"""Claims, failures and take-overs, one step at a time, in this process."""

import math
import threading
import uuid
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from lims.errors import NotFound
from lims.verbs import SystemActor
from lims.work import claims, messages, rules, runner
from lims.work.handlers import KINDS, Held, Kind, TakenOver, handler
from lims.work.models import Claim, Request
from lims.work.services import request, retry, retry_all

pytestmark = pytest.mark.django_db(transaction=True)
OPERATOR = SystemActor("tests")


@pytest.fixture(autouse=True)
def _broker_taken_for_down(monkeypatch):
    """Keep a worker that other tests may have left running from doing the work of these tests."""
    monkeypatch.setattr(messages, "_quiet_until", math.inf)


@contextmanager
def kind(name: str, function, **options):
    """Register a handler for the length of a test."""
    handler(name, **options)(function)
    try:
        yield
    finally:
        del KINDS[name]


def as_another_process(function):
    """Run in a thread, which has connections of its own."""
    result = []

    def run() -> None:
        result.append(function())
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return result[0]


def test_work_is_asked_for_inside_a_transaction_only():
    with pytest.raises(transaction.TransactionManagementError, match="inside the verb"):
        request("test.mark", key=1)


def test_work_of_a_transaction_that_rolls_back_is_not_due(effects):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        request("test.mark", key="a")
        _ = 1 // 0
    assert runner.look("test.mark", "a") == 0
    assert effects() == {}


def test_many_requests_coalesce_into_one_run(ask, effects):
    for _ in range(7):
        ask("test.mark", "a", "b", "a")
    assert (runner.look("test.mark", "a"), runner.look("test.mark", "b")) == (1, 1)
    assert effects() == {"test.mark a": 1, "test.mark b": 1}
    assert (Request.objects.count(), Claim.objects.count()) == (0, 0)


def test_nothing_due_leaves_nothing_behind(effects):
    assert runner.look("test.mark", "a") == 0
    assert Claim.objects.count() == 0


def test_one_message_per_key_and_transaction(monkeypatch):
    sent = []
    monkeypatch.setattr(messages, "send", lambda kind, key, *, sweep: sent.append((kind, key, sweep)))
    with transaction.atomic():
        request("test.mark", key="a")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            request("test.mark", key="b")
            _ = 1 // 0
        request("test.mark", key="a")
        with transaction.atomic():
            request("test.mark", key="b", sweep=True)
    assert sent == [("test.mark", "a", False), ("test.mark", "b", True)]


def test_a_request_that_comes_while_the_handler_runs_is_not_lost(ask):
    runs = []

    def nosy(held: Held) -> None:
        runs.append(held.key)
        if len(runs) == 1:
            as_another_process(lambda: ask("test.nosy", held.key))
            assert as_another_process(lambda: runner.look("test.nosy", held.key)) == 0
        with held.last_transaction():
            if len(runs) == 2:
                as_another_process(lambda: ask("test.nosy", held.key))

    ask("test.nosy", "a")
    with kind("test.nosy", nosy):
        assert runner.look("test.nosy", "a") == 3
    assert (Request.objects.count(), Claim.objects.count()) == (0, 0)


def test_a_handler_that_fails_keeps_its_error_waits_and_loses_nothing(ask, effects):
    ask("test.fail", "a")
    assert runner.look("test.fail", "a") == 0
    claim = Claim.objects.get()
    assert claim.error.startswith("ValueError: the balance is not level")
    assert (claim.attempts, claim.holder) == (1, None)
    assert effects() == {}, "what it wrote is undone"
    ask("test.fail", "a")
    assert runner.look("test.fail", "a") == 0, "new requests wait with it"
    assert Claim.objects.get().attempts == 1
    assert claims.due(most=10) == []


def test_an_operator_tries_again_at_once(ask):
    ask("test.fail", "a", "b")
    runner.look("test.fail", "a")
    runner.look("test.fail", "b")
    retry(actor=OPERATOR, kind="test.fail", key="a")
    assert claims.due(most=10) == [("test.fail", "a", False)]
    runner.look("test.fail", "a")
    assert Claim.objects.get(key="a").attempts == 2
    assert retry_all(actor=OPERATOR) == 2
    assert sorted(claims.due(most=10)) == [("test.fail", "a", False), ("test.fail", "b", False)]


def test_trying_again_what_has_not_failed_is_refused():
    with pytest.raises(NotFound) as refusal:
        retry(actor=OPERATOR, kind="test.fail", key="nothing")
    assert refusal.value.problems[0].code == "work-not-failed"


def test_work_that_nobody_knows_stays_due_and_says_so(ask):
    ask("test.unheard-of", "a")
    assert runner.look("test.unheard-of", "a") == 0
    assert "No handler is registered for “test.unheard-of”" in Claim.objects.get().error


def test_a_lease_that_ran_out_is_taken_over_and_the_first_holder_changes_nothing(ask, effects):
    first = KINDS["test.mark"]
    ask("test.mark", "a")
    held = claims.claim(first, "a", worker="first")
    assert held is not None
    Claim.objects.update(lease_until="2020-01-01T00:00:00Z")
    assert as_another_process(lambda: runner.look("test.mark", "a")) == 1
    with pytest.raises(TakenOver):
        first.handle(held.held)
    with pytest.raises(TakenOver):
        held.held.renew()
    assert effects() == {"test.mark a": 1}


def test_a_renewed_lease_holds():
    long = Kind("test.long", lambda held: None, "default", 1)
    with transaction.atomic():
        request("test.long", key="a")
    held = claims.claim(long, "a", worker="first")
    assert held is not None
    Claim.objects.update(lease_until="2020-01-01T00:00:00Z")
    held.held.renew()
    assert as_another_process(lambda: claims.claim(long, "a", worker="second")) is None


def test_a_claim_whose_holder_is_dead_is_due_at_once(ask, effects):
    ask("test.mark", "a")
    held = claims.claim(KINDS["test.mark"], "a", worker="dead")
    assert held is not None
    assert claims.due(most=10) == []
    Claim.objects.update(holder=1, token=uuid.uuid4())  # nobody holds the lock number 1
    assert claims.due(most=10) == [("test.mark", "a", False)]
    assert runner.look("test.mark", "a") == 1
    assert effects() == {"test.mark a": 1}


def test_a_round_is_fair_to_every_kind_and_to_single_keys(ask):
    ask("test.mark", *(f"s{n}" for n in range(50)), sweep=True)
    ask("test.mark", "single")
    ask("test.slow", "0:a")
    first = claims.due(most=3)
    assert {(kind, sweep) for kind, _, sweep in first} == {
        ("test.mark", True),
        ("test.mark", False),
        ("test.slow", False),
    }
    assert messages.queue_of("test.mark", sweep=True) == "sweep"
    assert messages.queue_of("test.mark", sweep=False) == "default"


def test_two_handlers_for_one_kind_are_refused():
    with pytest.raises(ValueError, match="two handlers"):
        handler("test.mark")(lambda held: None)


@given(st.integers(min_value=0, max_value=10**6))
def test_pauses_grow_and_are_bounded(attempts):
    assert (
        rules.FIRST_PAUSE_S <= rules.pause_s(attempts) <= rules.pause_s(attempts + 1) <= rules.LONGEST_PAUSE_S
    )
