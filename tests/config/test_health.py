"""Is it alive, can it work: what proxies and the supervisor ask."""

import time

import pytest
from django.core.cache import cache
from django.db import connections

from config import health
from lims.work import heartbeat

pytestmark = pytest.mark.django_db


def test_a_living_process_says_so_without_touching_anything(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_ready_when_everything_is_there(client):
    heartbeat.beat()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "failures": {}})


def test_a_missing_or_old_heartbeat_is_named(client):
    cache.delete("work:heartbeat")
    assert "no heartbeat yet" in client.get("/readyz").json()["failures"]["heartbeat"]
    cache.set("work:heartbeat", time.time() - 999)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "999 s old" in answer.json()["failures"]["heartbeat"]


def test_a_check_that_breaks_is_named_and_the_others_still_run(client, monkeypatch):
    heartbeat.beat()
    monkeypatch.setitem(health.CHECKS, "redis", lambda: 1 / 0)
    assert client.get("/readyz").json()["failures"] == {"redis": "ZeroDivisionError"}


def test_migrations_that_are_not_applied_are_named(client, monkeypatch):
    heartbeat.beat()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 0
    monkeypatch.setattr("django.db.migrations.executor.MigrationExecutor.migration_plan", lambda *_: [1, 2])
    assert client.get("/readyz").json()["failures"]["migrations"].startswith("2 migrations are not applied")
