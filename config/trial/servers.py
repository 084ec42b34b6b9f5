"""PostgreSQL and Valkey for a trial or a test run, on Unix sockets in a private, short-lived folder."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from config.trial import binaries
from config.trial.errors import TrialError
from config.trial.postgres import APPLICATION, OWNER, SUPERUSER, Cluster
from config.trial.processes import server_account, stop, wait_for_remains
from config.trial.valkey import Broker

_TMP: Final = Path("/tmp")  # noqa: S108  # mkdtemp makes our folders there, private and unforeseeable


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of the running servers; the superuser's is for tests and for nobody else."""

    database_url: str
    owner_url: str
    superuser_url: str
    redis_url: str


@contextlib.contextmanager
def locked(data: Path) -> Iterator[Path]:
    """Hold the folder `data` for this process; yields a private folder for sockets, which goes at the end.

    Raises `TrialError`: "already-running" when another process holds it, "still-stopping" when servers of a
    killed one do not end.
    """
    with (data / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _held(data) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        wait_for_remains(data / "valkey")
        wait_for_remains(data / "postgres")
        with _socket_folder() as sockets:
            yield sockets
        file.truncate(0)


def _held(data: Path) -> TrialError:
    holder = (data / "lock").read_text() or "not named yet"
    return TrialError(
        "already-running",
        f"A trial is running already with the data in {data} (process {holder}).",
        f"Stop it first with Ctrl-C where it runs, or by `kill {holder}`; or keep other data with DATA_DIR and PORT.",
    )


@contextlib.contextmanager
def _socket_folder() -> Iterator[Path]:
    """Make a private folder for sockets, with a path short enough for them (about 107 bytes)."""
    account = server_account()
    _remove_stale({os.geteuid(), account.uid if account else os.geteuid()})
    # Not under TMPDIR, whose path may be too long.
    folder = Path(tempfile.mkdtemp(prefix="lims-", dir=_TMP))
    if account:
        os.chown(folder, account.uid, account.gid)
    try:
        with (folder / "holder.new").open("w") as holder:
            fcntl.flock(holder, fcntl.LOCK_EX)
            (folder / "holder.new").rename(folder / "holder")  # nobody sees it without its lock
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_stale(ours: AbstractSet[int]) -> None:
    """Remove the socket folders that killed processes of ours have left: nobody locks their `holder` any more."""
    for folder in _TMP.glob("lims-????????"):
        with contextlib.suppress(OSError):  # gone meanwhile, somebody else's, or locked
            if folder.lstat().st_uid in ours:
                holder = os.open(folder / "holder", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                try:
                    fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(holder)


@dataclass(frozen=True, slots=True)
class Plan:
    """Both servers of a data folder, not started yet, with the logs that they will write."""

    cluster: Cluster
    broker: Broker
    logs: Path

    def servers(self, database: str) -> Servers:
        """Return the addresses under which they will answer."""
        return Servers(
            database_url=self.cluster.url(APPLICATION, database),
            owner_url=self.cluster.url(OWNER, database),
            superuser_url=self.cluster.url(SUPERUSER, database),
            redis_url=self.broker.url,
        )

    def start_postgres(self, give_up: Callable[[], bool] = lambda: False) -> subprocess.Popen[bytes]:
        """Start PostgreSQL and wait until it answers (after a crash: has recovered) or `give_up` says so."""
        log = self.logs / "postgres.log"
        process = self.cluster.start(log)
        self.cluster.wait(process, log, give_up=give_up)
        return process

    def start_valkey(self) -> subprocess.Popen[bytes]:
        """Start Valkey and wait until it answers."""
        log = self.logs / "valkey.log"
        process = self.broker.start(log)
        self.broker.wait(process, log)
        return process


def plan(data: Path, sockets: Path, *, durable: bool) -> Plan:
    """Return both servers with their files under `data`, made if need be. Raises `TrialError`."""
    account = server_account()
    if account:
        data.chmod(data.stat().st_mode | 0o711)  # the servers' user walks through it, but may not look around
    logs = data / "log"
    logs.mkdir(mode=0o700, exist_ok=True)
    copies = data / "programs"
    if account and not binaries.reachable(data, account):
        # PostgreSQL looks for its own programs with access(2), which knows no rights but those of the user.
        account, copies = replace(account, reach=True), sockets / "programs"
    cluster = Cluster(binaries.postgres_bin(copies, account), data / "postgres", sockets, account, durable)
    broker = Broker(
        binaries.valkey_server(copies, account), data / "valkey", sockets / "valkey.sock", account, durable
    )
    cluster.make()
    return Plan(cluster, broker, logs)


@contextlib.contextmanager
def running_servers(data: Path, *, database: str = "lims", durable: bool = True) -> Iterator[Servers]:
    """Start both servers with their files under `data`, and stop them at the end.

    `durable=False` is for tests: nothing is flushed to disk, nothing is kept by Valkey. Call it from the main
    thread. Raises `TrialError`: "already-running", "still-stopping", "postgres-failed", "valkey-failed" and others.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        planned = plan(data, stack.enter_context(locked(data)), durable=durable)
        stack.callback(stop, planned.start_postgres(), by=signal.SIGINT, within_s=30)
        stack.callback(stop, planned.start_valkey(), by=signal.SIGTERM, within_s=10)
        planned.cluster.prepare(database)
        yield planned.servers(database)
