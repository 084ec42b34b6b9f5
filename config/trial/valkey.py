"""Valkey of a trial: the broker and the cache, on a Unix socket."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from config.trial.errors import TrialError
from config.trial.processes import Account, spawn, stop, tail, wait_for_remains


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a Valkey is and how it runs."""

    program: Path
    data: Path
    socket: Path
    account: Account | None
    durable: bool

    @property
    def url(self) -> str:
        """Return its address."""
        return f"unix://{self.socket}?db=0"

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Start the server in the foreground of a session of its own; a socket left by a killed one is removed."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account:
            os.chown(self.data, self.account.uid, self.account.gid)
        wait_for_remains(self.data)
        self.socket.unlink(missing_ok=True)
        keep = ["--appendonly", "yes"] if self.durable else ["--appendonly", "no"]
        options: list[str | Path] = [
            "--port",
            "0",
            "--unixsocket",
            self.socket,
            "--unixsocketperm",
            "700",
            "--dir",
            self.data,
            "--save",
            "",
        ]
        with log.open("ab") as file:
            return spawn(
                [self.program, *options, *keep, "--databases", "32"],
                log=file,
                account=self.account,
                death_signal=signal.SIGTERM,
                cwd=Path("/"),
            )

    def wait(self, process: subprocess.Popen[bytes], log: Path, *, within_s: float = 30) -> None:
        """Wait until the server answers."""
        until = time.monotonic() + within_s
        client = redis.Redis.from_url(self.url)
        while True:
            try:
                client.ping()
            except redis.RedisError as error:
                if process.poll() is not None or time.monotonic() > until:
                    stop(process, by=signal.SIGTERM, within_s=10)
                    said = tail(log, lines=5)
                    raise TrialError(
                        "valkey-failed", f"Valkey does not start:\n{said}", f"See {log}."
                    ) from error
                time.sleep(0.02)
            else:
                client.close()
                return
