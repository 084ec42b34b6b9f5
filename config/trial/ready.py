"""From the first start of web, worker and beat to the moment when people can work, and what they are told then."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

import redis

from config.trial.errors import TrialError
from config.trial.processes import tail
from config.trial.supervisor import Supervisor

READY_WITHIN_S: Final = 120
#: a program that died this often before the trial was ready will not make it
HOPELESS: Final = 3
#: straight to our own address, whatever proxy the machine has for others
_DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def forget_heartbeat(redis_url: str) -> None:
    """Remove the heartbeat of the last start, so that only a new one makes the trial ready."""
    with redis.Redis.from_url(redis_url) as client:
        for key in client.scan_iter("*work:heartbeat"):
            client.delete(key)


def answer_of(address: str) -> str | None:
    """Return what is missing by the trial's own account; None when nothing is."""
    try:
        with _DIRECT.open(f"{address}/readyz", timeout=5):
            return None
    except urllib.error.HTTPError as answer:
        return answer.read().decode(errors="replace")[:500]
    except OSError:
        return "nothing answers yet"


def wait_ready(supervisor: Supervisor, address: str, *, within_s: float = READY_WITHIN_S) -> None:
    """Wait until the trial answers that it can work, or is asked to stop.

    Raises `TrialError`: "not-ready" after `within_s`, "child-failed" when a program dies again and again; both
    with the end of the log of the program that is in trouble.
    """
    until = time.monotonic() + within_s
    while not supervisor.asked_to_stop.is_set() and (said := answer_of(address)) is not None:
        supervisor.look()
        worst = max(supervisor.children, key=lambda child: child.deaths)
        if worst.deaths >= HOPELESS:
            raise TrialError(
                "child-failed", f"{worst.name} does not stay up:\n{tail(worst.log)}", f"See {worst.log}."
            )
        if time.monotonic() > until:
            last = worst if worst.deaths else supervisor.children[-1]
            raise TrialError(
                "not-ready", f"Not ready after {within_s:g} s: {said}\n{tail(last.log)}", f"See {last.log}."
            )
        supervisor.asked_to_stop.wait(0.1)


def greet(say: Callable[[str], None], address: str, data: Path) -> None:
    """Say the address and, where there are any, the demonstration logins."""
    say(f"\n  Rare-earth LIMS is at {address}\n")
    logins = data / "run" / "demonstration.json"
    people = json.loads(logins.read_text()) if logins.exists() else []
    wide = max((len(person["email"]) for person in people), default=0)
    for person in people:
        about = f"{person['name']}: {person['role']}, {person['organisation']}"
        say(f"  {person['email']:<{wide}}  {person['password']}  {about}")
    say(f"\n  Data and logs are in {data}. Ctrl-C stops everything.\n")
