"""Servers of a trial: roles, recovery, refusals, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from config.trial import binaries, checks
from config.trial.errors import TrialError
from config.trial.processes import Account, spawn, stop
from config.trial.servers import locked, plan, running_servers
from tests.support.worker import until

ROOT = Path(__file__).resolve().parents[2]


def processes_of(folder: Path) -> list[int]:
    """Return the processes that have `folder` on their command line or as their working folder."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                state = (process / "stat").read_text().rsplit(") ", 1)[1][0]
            except (OSError, IndexError):
                continue
            if str(folder) in line and state != "Z":
                found.append(int(process.name))
    return found


def test_the_application_may_read_and_write_rows_and_nothing_else(tmp_path):
    with running_servers(tmp_path, durable=False) as servers:
        with psycopg.connect(servers.database_url) as application:
            assert application.execute("SELECT current_user").fetchone() == ("lims_app",)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute("CREATE TABLE mine (id int)")
        with psycopg.connect(servers.owner_url) as owner:
            owner.execute("CREATE TABLE ours (id int)")
            row = owner.execute(
                "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            )
            assert row.fetchone() == (False, False, False)
        with psycopg.connect(servers.superuser_url) as superuser:
            row = superuser.execute(
                "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = 'lims'"
            )
            assert row.fetchone() == ("UTF8", "C.UTF-8")
        redis.Redis.from_url(servers.redis_url).set("a", 1)
    assert processes_of(tmp_path) == []


def test_a_crashed_database_recovers_what_was_committed(tmp_path):
    with locked(tmp_path) as sockets:
        planned = plan(tmp_path, sockets, durable=True)
        assert not planned.cluster.crashed()
        process = planned.start_postgres()
        planned.cluster.prepare("lims")
        with psycopg.connect(planned.servers("lims").owner_url) as owner:
            owner.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        process.kill()
        process.wait()
        assert planned.cluster.crashed()
        until(lambda: processes_of(tmp_path) == [])
        again = planned.start_postgres()
        try:
            with psycopg.connect(planned.servers("lims").owner_url) as owner:
                assert owner.execute("SELECT answer FROM kept").fetchone() == (42,)
        finally:
            stop(again, by=signal.SIGINT, within_s=20)
    assert not sockets.exists()


def test_valkey_keeps_what_it_was_told_over_a_kill(tmp_path):
    with locked(tmp_path) as sockets:
        planned = plan(tmp_path, sockets, durable=True)
        process = planned.start_valkey()
        client = redis.Redis.from_url(planned.broker.url)
        client.set("message", "look")
        until(lambda: client.info("persistence")["aof_last_write_status"] == "ok")
        time.sleep(1.1)  # appendfsync everysec
        process.kill()
        process.wait()
        again = planned.start_valkey()  # over the socket that the killed one left
        try:
            assert redis.Redis.from_url(planned.broker.url).get("message") == b"look"
        finally:
            stop(again, by=signal.SIGTERM, within_s=10)


def test_a_second_start_with_the_same_data_is_refused(tmp_path):
    with locked(tmp_path), pytest.raises(TrialError) as refusal, running_servers(tmp_path, durable=False):
        pass
    assert refusal.value.code == "already-running"
    assert str(os.getpid()) in refusal.value.message


def test_nothing_outlives_a_killed_holder(tmp_path):
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom config.trial.servers import running_servers\n"
        "with running_servers(Path(sys.argv[1]), durable=False) as servers:\n"
        "    print(servers.redis_url, flush=True)\n    time.sleep(60)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().startswith("unix:")
    assert len(processes_of(tmp_path)) >= 2, "the holder and PostgreSQL"
    holder.kill()
    holder.wait()
    holder.stdout.close()
    until(lambda: processes_of(tmp_path) == [])
    with running_servers(tmp_path, durable=False) as servers:
        psycopg.connect(servers.database_url).close()


def test_a_server_that_cannot_start_says_why_and_is_not_left_running(tmp_path):
    with locked(tmp_path) as sockets:
        planned = plan(tmp_path, sockets, durable=False)
        (tmp_path / "postgres" / "postgresql.auto.conf").write_text("shared_buffers = 'plenty'\n")
        with pytest.raises(TrialError) as refusal:
            planned.start_postgres()
    assert refusal.value.code == "postgres-failed"
    assert "shared_buffers" in refusal.value.message
    assert processes_of(tmp_path) == []


def test_a_child_dies_with_its_parent_even_if_that_died_first(tmp_path):
    with (tmp_path / "log").open("wb") as log:
        child = spawn([sys.executable, "-c", "import time; time.sleep(60)"], log=log)
    assert os.getsid(child.pid) == child.pid, "in a session of its own"
    stop(child, by=signal.SIGTERM, within_s=5)
    assert child.returncode == -signal.SIGTERM


def test_programs_are_copied_for_a_user_who_cannot_reach_them(tmp_path):
    closed = tmp_path / "closed" / "programs"
    closed.mkdir(parents=True)
    (closed / "server").write_text("#!/bin/sh\n")
    (tmp_path / "closed").chmod(0o700)
    assert binaries._beside(closed, tmp_path, "1", None) == closed
    copied = binaries._beside(closed, tmp_path, "1", Account(65534, 65534))
    assert copied == tmp_path / "programs-1"
    assert (copied / "server").exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"DATABASE_URL": "postgres:///x"}, "servers-half-named"),
        ({"DATABASE_URL": "postgres:///x", "REDIS_URL": "redis:///"}, "servers-half-named"),
    ],
)
def test_servers_are_named_all_or_none(given, code):
    with pytest.raises(TrialError) as refusal:
        checks.own_servers(given)
    assert refusal.value.code == code
    assert "DATABASE_OWNER_URL" in refusal.value.message
    assert checks.own_servers(dict.fromkeys(checks.SERVER_VARIABLES, "x"))


def test_a_full_disk_is_named(tmp_path):
    checks.check_disk(tmp_path, least=1)
    with pytest.raises(TrialError) as refusal:
        checks.check_disk(tmp_path, least=10**18)
    assert refusal.value.code == "disk-full"
