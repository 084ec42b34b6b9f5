"""PostgreSQL of a trial: made once, started in the foreground on a Unix socket, with the two roles."""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.trial.errors import TrialError
from config.trial.processes import Account, become, spawn, stop

OWNER, APPLICATION, SUPERUSER = "lims_owner", "lims_app", "postgres"
_NOT_DURABLE = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
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
        """Return the address of `database` as `role`, over the Unix socket."""
        return f"postgres://{role}@/{database}?host={quote(str(self.socket), safe='')}"

    def make(self) -> None:
        """Make an empty cluster (UTF-8, C locale, trusting its private socket) unless it exists."""
        if (self.data / "PG_VERSION").exists():
            return
        # A cluster that was being made when the machine stopped has no PG_VERSION at its end: begin again.
        shutil.rmtree(self.data, ignore_errors=True)
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self.account:
            os.chown(fresh, self.account.uid, self.account.gid)
        options = ["--username", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            [self.programs / "initdb", "--pgdata", fresh, *options, *([] if self.durable else ["--no-sync"])],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            preexec_fn=lambda: become(self.account),
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
        """Start the server in the foreground of a session of its own."""
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket}",
            "unix_socket_permissions=0700",
            "max_connections=150",
            "shared_buffers=128MB",
            "timezone=UTC",
            "log_timezone=UTC",
            *([] if self.durable else _NOT_DURABLE),
        ]
        command: list[str | Path] = [self.programs / "postgres", "-D", self.data]
        for setting in settings:
            command += ["-c", setting]
        with log.open("ab") as file:
            # SIGINT is PostgreSQL's fast shutdown: sessions end, data is written out.
            return spawn(command, log=file, account=self.account, death_signal=signal.SIGINT, cwd=Path("/"))

    def wait(self, process: subprocess.Popen[bytes], log: Path, *, within_s: float = 60) -> None:
        """Wait until the server answers (after a crash: until it has recovered)."""
        until = time.monotonic() + within_s
        while True:
            try:
                psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if process.poll() is not None or time.monotonic() > until:
                    stop(process, by=signal.SIGINT, within_s=10)
                    tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
                    raise TrialError(
                        "postgres-failed", f"PostgreSQL does not start:\n{tail}", f"See {log}."
                    ) from error
                time.sleep(0.02)
            else:
                return

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
            connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
            connection.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
            connection.execute(
                sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(APPLICATION))
            )
