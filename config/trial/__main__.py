"""`make run`: a whole trial on this machine, from nothing to an address, and back to nothing with Ctrl-C."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from config.trial import checks
from config.trial.errors import TrialError
from config.trial.processes import spawn
from config.trial.servers import locked, plan, socket_folder
from config.trial.supervisor import Child, Supervisor

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "lims"
QUEUES = "default,import,decide,report,notify,sweep"
READY_WITHIN_S = 120


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)  # noqa: T201  # this is a program with a terminal


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the content of the secret file `path`, made once and readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f".{path.name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
        fresh.rename(path)
    return path.read_bytes()


def _signing_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def environment(data: Path, host: str, port: int) -> dict[str, str]:
    """Return the settings of a trial with its data in `data`; secrets are made once and kept there."""
    key = data / "keys" / "ledger_ed25519"
    _kept(key, _signing_key)
    secret = _kept(data / "keys" / "secret_key", lambda: secrets.token_urlsafe(60).encode()).decode()
    for folder in ("files", "run", "witness"):
        (data / folder).mkdir(exist_ok=True)
    return {
        "TRIAL": "1",
        "SECRET_KEY": secret,
        "DATA_DIR": str(data),
        "LEDGER_KEY_FILE": str(key),
        "LEDGER_WITNESS_FILE": str(data / "witness" / "seals.jsonl"),
        "FILES_ROOT": str(data / "files"),
        "RUN_DIR": str(data / "run"),
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{host}"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "HOST": host,
        "PORT": str(port),
    }


def manage(env: Mapping[str, str], *arguments: str) -> None:
    """Run a management command; raises `TrialError` ("command-failed") with what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-3000:]
        raise TrialError("command-failed", f"`manage.py {' '.join(arguments)}` failed:\n{said}")


def _programs(data: Path, env: Mapping[str, str], host: str, port: int) -> list[Child]:
    """Return worker, beat and web, in the order in which they start."""
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    gunicorn = [
        sys.executable,
        "-m",
        "gunicorn",
        "config.wsgi:application",
        "--bind",
        f"{host}:{port}",
        "--no-control-socket",
    ]
    commands = {
        # SIGQUIT is Celery's way to stop at once: what was being done is due again.
        "worker": (
            [*celery, "worker", "-c", "2", "-Q", QUEUES, "--without-gossip", "--without-mingle"],
            signal.SIGTERM,
            signal.SIGQUIT,
        ),
        "beat": (
            [*celery, "beat", "-s", str(data / "run" / "beat"), "--pidfile="],
            signal.SIGTERM,
            signal.SIGTERM,
        ),
        "web": (
            [
                *gunicorn,
                "--worker-class",
                "gthread",
                "--workers",
                "2",
                "--threads",
                "4",
                "--graceful-timeout",
                "5",
            ],
            signal.SIGTERM,
            signal.SIGINT,
        ),
    }

    def starter(name: str) -> Callable[[], subprocess.Popen[bytes]]:
        def start() -> subprocess.Popen[bytes]:
            with (data / "log" / f"{name}.log").open("ab") as log:
                return spawn(commands[name][0], log=log, env=env, cwd=ROOT, death_signal=commands[name][2])

        return start

    return [Child(name, starter(name), stop_by=commands[name][1]) for name in commands]


def _rotate(logs: Path) -> None:
    logs.mkdir(exist_ok=True)
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def wait_ready(supervisor: Supervisor, address: str, logs: Path) -> None:
    """Wait until the trial answers that it can work; raises `TrialError` ("not-ready") with what is missing."""
    until = time.monotonic() + READY_WITHIN_S
    said = "nothing answers yet"
    while not supervisor.asked_to_stop.is_set():
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310  # our own address
                return
        except urllib.error.HTTPError as answer:
            said = answer.read().decode(errors="replace")[:500]
        except OSError:
            pass
        if time.monotonic() > until:
            tail = "\n".join((logs / "web.log").read_text(errors="replace").splitlines()[-10:])
            raise TrialError(
                "not-ready", f"Not ready after {READY_WITHIN_S} s: {said}\n{tail}", f"See the logs in {logs}."
            )
        supervisor.look()
        time.sleep(0.1)


def greet(address: str, data: Path) -> None:
    """Print the address and, where there are any, the demonstration logins."""
    say(f"\n  Rare-earth LIMS is at {address}\n")
    logins = data / "run" / "demonstration.json"
    if logins.exists():
        people = json.loads(logins.read_text())
        wide = max(len(person["email"]) for person in people)
        for person in people:
            say(
                f"  {person['email']:<{wide}}  {person['password']}  {person['role']}, {person['organisation']}"
            )
    say(f"\n  Data and logs are in {data}. Ctrl-C stops everything.\n")


def run(data: Path, host: str, port: int) -> None:
    """Start everything, keep it running until asked to stop, and stop it. Raises `TrialError`."""
    own = checks.own_servers(os.environ)
    data.mkdir(mode=0o711, parents=True, exist_ok=True)
    checks.check_writable(data)
    supervisor = Supervisor(say)
    supervisor.listen()
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(data))
        checks.check_disk(data)
        checks.check_port(host, port)
        _rotate(data / "log")
        stack.callback(supervisor.stop)
        env = os.environ | environment(data, host, port)
        if not own:
            planned = plan(data, stack.enter_context(socket_folder()), durable=True)
            stack.callback(supervisor.stop)  # before the folder of the sockets goes
            if planned.cluster.crashed():
                say("PostgreSQL was not shut down last time: it recovers what was committed.")
            supervisor.add(Child("PostgreSQL", planned.start_postgres, stop_by=signal.SIGINT, within_s=30))
            supervisor.add(Child("Valkey", planned.start_valkey))
            planned.cluster.prepare(DATABASE)
            servers = planned.servers(DATABASE)
            env |= {
                "DATABASE_URL": servers.database_url,
                "DATABASE_OWNER_URL": servers.owner_url,
                "REDIS_URL": servers.redis_url,
            }
        manage(env, "migrate", "--database", "owner", "--verbosity", "0")
        manage(env, "load_demonstration", "--if-empty")
        for child in _programs(data, env, host, port):
            supervisor.add(child)
        address = f"http://{host}:{port}"
        wait_ready(supervisor, address, data / "log")
        if not supervisor.asked_to_stop.is_set():
            greet(address, data)
        supervisor.keep()
        say("Stopping.")


def main() -> int:
    """Run a trial; print what is wrong and return 1 when it cannot start."""
    data = Path(os.environ.get("DATA_DIR") or ROOT / ".data").resolve()
    try:
        run(data, os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000")))
    except TrialError as error:
        say(f"{error.message}\n{error.remedy}".strip())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
