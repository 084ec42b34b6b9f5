"""A real Celery worker on this test worker's database and broker, with its output drained into a file."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.trial.processes import spawn

ROOT = Path(__file__).resolve().parents[2]
QUEUES = "default,import,decide,report,notify,sweep"


class Worker:
    """One `celery worker -c 2`, started at first use, killed and started again at will."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it says that it is ready (about a second)."""
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "2", "-Q", QUEUES]
        command += [
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "-I",
            "tests.support.handlers",
            "-n",
            f"{os.getpid()}@tests",
        ]
        self.log.unlink(missing_ok=True)
        with self.log.open("wb") as file:
            self.process = spawn(command, log=file, cwd=ROOT, death_signal=signal.SIGKILL)
        until = time.monotonic() + 30
        while " ready." not in self.log.read_text(errors="replace"):
            if self.process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"The worker does not start:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it and its children as kill -9 would."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def said(self) -> str:
        """Return what it has said so far."""
        return self.log.read_text(errors="replace")


def running(folder: Path) -> Iterator[Worker]:
    """Yield a worker that is ready; stop it afterwards."""
    worker = Worker(folder / "worker.log")
    try:
        worker.start()
        yield worker
    finally:
        worker.kill()


def until(condition: object, *, within_s: float = 20, every_s: float = 0.02) -> float:
    """Wait until the callable `condition` is true; return how long that took, in seconds, or fail."""
    assert callable(condition)
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > within_s:
            pytest.fail(f"not within {within_s} s")
        time.sleep(every_s)
    return time.monotonic() - began
