"""PostgreSQL and Valkey for a trial or a test run, on Unix sockets in a private, short-lived folder."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
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

    def start_postgres(self) -> subprocess.Popen[bytes]:
        """Start PostgreSQL and wait until it answers; after a crash that is when it has recovered."""
        log = self.logs / "postgres.log"
        process = self.cluster.start(log)
        self.cluster.wait(process, log)
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
    data.chmod(data.stat().st_mode | 0o711)  # the servers' user walks through it, but may not look around
    logs = data / "log"
    logs.mkdir(exist_ok=True)
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

    `durable=False` is for tests: nothing is flushed to disk. Raises `TrialError`.
    """
    data.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(data))
        planned = plan(data, stack.enter_context(socket_folder()), durable=durable)
        stack.callback(stop, planned.start_postgres(), by=signal.SIGINT, within_s=30)
        stack.callback(stop, planned.start_valkey(), by=signal.SIGTERM, within_s=10)
        planned.cluster.prepare(database)
        yield planned.servers(database)
