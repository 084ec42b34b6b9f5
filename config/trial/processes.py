"""Children that cannot outlive their parent, under a user with no more rights than they need."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that servers run as: PostgreSQL refuses to run as root."""

    uid: int
    gid: int


@cache
def server_account() -> Account | None:
    """Return the unprivileged user for servers when we are root, else None: they run as ourselves."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _die_with_parent(parent: int, death_signal: int) -> Callable[[], None]:
    """Return what a child does before it becomes its program: ask the kernel for a signal when its parent dies."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signal.SIGKILL)

    return ask


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes],
    account: Account | None = None,
    death_signal: int = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output to `log`; it gets `death_signal` when we die.

    Call it from the main thread: the kernel counts the death of the thread that started the child.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        # Only a prctl and a comparison run between fork and exec.
        preexec_fn=_die_with_parent(os.getpid(), death_signal),
    )


def stop(process: subprocess.Popen[bytes], *, by: int, within_s: float) -> None:
    """Ask `process` to stop by the signal `by`; after `within_s` seconds kill it and what is left of its session."""
    if process.poll() is None:
        process.send_signal(by)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(within_s)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
