"""Children that cannot outlive their parent, under a user with no more rights than they need."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Final

from config.trial.errors import TrialError

_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
_CAPABILITY_VERSION_3: Final = 0x20080522
#: capabilities(7): walk through and read everything; write everything too
_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE = 2, 1


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that servers run as: PostgreSQL refuses to run as root.

    `reach` keeps one right of root's: to walk through folders that are closed to others (a clone under /root).
    """

    uid: int
    gid: int
    reach: bool = False


@cache
def server_account() -> Account | None:
    """Return the unprivileged user for servers when we are root, else None: they run as ourselves."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilitySets(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


@cache
def _libc() -> ctypes.CDLL:
    """Return the C library, loaded before a child is forked: a child must not load anything."""
    if sys.platform != "linux":
        raise TrialError(
            "machine-unknown",
            "The servers of a trial run on Linux only.",
            "Set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL to servers of your own.",
        )
    return ctypes.CDLL(None, use_errno=True)


@cache
def _reaching() -> int:
    """Return the weaker of the two capabilities that walk through closed folders and that we have."""
    had = int(Path("/proc/self/status").read_text().split("CapPrm:")[1].split()[0], 16)
    return _CAP_DAC_READ_SEARCH if had & 1 << _CAP_DAC_READ_SEARCH else _CAP_DAC_OVERRIDE


def child_of(parent: int, death_signal: int, account: Account | None) -> Callable[[], None]:
    """Return what a child does before it becomes its program: change user, ask for a signal when its parent dies."""
    libc = _libc()
    capability = _reaching() if account and account.reach else None

    def prepare() -> None:
        if account:
            _become(libc, account, capability)
        libc.prctl(_PR_SET_PDEATHSIG, death_signal)  # after the change of user, which would undo it
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def _become(libc: ctypes.CDLL, account: Account, capability: int | None) -> None:
    if capability is not None:
        libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    if capability is not None:
        kept = _CapabilitySets(*[1 << capability] * 3)
        libc.capset(ctypes.byref(_CapabilityHeader(_CAPABILITY_VERSION_3, 0)), (_CapabilitySets * 2)(kept))
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0)


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
        preexec_fn=child_of(os.getpid(), death_signal, account),
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


def working_in(folder: Path) -> list[int]:
    """Return the processes whose working folder is `folder`: there every server of ours does its work."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            # Gone meanwhile, or somebody else's, which we may not look into.
            with contextlib.suppress(OSError):
                if (process / "cwd").readlink() == folder:
                    found.append(int(process.name))
    return found


def wait_for_remains(folder: Path, *, within_s: float = 60) -> None:
    """Wait until no server of an earlier start works in `folder`; raises `TrialError` ("still-stopping").

    A killed supervisor takes its servers with it, but PostgreSQL writes everything out before it ends.
    """
    until = time.monotonic() + within_s
    folder = folder.resolve()
    while left := working_in(folder):
        if time.monotonic() > until:
            raise TrialError(
                "still-stopping",
                f"Process {left[0]} of an earlier start still works in {folder}.",
                f"Wait until it has ended, or end it: kill -INT {left[0]}",
            )
        time.sleep(0.05)


def tail(log: Path | None, *, lines: int = 15) -> str:
    """Return the last lines of a log; nothing when there is none."""
    if log is None or not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
