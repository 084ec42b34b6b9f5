"""Our own programs in a trial: the commands that prepare the database, then worker, beat and web."""

import contextlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.trial.errors import TrialError
from config.trial.processes import spawn, stop
from config.trial.supervisor import Child

ROOT: Final = Path(__file__).resolve().parents[2]
QUEUES: Final = "default,import,decide,report,notify,sweep"
_CELERY: Final = (sys.executable, "-m", "celery", "-A", "config")
_GUNICORN: Final = (sys.executable, "-m", "gunicorn", "config.wsgi:application", "--no-control-socket")


@dataclass(frozen=True, slots=True)
class Program:
    """How one of our programs starts, and how it stops: when it is asked to, and when the supervisor has died."""

    name: str
    command: tuple[str, ...]
    death_signal: int = signal.SIGTERM


def programs(data: Path, host: str, port: int) -> tuple[Program, ...]:
    """Return worker, beat and web, in the order in which they start."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    threads = (
        "--worker-class",
        "gthread",
        "--workers",
        "2",
        "--threads",
        "4",
        "--graceful-timeout",
        "5",
        "--preload",
    )
    # No heartbeat of its own: nobody listens to it, and a worker that says a last word to a broker that has died
    # before it waits for ever for its own timer thread (Celery 5.7, prefork).
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return (
        # Each dies at once when nobody is left to wait for it (Celery by SIGQUIT, gunicorn by SIGINT) and takes
        # its own children along; what a worker was doing is due again.
        Program("worker", (*_CELERY, "worker", "-c", "2", "-Q", QUEUES, *quiet), signal.SIGQUIT),
        Program("beat", (*_CELERY, "beat", "-s", str(data / "run" / "beat"), "--pidfile=")),
        Program("web", (*_GUNICORN, "--bind", bind, *threads), signal.SIGINT),
    )


def as_child(program: Program, env: Mapping[str, str], logs: Path) -> Child:
    """Return `program` as a child to keep, with its output in a log of its name."""
    log = logs / f"{program.name}.log"

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as file:
            return spawn(program.command, log=file, env=env, cwd=ROOT, death_signal=program.death_signal)

    return Child(program.name, start, log=log)


def prepare(env: Mapping[str, str], *, give_up: Callable[[], bool]) -> None:
    """Migrate, and load the demonstration into an empty database, unless `give_up` says stop.

    Raises `TrialError`: "not-prepared" with the end of what was said, "given-up".
    """
    with tempfile.TemporaryFile() as said:
        command = [sys.executable, "-m", "config.trial.prepare"]
        process = spawn(command, log=said, env=env, cwd=ROOT, death_signal=signal.SIGTERM)
        while process.poll() is None:
            if give_up():
                stop(process, by=signal.SIGTERM, within_s=10)
                raise TrialError("given-up", "The database was not prepared to the end.")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        if process.returncode:
            said.seek(0)
            told = said.read().decode(errors="replace").strip()[-3000:]
            raise TrialError("not-prepared", f"The database could not be prepared:\n{told}")
