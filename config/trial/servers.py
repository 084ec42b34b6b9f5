"""PostgreSQL and Valkey for a trial or a test run, on Unix sockets in a private, short-lived folder."""

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.trial import binaries
from config.trial.errors import TrialError
from config.trial.postgres import APPLICATION, OWNER, SUPERUSER, Cluster
from config.trial.processes import server_account, stop
from config.trial.valkey import Broker


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of the running servers; the superuser's is for tests and for nobody else."""

    database_url: str
    owner_url: str
    superuser_url: str
    redis_url: str


@contextlib.contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the folder `data` for this process; raises `TrialError` ("already-running") when another holds it."""
    with (data / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise TrialError(
                "already-running",
                f"A trial is running already with the data in {data} (process {holder}).",
                "Stop that one with Ctrl-C first, or use another folder.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextlib.contextmanager
def socket_folder() -> Iterator[Path]:
    """Make a private folder for sockets, with a path short enough for them (about 107 bytes)."""
    # Not under TMPDIR, whose path may be too long.
    folder = Path(tempfile.mkdtemp(prefix="lims-", dir="/tmp"))
    account = server_account()
    if account:
        os.chown(folder, account.uid, account.gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_servers(data: Path, *, database: str = "lims", durable: bool = True) -> Iterator[Servers]:
    """Start both servers with their files under `data`, and stop them at the end.

    `durable=False` is for tests: nothing is flushed to disk. Raises `TrialError`.
    """
    account = server_account()
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(data.stat().st_mode | 0o711)  # the servers' user walks through it, but may not look around
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(data))
        sockets = stack.enter_context(socket_folder())
        programs = binaries.postgres_bin(data / "programs", account)
        cluster = Cluster(programs, data / "postgres", sockets, account, durable)
        broker = Broker(
            binaries.valkey_server(data / "programs", account),
            data / "valkey",
            sockets / "valkey.sock",
            account,
            durable,
        )
        logs = data / "log"
        logs.mkdir(exist_ok=True)
        cluster.make()
        postgres = cluster.start(logs / "postgres.log")
        stack.callback(stop, postgres, by=signal.SIGINT, within_s=30)
        valkey = broker.start(logs / "valkey.log")
        stack.callback(stop, valkey, by=signal.SIGTERM, within_s=10)
        cluster.wait(postgres, logs / "postgres.log")
        broker.wait(valkey, logs / "valkey.log")
        cluster.prepare(database)
        yield Servers(
            database_url=cluster.url(APPLICATION, database),
            owner_url=cluster.url(OWNER, database),
            superuser_url=cluster.url(SUPERUSER, database),
            redis_url=broker.url,
        )
