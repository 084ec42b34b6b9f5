"""Keeps children running: starts them in order, restarts the dead, stops all in reverse order."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.trial.errors import TrialError
from config.trial.processes import stop

LONGEST_WAIT_S: Final = 30.0
#: a child that ran this long had started well: its next death begins a new count
RAN_WELL_S: Final = 30.0
_ASKING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Child:
    """One process to keep: how it starts, by which signal it stops and how long that may take."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_by: int = signal.SIGTERM
    within_s: float = 15.0
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = 0.0
    not_before: float = 0.0

    def run(self) -> None:
        """Start the process."""
        self.process = self.start()
        self.started_at = time.monotonic()

    def end(self) -> None:
        """Stop the process and whatever is left of its session."""
        if self.process is not None:
            stop(self.process, by=self.stop_by, within_s=self.within_s)
            self.process = None


@dataclass(slots=True)
class Supervisor:
    """The children in the order in which they need each other."""

    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    asked_to_stop: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Stop on Ctrl-C, on SIGTERM and when the terminal goes away."""
        for number in _ASKING:
            signal.signal(number, lambda *_: self.asked_to_stop.set())

    def add(self, child: Child) -> None:
        """Start a child and keep it from now on."""
        child.run()
        self.children.append(child)

    def look(self) -> None:
        """Restart what has died, after a pause that doubles with each death."""
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                continue
            if child.process is not None:
                self._count(child, child.process.returncode)
            if time.monotonic() >= child.not_before and not self.asked_to_stop.is_set():
                self._again(child)

    def _count(self, child: Child, code: int) -> None:
        child.deaths = child.deaths + 1 if time.monotonic() - child.started_at < RAN_WELL_S else 1
        # The first restart is immediate: one death is an accident.
        pause_s = min(LONGEST_WAIT_S, 0.25 * 2 ** (child.deaths - 1)) if child.deaths > 1 else 0.0
        child.not_before = time.monotonic() + pause_s
        again = f"starting it again in {pause_s:.1f} s. See {child.log}" if pause_s else "starting it again"
        self.say(f"{child.name} died ({_how(code)}); {again}.")
        child.end()  # what is left of its session goes too

    def _again(self, child: Child) -> None:
        try:
            child.run()
        except TrialError as error:
            child.deaths += 1
            child.not_before = time.monotonic() + min(LONGEST_WAIT_S, 0.25 * 2**child.deaths)
            if not self.asked_to_stop.is_set():
                self.say(f"{child.name} does not come back yet: {error}")

    def keep(self) -> None:
        """Watch until asked to stop."""
        while not self.asked_to_stop.wait(0.2):
            self.look()

    def stop(self) -> None:
        """Stop all children, the last one first; a second Ctrl-C does not leave some of them behind."""
        before = {number: signal.signal(number, signal.SIG_IGN) for number in _ASKING}
        while self.children:
            self.children.pop().end()
        for number, handler in before.items():
            signal.signal(number, handler)


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
