"""A real site and a real browser for the tests that look at screens."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.trial.processes import spawn

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: quiet, and no word to anybody outside
OPTIONS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Return the program of the system's Chromium, or fail saying what is missing."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not found:
        pytest.fail(
            "No Chromium: install it (Debian: apt-get install chromium), set CHROMIUM, or SKIP_BROWSER=1."
        )
    return found


def free_port() -> int:
    """Return a TCP port of the loopback that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(log: Path) -> Iterator[str]:
    """Serve this worker's database with gunicorn on the loopback; yield the address."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "config.wsgi:application",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "4",
    ]
    with log.open("wb") as file:
        server = spawn(command, log=file, cwd=ROOT, death_signal=signal.SIGKILL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(f"{address}/healthz", server, log)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310  # our own loopback
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"The site does not answer:\n{log.read_text(errors='replace')[-2000:]}")
