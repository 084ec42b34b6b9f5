"""The supervisor's answers and its care for children; then a whole trial, from nothing to an address and back."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from config.trial.processes import spawn
from config.trial.supervisor import Child, Supervisor
from tests.support.browser import free_port
from tests.support.worker import until

ROOT = Path(__file__).resolve().parents[2]


def child(log: Path, seconds: float = 60, name: str = "sleeper") -> Child:
    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as file:
            return spawn([sys.executable, "-c", f"import time; time.sleep({seconds})"], log=file)

    return Child(name, start)


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
    supervisor.add(child(tmp_path / "log", seconds=0))
    until(lambda: supervisor.look() is None and len(said) >= 3)
    assert "in 0.5 s" in said[1]
    assert "in 1.0 s" in said[2]
    supervisor.stop()


def test_children_stop_in_reverse_order(tmp_path):
    supervisor, stopped = Supervisor(print), []
    for name in ("database", "web"):
        one = child(tmp_path / "log", name=name)
        supervisor.add(one)
    ended = Child.end

    def noted(self: Child) -> None:
        stopped.append(self.name)
        ended(self)

    patch = pytest.MonkeyPatch()
    patch.setattr(Child, "end", noted)
    supervisor.stop()
    patch.undo()
    assert stopped == ["web", "database"]


def trial(data: Path, port: int, **more: str) -> subprocess.Popen[str]:
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


def refused(data: Path, port: int, **more: str) -> str:
    """Return what a trial that does not start says."""
    process = trial(data, port, **more)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    return said


def test_a_port_in_use_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 cannot be used" in refused(tmp_path, port)


def test_half_named_servers_are_named(tmp_path):
    assert "Set all three" in refused(tmp_path, free_port(), REDIS_URL="redis://127.0.0.1:6379/0")


def mentioning(folder: Path) -> list[int]:
    """Return living processes whose environment names `folder` as their data."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            told = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            state = (process / "stat").read_text().rsplit(") ", 1)[1][0]
        except (OSError, IndexError):
            continue
        if str(folder).encode() in told and state != "Z":
            found.append(int(process.name))
    return found


def wait_for_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C stops everything" in line:
            return said
    pytest.fail(f"The trial did not start:\n{said}")


@pytest.mark.timeout(240)
def test_a_trial_from_nothing_to_an_address_and_back(tmp_path):
    """Start, refuse a second one, stop by Ctrl-C, start again with the data kept, stop by kill -9; nothing is left."""
    port = free_port()
    first = trial(tmp_path, port)
    said = wait_for_address(first)
    assert f"http://127.0.0.1:{port}" in said
    logins = json.loads((tmp_path / "run" / "demonstration.json").read_text())
    assert all(login["email"] in said for login in logins)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
        assert json.loads(answer.read())["ready"] is True
    assert "A trial is running already" in refused(tmp_path, free_port())
    first.send_signal(signal.SIGINT)
    rest, _ = first.communicate(timeout=60)
    assert (first.returncode, rest.strip()) == (0, "Stopping.")
    assert mentioning(tmp_path) == []

    second = trial(tmp_path, port)
    assert logins == json.loads((tmp_path / "run" / "demonstration.json").read_text())
    assert "recovers" not in wait_for_address(second)
    second.kill()
    second.communicate(timeout=60)
    until(lambda: mentioning(tmp_path) == [], within_s=40)
