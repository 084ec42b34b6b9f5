"""Servers of a trial: roles, recovery, refusals, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dj_database_url
import psycopg
import pytest
import redis

from config.trial import binaries, checks
from config.trial.errors import TrialError
from config.trial.processes import Account, server_account, spawn, stop, working_in
from config.trial.servers import locked, plan, running_servers
from tests.support.worker import until

ROOT = Path(__file__).resolve().parents[2]


def processes_of(folder: Path) -> list[int]:
    """Return the living processes that have `folder` on their command line or work in it."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                state = (process / "stat").read_text().rsplit(") ", 1)[1][0]
                place = str((process / "cwd").readlink())
            except (OSError, IndexError):
                continue
            if (str(folder) in line or place.startswith(str(folder))) and state != "Z":
                found.append(int(process.name))
    return found


def test_the_application_may_read_and_write_rows_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("PGPORT", "6543")  # somebody's own server has nothing to say here
    with running_servers(tmp_path, durable=False) as servers:
        with psycopg.connect(servers.database_url) as application:
            assert application.execute("SELECT current_user").fetchone() == ("lims_app",)
            application.execute("CREATE TEMPORARY TABLE staged (id int)")
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
                "SELECT pg_encoding_to_char(encoding), datcollate, current_setting('timezone'),"
                " current_setting('listen_addresses') FROM pg_database WHERE datname = 'lims'"
            )
            assert row.fetchone() == ("UTF8", "C.UTF-8", "UTC", "")
        options = dj_database_url.parse(servers.database_url)["OPTIONS"]
        with psycopg.connect(dbname="lims", user="lims_app", **options) as as_django_does:
            assert as_django_does.execute("SELECT 1").fetchone() == (1,)
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.set("a", 1)
        sockets = Path(options["host"])
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert processes_of(tmp_path) == []
    assert not sockets.exists()


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
        again = planned.start_postgres()  # over the pid file and the socket that the killed one left
        try:
            with psycopg.connect(planned.servers("lims").owner_url) as owner:
                assert owner.execute("SELECT answer FROM kept").fetchone() == (42,)
        finally:
            stop(again, by=signal.SIGINT, within_s=20)
        assert not planned.cluster.crashed()


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(tmp_path):
    """After a reboot the number of a crashed PostgreSQL may belong to any other program."""
    with locked(tmp_path) as sockets, (tmp_path / "out").open("wb") as log:
        planned = plan(tmp_path, sockets, durable=False)
        stranger = spawn(["sleep", "60"], log=log, account=server_account(), cwd=Path("/"))
        pid_file = tmp_path / "postgres" / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{tmp_path / 'postgres'}\n1\n5432\n\n\n0 0\n")
        try:
            process = planned.start_postgres()
            stop(process, by=signal.SIGINT, within_s=20)
        finally:
            stop(stranger, by=signal.SIGTERM, within_s=5)
        assert not pid_file.exists()


def test_valkey_keeps_what_it_was_told_over_a_kill(tmp_path):
    with locked(tmp_path) as sockets:
        planned = plan(tmp_path, sockets, durable=True)
        process = planned.start_valkey()
        with redis.Redis.from_url(planned.broker.url) as client:
            client.set("message", "look")
            time.sleep(1.1)  # appendfsync everysec
        process.kill()
        process.wait()
        again = planned.start_valkey()  # over the socket that the killed one left
        try:
            with redis.Redis.from_url(planned.broker.url) as client:
                assert client.get("message") == b"look"
        finally:
            stop(again, by=signal.SIGTERM, within_s=10)


def test_a_second_start_with_the_same_data_is_refused(tmp_path):
    with locked(tmp_path), pytest.raises(TrialError) as refusal, running_servers(tmp_path, durable=False):
        pass
    assert refusal.value.code == "already-running"
    assert f"(process {os.getpid()})" in refusal.value.message
    assert f"kill {os.getpid()}" in refusal.value.remedy


def test_a_folder_that_is_no_cluster_is_left_alone(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(TrialError) as refusal, running_servers(tmp_path, durable=False):
        pass
    assert refusal.value.code == "data-unknown"
    assert (tmp_path / "postgres" / "letter.txt").read_text() == "mine"


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
    sockets = Path(holder.stdout.readline().removeprefix("unix://")).parent
    assert sockets.name.startswith("lims-")
    assert working_in(tmp_path / "postgres")
    holder.kill()
    holder.wait()
    holder.stdout.close()
    # At once: the new holder waits for the servers of the old one and removes its folder of sockets.
    with running_servers(tmp_path, durable=False) as servers:
        assert not sockets.exists()
        psycopg.connect(servers.database_url).close()
    until(lambda: processes_of(tmp_path) == [])


def test_a_server_that_cannot_start_says_why_and_is_not_left_running(tmp_path):
    with locked(tmp_path) as sockets:
        planned = plan(tmp_path, sockets, durable=False)
        (tmp_path / "postgres" / "postgresql.auto.conf").write_text("shared_buffers = 'plenty'\n")
        with pytest.raises(TrialError) as refusal:
            planned.start_postgres()
    assert refusal.value.code == "postgres-failed"
    assert "shared_buffers" in refusal.value.message
    assert processes_of(tmp_path) == []


def test_a_child_has_a_session_of_its_own_and_stops_when_told(tmp_path):
    with (tmp_path / "log").open("wb") as log:
        child = spawn([sys.executable, "-c", "import time; time.sleep(60)"], log=log)
    assert os.getsid(child.pid) == child.pid
    stop(child, by=signal.SIGTERM, within_s=5)
    assert child.returncode == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed_with_its_own_children(tmp_path):
    deaf = "trap '' TERM INT; sleep 60 & echo started; wait; sleep 60"
    with (tmp_path / "log").open("wb") as log:
        child = spawn(["bash", "-c", deaf], log=log, cwd=tmp_path)
    until(lambda: (tmp_path / "log").read_text() == "started\n")
    stop(child, by=signal.SIGTERM, within_s=0.2)
    assert child.returncode == -signal.SIGKILL
    until(lambda: processes_of(tmp_path) == [])


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
    "given",
    [{"DATABASE_URL": "postgres:///x"}, {"DATABASE_URL": "postgres:///x", "REDIS_URL": "redis:///"}],
)
def test_servers_are_named_all_or_none(given):
    with pytest.raises(TrialError) as refusal:
        checks.own_servers(given)
    assert refusal.value.code == "servers-half-named"
    assert "DATABASE_OWNER_URL" in refusal.value.message
    assert checks.own_servers(dict.fromkeys(checks.SERVER_VARIABLES, "x"))


def test_a_server_that_does_not_answer_is_named(tmp_path):
    given = {name: os.environ[name] for name in checks.SERVER_VARIABLES}
    checks.check_servers(given)
    nowhere = {
        "DATABASE_URL": f"postgres://lims_app@/lims?host={tmp_path}",
        "DATABASE_OWNER_URL": "mysql://x",
        "REDIS_URL": f"unix://{tmp_path}/no.sock",
    }
    for name, address in nowhere.items():
        with pytest.raises(TrialError) as refusal:
            checks.check_servers(given | {name: address})
        assert refusal.value.code == "server-unreachable"
        assert refusal.value.message.startswith(f"The server that {name} names does not answer: ")


def test_a_full_disk_is_named(tmp_path):
    checks.check_disk(tmp_path, least=1)
    with pytest.raises(TrialError) as refusal:
        checks.check_disk(tmp_path, least=10**18)
    assert refusal.value.code == "disk-full"
    assert "DATA_DIR" in refusal.value.remedy


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TrialError) as refusal:
        checks.make_folder(tmp_path / "file" / "data")
    assert refusal.value.code == "data-not-writable"


@pytest.mark.parametrize("text", ["", "http", "0", "65536", "-1", "80.5", "²"])
def test_a_port_that_is_none_is_named(text):
    with pytest.raises(TrialError) as refusal:
        checks.port_of(text)
    assert refusal.value.code == "port-unknown"
