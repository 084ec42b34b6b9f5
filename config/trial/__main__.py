"""`make run`: a whole trial on this machine, from nothing to an address, and back to nothing with Ctrl-C."""

import argparse
import contextlib
import functools
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from config.trial import checks
from config.trial.errors import TrialError
from config.trial.kept import address_of, settings_of
from config.trial.programs import ROOT, as_child, prepare, programs
from config.trial.ready import forget_heartbeat, greet, wait_ready
from config.trial.servers import locked, plan
from config.trial.supervisor import Child, Supervisor

DATABASE: Final = "lims"


def say(text: str) -> None:
    """Tell the person at the terminal; a terminal that has gone away stops nothing."""
    with contextlib.suppress(OSError):
        print(text, flush=True)  # noqa: T201  # this is a program with a terminal


def _rotate(logs: Path) -> None:
    """Keep the logs of the last start beside those of this one."""
    logs.mkdir(mode=0o700, exist_ok=True)
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def _start_servers(supervisor: Supervisor, data: Path, sockets: Path) -> dict[str, str]:
    """Start PostgreSQL and Valkey under the supervisor; return where they are, as settings."""
    planned = plan(data, sockets, durable=True)
    if planned.cluster.crashed():
        say("PostgreSQL was not shut down last time: it recovers what was committed.")
    start = functools.partial(planned.start_postgres, supervisor.asked_to_stop.is_set)
    logs = planned.logs
    supervisor.add(Child("PostgreSQL", start, stop_by=signal.SIGINT, within_s=60, log=logs / "postgres.log"))
    supervisor.add(Child("Valkey", planned.start_valkey, log=logs / "valkey.log"))
    planned.cluster.prepare(DATABASE)
    servers = planned.servers(DATABASE)
    forget_heartbeat(servers.redis_url)
    return {
        "DATABASE_URL": servers.database_url,
        "DATABASE_OWNER_URL": servers.owner_url,
        "REDIS_URL": servers.redis_url,
    }


def run(data: Path, environment: Mapping[str, str], supervisor: Supervisor) -> None:
    """Start everything, keep it running until asked to stop, and stop it. Raises `TrialError`."""
    own = checks.own_servers(environment)
    host, port = environment.get("HOST") or "127.0.0.1", checks.port_of(environment.get("PORT") or "8000")
    checks.make_folder(data)
    with contextlib.ExitStack() as stack:
        sockets = stack.enter_context(locked(data))
        checks.check_disk(data)
        checks.check_port(host, port)
        _rotate(data / "log")
        env = {**environment, **settings_of(data, host, port, environment)}
        stack.callback(supervisor.stop)  # before the folder of the sockets goes
        say("Starting the servers." if not own else "Using the servers that the environment names.")
        if own:
            checks.check_servers(environment)
        else:
            env |= _start_servers(supervisor, data, sockets)
        say("Preparing the database.")
        prepare(env, give_up=supervisor.asked_to_stop.is_set)
        say("Starting worker, beat and web.")
        for program in programs(data, host, port):
            supervisor.add(as_child(program, env, data / "log"))
        wait_ready(supervisor, address_of(host, port))
        if not supervisor.asked_to_stop.is_set():
            greet(say, address_of(host, port), data)
        supervisor.keep()
        say("Stopping.")


def main() -> int:
    """Run a trial; print what is wrong and return 1 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m config.trial", description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="where to keep the data (default: DATA_DIR, else .data here)"
    )
    data = parser.parse_args().data or Path(os.environ.get("DATA_DIR") or ROOT / ".data")
    supervisor = Supervisor(say)
    supervisor.listen()
    try:
        run(data.resolve(), os.environ, supervisor)
    except TrialError as error:
        if supervisor.asked_to_stop.is_set():
            say("Stopped before it was ready.")
            return 0
        say(f"{error.message}\n{error.remedy}".strip())
        return 1
    except OSError as error:  # a disk that fills up, a folder that is taken away
        say(f"The trial cannot go on: {error}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
