"""The supervisor's answers and its care for children; then a whole trial, from nothing to an address and back."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from config.trial.errors import TrialError
from config.trial.kept import address_of, settings_of
from config.trial.processes import spawn
from config.trial.programs import prepare
from config.trial.ready import answer_of, wait_ready
from config.trial.supervisor import Child, Supervisor
from tests.support.browser import free_port
from tests.support.worker import until

ROOT = Path(__file__).resolve().parents[2]


def child(log: Path, program: str = "import time; time.sleep(60)", name: str = "sleeper") -> Child:
    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as file:
            return spawn([sys.executable, "-c", program], log=file)

    return Child(name, start, log=log)


def test_a_dead_child_is_started_again_and_said_so(tmp_path):
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.add(child(tmp_path / "log"))
    (kept,) = supervisor.children
    assert kept.process is not None
    first = kept.process.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.look() is None and kept.process is not None and kept.process.pid != first)
    assert said == ["sleeper died (signal SIGKILL); starting it again."]
    supervisor.stop()
    assert supervisor.children == []


def test_a_child_that_dies_again_and_again_is_waited_for(tmp_path):
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.add(child(tmp_path / "log", "pass"))
    until(lambda: supervisor.look() is None and len(said) >= 3)
    assert f"(exit 0); starting it again in 0.5 s. See {tmp_path / 'log'}." in said[1]
    assert "in 1.0 s" in said[2]
    supervisor.stop()


def test_children_stop_in_reverse_order(tmp_path):
    supervisor = Supervisor(print)
    note = (
        "import signal, sys, time\n"
        "def note(*_):\n    print('{}', flush=True)\n    sys.exit()\n"
        "signal.signal(signal.SIGTERM, note)\nprint('up', flush=True)\ntime.sleep(60)\n"
    )
    for name in ("database", "worker", "web"):
        supervisor.add(child(tmp_path / "log", note.format(name), name))
    until(lambda: (tmp_path / "log").read_text().count("up") == 3)
    supervisor.stop()
    assert (tmp_path / "log").read_text().split()[3:] == ["web", "worker", "database"]


def test_a_program_that_does_not_stay_up_is_named_with_what_it_said(tmp_path):
    supervisor = Supervisor(lambda _: None)
    supervisor.add(child(tmp_path / "worker.log", "raise SystemExit('no queue here')", "worker"))
    with pytest.raises(TrialError) as refusal:
        wait_ready(supervisor, f"http://127.0.0.1:{free_port()}")
    supervisor.stop()
    assert refusal.value.code == "child-failed"
    assert refusal.value.message.startswith("worker does not stay up:\nno queue here")
    assert str(tmp_path / "worker.log") in refusal.value.remedy


def test_a_trial_that_never_answers_is_given_up_with_the_reason(tmp_path):
    supervisor = Supervisor(lambda _: None)
    supervisor.add(child(tmp_path / "web.log", "import time; print('thinking', flush=True); time.sleep(60)"))
    until(lambda: (tmp_path / "web.log").read_text() == "thinking\n")
    with pytest.raises(TrialError) as refusal:
        wait_ready(supervisor, f"http://127.0.0.1:{free_port()}", within_s=0.2)
    supervisor.stop()
    assert refusal.value.code == "not-ready"
    assert "nothing answers yet\nthinking" in refusal.value.message


def test_preparing_can_be_cut_short_and_says_what_failed(tmp_path):
    with pytest.raises(TrialError) as cut:
        prepare(os.environ, give_up=lambda: True)
    assert cut.value.code == "given-up"
    env = os.environ | {"DATABASE_OWNER_URL": f"postgres://lims_owner@/lims?host={tmp_path}"}
    with pytest.raises(TrialError) as refusal:
        prepare(env, give_up=lambda: False)
    assert refusal.value.code == "not-prepared"
    assert str(tmp_path) in refusal.value.message


EVERYWHERE = "0.0.0.0"  # noqa: S104  # nothing is bound here


def test_secrets_are_made_once_for_their_owner_only(tmp_path):
    first = settings_of(tmp_path, EVERYWHERE, 8000, {})
    assert settings_of(tmp_path, EVERYWHERE, 8000, {}) == first
    assert len(first["SECRET_KEY"]) >= 60
    for name in ("secret_key", "ledger_ed25519", "field_p256"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600
    assert first["ALLOWED_HOSTS"] == "localhost,127.0.0.1,[::1],0.0.0.0"
    assert first["SITE_ADDRESS"] == address_of(EVERYWHERE, 8000) == "http://127.0.0.1:8000"
    assert (
        settings_of(tmp_path, "::1", 80, {"ALLOWED_HOSTS": "lims.example"})["ALLOWED_HOSTS"] == "lims.example"
    )


def trial(data: Path, port: int | str, **more: str) -> subprocess.Popen[str]:
    """Start `python -m config.trial` as `make run` does."""
    unwanted = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "TRIAL", "DATA_DIR")
    env = {name: value for name, value in os.environ.items() if name not in unwanted}
    return subprocess.Popen(
        [sys.executable, "-m", "config.trial"],
        cwd=ROOT,
        env=env | {"DATA_DIR": str(data), "PORT": str(port)} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def refused(data: Path, port: int | str, **more: str) -> str:
    """Return what a trial that does not start says."""
    process = trial(data, port, **more)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1, said
    return said


def test_a_port_in_use_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused(tmp_path, port)
    assert said.startswith(f"Port {port} on 127.0.0.1 cannot be used: Address already in use.\nSet PORT")


def test_half_named_servers_and_a_wrong_port_are_named(tmp_path):
    assert "Set all three" in refused(tmp_path, free_port(), REDIS_URL="redis://127.0.0.1:6379/0")
    assert refused(tmp_path, "eighty").startswith("PORT is 'eighty'")


def mentioning(folder: Path) -> list[int]:
    """Return living processes whose environment, command line or working folder names `folder`."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            told = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            told += bytes((process / "cwd").readlink())
            state = (process / "stat").read_text().rsplit(") ", 1)[1][0]
        except (OSError, IndexError):
            continue
        if str(folder).encode() in told and state != "Z":
            found.append(int(process.name))
    return found


def wait_for_address(process: subprocess.Popen[str]) -> str:
    """Return what a trial has said until it is up, or fail with it."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C stops everything" in line:
            return said
    pytest.fail(f"The trial did not start:\n{said}")


def eldest(folder: Path, program: str) -> int:
    """Return the first process of `program` that belongs to the trial in `folder`."""

    def command(number: int) -> str:
        try:
            return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            # it ended since it was listed, as short helpers of a trial do
            return ""

    return min(number for number in mentioning(folder) if program in command(number))


def environment_of(folder: Path, program: str) -> dict[str, str]:
    """Return the environment that a program of the trial was given."""
    told = Path(f"/proc/{eldest(folder, program)}/environ").read_bytes().decode()
    return dict(pair.split("=", 1) for pair in told.split("\0") if "=" in pair)


@pytest.mark.timeout(240)
def test_a_trial_from_nothing_to_an_address_and_back(tmp_path):
    """Start, refuse a second one, survive kills, stop by Ctrl-C; start again with the data kept, stop by kill -9."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    first = trial(tmp_path, port)
    said = wait_for_address(first)
    assert address in said
    logins = json.loads((tmp_path / "run" / "demonstration.json").read_text())
    assert logins
    assert all(f"{login['email']} " in said and login["password"] in said for login in logins)
    assert answer_of(address) is None
    told = environment_of(tmp_path, "gunicorn")
    for program in ("web", "worker", "beat"):
        check = [sys.executable, "deploy/healthy.py", program]
        subprocess.run(check, cwd=ROOT, env=told, check=True, capture_output=True)
    assert f"(process {first.pid})" in refused(tmp_path, free_port())

    heard = listen(first)
    for program, name in (
        ("bin/postgres -D", "PostgreSQL"),
        ("valkey-server", "Valkey"),
        ("celery -A config worker", "worker"),
        ("celery -A config beat", "beat"),
        ("gunicorn", "web"),
    ):
        os.kill(eldest(tmp_path, program), signal.SIGKILL)
        until(lambda said=f"{name} died (signal SIGKILL); starting it again.\n": said in heard, within_s=30)
    until(lambda: answer_of(address) is None, within_s=60)
    first.send_signal(signal.SIGINT)
    assert first.wait(60) == 0
    until(lambda: heard[-1:] == ["Stopping.\n"])
    assert mentioning(tmp_path) == []

    began = time.monotonic()
    second = trial(tmp_path, port)
    said = wait_for_address(second)
    assert time.monotonic() - began < 30, "10 s on a machine of its own"
    assert "recovers" not in said
    assert logins == json.loads((tmp_path / "run" / "demonstration.json").read_text())
    second.kill()
    second.communicate(timeout=60)
    until(lambda: mentioning(tmp_path) == [], within_s=40)


def listen(process: subprocess.Popen[str]) -> list[str]:
    """Return the lines that a process says from now on, as they come."""
    heard: list[str] = []

    def hear() -> None:
        with process.stdout or pytest.fail("no pipe") as pipe:
            heard.extend(iter(pipe.readline, ""))

    threading.Thread(target=hear, daemon=True).start()
    return heard
