"""PostgreSQL of a trial: made once, started in the foreground on a Unix socket, with the two roles."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, LiteralString
from urllib.parse import quote

import psycopg
from psycopg import pq, sql

from config.trial.errors import TrialError
from config.trial.processes import Account, child_of, spawn, stop, tail, wait_for_remains

OWNER, APPLICATION, SUPERUSER = "lims_owner", "lims_app", "postgres"
_NOT_DURABLE = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=64MB",
)

#: What the roles may do in the database itself; deploy/postgres/roles.sql says the same. Tables get their grants
#: after each migration. TEMPORARY is for staging tables of bulk writes.
_RIGHTS: Final[tuple[LiteralString, ...]] = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {application}",
    "ALTER SCHEMA public OWNER TO {owner}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {application}",
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a cluster is and how it runs."""

    programs: Path
    data: Path
    socket: Path
    account: Account | None
    durable: bool

    def url(self, role: str, database: str) -> str:
        """Return the address of `database` as `role`, over the Unix socket.

        The port is part of the socket's name; it is written out because PGPORT may say something else.
        """
        return f"postgres://{role}@/{database}?host={quote(str(self.socket), safe='')}&port=5432"

    def make(self) -> None:
        """Make an empty cluster (UTF-8, C locale, trusting its private socket) unless it exists."""
        if (self.data / "PG_VERSION").exists():
            return
        if self.data.exists():
            raise TrialError(
                "data-unknown", f"{self.data} is there, but is no PostgreSQL cluster.", "Move it away first."
            )
        # Made under another name, so that one whose making was cut short is never taken for a whole one.
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self.account:
            os.chown(fresh, self.account.uid, self.account.gid)
        options = ["--username", SUPERUSER, "--auth-local=trust", "--auth-host=reject"]
        options += ["--encoding=UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            [self.programs / "initdb", "--pgdata", fresh, *options, *([] if self.durable else ["--no-sync"])],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            preexec_fn=child_of(os.getpid(), signal.SIGKILL, self.account),
        )
        if made.returncode:
            raise TrialError(
                "initdb-failed", f"PostgreSQL could not make its files: {made.stderr.strip()[-500:]}"
            )
        fresh.rename(self.data)

    def crashed(self) -> bool:
        """Return whether the cluster was not shut down: it will recover when it starts."""
        return (self.data / "postmaster.pid").exists()

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Start the server in the foreground of a session of its own, once an earlier one has ended."""
        wait_for_remains(self.data)
        self._forget_stranger()
        settings = [
            "listen_addresses=",
            "port=5432",
            f"unix_socket_directories={self.socket}",
            "unix_socket_permissions=0700",
            "max_connections=150",
            "shared_buffers=128MB",
            "timezone=UTC",
            # PostgreSQL 18 may hang in crash recovery when a process dies while it has workers for input and output.
            "io_method=sync",
            "log_timezone=UTC",
            *([] if self.durable else _NOT_DURABLE),
        ]
        command: list[str | Path] = [self.programs / "postgres", "-D", self.data]
        for setting in settings:
            command += ["-c", setting]
        with log.open("ab") as file:
            # SIGINT is PostgreSQL's fast shutdown: sessions end, data is written out.
            return spawn(command, log=file, account=self.account, death_signal=signal.SIGINT, cwd=Path("/"))

    def _forget_stranger(self) -> None:
        """Remove a stale postmaster.pid whose number now belongs to another program, as after a reboot.

        PostgreSQL would take that program for itself and refuse. Nobody works in the folder: that has been seen.
        """
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            if Path(f"/proc/{int(pid_file.read_text().splitlines()[0])}").exists():
                pid_file.unlink()

    def wait(
        self,
        process: subprocess.Popen[bytes],
        log: Path,
        *,
        within_s: float = 60,
        give_up: Callable[[], bool] = lambda: False,
    ) -> None:
        """Wait until the server answers; while it recovers from a crash, as long as that takes.

        Raises `TrialError`: "postgres-failed" with the end of its log, "given-up" when `give_up` says so.
        """
        until = time.monotonic() + within_s
        address = self.url(SUPERUSER, "postgres").encode()
        while (state := pq.PGconn.ping(address)) != pq.Ping.OK:
            late = time.monotonic() > until and state != pq.Ping.REJECT  # it rejects while it recovers
            if process.poll() is not None or late or give_up():
                stop(process, by=signal.SIGINT, within_s=10)
                if give_up():
                    raise TrialError("given-up", "PostgreSQL was not waited for.")
                raise TrialError(
                    "postgres-failed", f"PostgreSQL does not start:\n{tail(log, lines=5)}", f"See {log}."
                )
            time.sleep(0.02)

    def prepare(self, database: str) -> None:
        """Make the two roles and `database` unless they exist; the owner owns it and its schema."""
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            for role in (OWNER, APPLICATION):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                        sql.Identifier(database), sql.Identifier(OWNER)
                    )
                )
        with psycopg.connect(self.url(SUPERUSER, database), autocommit=True) as connection:
            for statement in _RIGHTS:
                connection.execute(
                    sql.SQL(statement).format(
                        database=sql.Identifier(database),
                        owner=sql.Identifier(OWNER),
                        application=sql.Identifier(APPLICATION),
                    )
                )
