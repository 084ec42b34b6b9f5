"""Real workers, a real broker, messages dropped and processes killed."""

import json
import os
import random
import threading
import time

import pytest
import redis
from celery import Celery
from django.conf import settings
from django.db import connection

from lims.ledger.models import Entry
from lims.verbs import request_id
from lims.work import claims, messages
from lims.work.models import Claim, Request
from lims.work.tasks import go_round
from tests.support.worker import until

pytestmark = pytest.mark.django_db(transaction=True)


def idle() -> bool:
    return not Request.objects.exists() and not Claim.objects.exists()


def until_idle(within_s: float = 30) -> None:
    """Play beat until nothing is due any more."""

    def round_and_look() -> bool:
        go_round()
        return idle()

    until(round_and_look, within_s=within_s, every_s=0.3)


def test_a_worker_does_what_is_asked(worker, ask, effects):
    ask("test.mark", "a")
    until(idle)
    assert effects() == {"test.mark a": 1}


def test_the_request_id_goes_with_the_work_into_record_and_log(worker, ask):
    token = request_id.set("r-42")
    try:
        ask("test.record", "kc")
    finally:
        request_id.reset(token)
    until(idle)
    entry = Entry.objects.get(table_name="lims_organisation")
    assert (entry.actor, entry.verb, entry.request_id) == ("system:test.record", "record", "r-42")
    lines = [json.loads(line) for line in worker.said().splitlines() if line.startswith("{")]
    told = [(line["event"], line["key"]) for line in lines if line.get("request_id") == "r-42"]
    assert told == [("work-started", "kc"), ("work-done", "kc")]


def test_a_lost_message_is_made_up_for_by_beat(worker, ask, effects, monkeypatch):
    monkeypatch.setattr(messages, "send", lambda *_, **__: None)
    ask("test.mark", "a")
    monkeypatch.undo()
    time.sleep(0.2)
    assert not idle()
    until_idle()
    assert effects() == {"test.mark a": 1}


def test_a_process_that_dies_is_found_by_its_lock(worker, ask, effects):
    ask("test.die", "a")
    until(lambda: claims.due(most=1) == [("test.die", "a", False)])
    until_idle()
    assert effects() == {"test.die a": 1}


def test_a_killed_worker_loses_nothing(worker, ask, effects):
    ask("test.slow", "30:a")
    until(lambda: Claim.objects.exists() and not Request.objects.exists())
    worker.kill()
    until(lambda: claims.due(most=1) == [("test.slow", "30:a", False)], within_s=5)
    Claim.objects.update(key="0:a")
    worker.start()
    until_idle()
    assert effects() == {"test.slow 0:a": 1}


def test_a_broker_that_is_down_neither_fails_nor_delays_what_was_committed(ask, monkeypatch):
    """The connection pool is Celery's own; an application of another address has a broker that is not there."""
    gone = Celery("gone", broker="redis+socket:///nowhere/valkey.sock", set_as_current=False)
    gone.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    monkeypatch.setattr(messages, "current_app", gone)
    monkeypatch.setattr(messages, "_quiet_until", 0.0)
    ask("test.mark", "a")
    assert messages._quiet_until > time.monotonic()
    assert claims.due(most=1) == [("test.mark", "a", False)]


def test_requesters_and_workers_at_once_with_messages_dropped(worker, ask, effects):
    """Eight requesters, twenty keys, the broker emptied again and again: every key is done after its last request."""
    broker, done = redis.Redis.from_url(os.environ["REDIS_URL"]), threading.Event()

    def requester(number: int) -> None:
        choose = random.Random(number)
        for _ in range(40):
            ask("test.mark", *(f"k{key}" for key in choose.sample(range(20), 3)))
        connection.close()

    def dropper() -> None:
        while not done.wait(0.05):
            broker.flushdb()

    threads = [threading.Thread(target=requester, args=[number]) for number in range(8)]
    spoiler = threading.Thread(target=dropper)
    for thread in [*threads, spoiler]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    spoiler.join()
    until_idle()
    assert set(effects()) == {f"test.mark k{key}" for key in range(20)}
    # Every key has been looked at after its last request, and never more often than it was asked for.
    assert sum(effects().values()) <= 8 * 40 * 3
