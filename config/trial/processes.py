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

_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
_CAP_DAC_OVERRIDE, _CAPABILITY_VERSION_3 = 1, 0x20080522


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


def become(account: Account | None) -> None:
    """Turn this process, a child about to become its program, into `account`'s; None changes nothing."""
    if account is None:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if account.reach:
        libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    if account.reach:
        kept = _CapabilitySets(*[1 << _CAP_DAC_OVERRIDE] * 3)
        libc.capset(ctypes.byref(_CapabilityHeader(_CAPABILITY_VERSION_3, 0)), (_CapabilitySets * 2)(kept))
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def _child_of(parent: int, death_signal: int, account: Account | None) -> Callable[[], None]:
    """Return what a child does before it becomes its program: change user, ask for a signal when its parent dies."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare() -> None:
        become(account)
        prctl(_PR_SET_PDEATHSIG, death_signal)  # after the change of user, which would undo it
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare


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
        preexec_fn=_child_of(os.getpid(), death_signal, account),
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
