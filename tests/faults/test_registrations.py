"""Any process of a trial may die at any moment while samples are registered: nothing is lost, nothing doubled.

A round is 200 registrations, a hundred over the API and a hundred by a list, while processes are killed with SIGKILL.
ROUNDS says how many rounds (the short form in `make test` is one).
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import requests

from tests.config.test_supervisor import trial, wait_for_address
from tests.support.browser import free_port
from tests.support.worker import until

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("ROUNDS", "1"))
EACH_WAY = 100
#: deaths in a round; more at once and nothing would ever be up
DEATHS = 5

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120 + 120 * ROUNDS)]


class Trial:
    """A running trial: its address, its environment, its processes."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.process = trial(data, self.port)
        wait_for_address(self.process)
        # What the supervisor says from now on must not fill its pipe.
        self.said = threading.Thread(target=self.process.stdout.read)
        self.said.start()
        self.address = f"http://127.0.0.1:{self.port}"
        worker = next(p for p in self.processes() if "celery" in " ".join(p.cmdline()))
        self.env = worker.environ()

    def processes(self) -> list[psutil.Process]:
        """Return every process below the supervisor."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def run(self, *command: str) -> str:
        """Run a Python program in the trial's environment and return what it prints."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.env | {"PYTHONPATH": str(ROOT)},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, *query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with psycopg.connect(self.env["DATABASE_URL"]) as connection:
            return connection.execute(*query).fetchall()

    def kill_someone(self, choose: random.Random) -> str:
        """Kill one process, each kind equally likely, and return its kind."""
        kinds: dict[str, list[psutil.Process]] = {}
        for process in self.processes():
            try:
                kinds.setdefault(kind_of(process), []).append(process)
            except psutil.NoSuchProcess:
                continue
        kind = choose.choice(sorted(kinds)) if kinds else "nobody"
        try:
            choose.choice(kinds[kind]).send_signal(signal.SIGKILL)
        except (psutil.NoSuchProcess, KeyError):
            return f"{kind} (gone already)"
        return kind


def kind_of(process: psutil.Process) -> str:
    """Return what a process of the trial is."""
    line = " ".join(process.cmdline())
    for word in ("gunicorn", "valkey", "celery"):
        if word in line:
            role = "beat" if "beat" in line else word
            child = process.parent() is not None and word in " ".join(process.parent().cmdline())
            return f"{role} child" if child else role
    return "postgres backend" if line.startswith("postgres:") else "postgres"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory):
    """Run a whole trial for the rounds."""
    running = Trial(tmp_path_factory.mktemp("faults"))
    yield running
    running.process.send_signal(signal.SIGINT)
    running.process.wait(60)
    running.said.join()
    running.process.stdout.close()


def insist(send: Callable[[], requests.Response]) -> requests.Response:
    """Send again until there is an answer that is about the work: as a phone or a script would."""
    until_when = time.monotonic() + 90
    while True:
        try:
            answer = send()
            if answer.status_code < 500 and answer.status_code not in {401, 429}:
                return answer
        except requests.RequestException:
            pass
        assert time.monotonic() < until_when, "no answer in 90 s"
        time.sleep(0.1)


def register_all(stack: Trial, made: dict[str, Any]) -> list[int]:
    """Register the first tags over the API, four at a time, and the others by a list; return the API's statuses."""
    headers = {"Authorization": f"Token {made['token']}"}

    def one(tag: str) -> int:
        body = {"batch": made["batch"], "tag": tag, "mass_g": "2150", "collected_at": "2026-11-03T08:00:00Z"}
        keyed = headers | {"Idempotency-Key": str(uuid.uuid4())}
        answer = insist(
            lambda: requests.post(f"{stack.address}/api/v1/samples/", json=body, headers=keyed, timeout=10)
        )
        time.sleep(0.05)
        return answer.status_code

    with ThreadPoolExecutor(5) as pool:
        listed = pool.submit(register_list, stack, made, headers)
        statuses = list(pool.map(one, made["tags"][:EACH_WAY]))
        listed.result()
    return statuses


def register_list(stack: Trial, made: dict[str, Any], headers: dict[str, str]) -> None:
    """Upload the other tags as a list, wait for the worker, commit, wait again."""
    rows = "".join(f"{tag},2.15,2026-11-03\n" for tag in made["tags"][EACH_WAY:])
    content = ("tag,mass_kg,collected_at\n" + rows).encode()
    root = f"{stack.address}/api/v1/lists/"

    def post(address: str, **what: Any) -> requests.Response:
        keyed = headers | {"Idempotency-Key": str(uuid.uuid4())}
        return insist(lambda: requests.post(address, headers=keyed, timeout=10, **what))

    # The body is written once: sent again, it must be the same bytes for its key.
    form = requests.Request(
        "POST", root, files={"file": ("list.csv", content)}, data={"batch": made["batch"]}
    ).prepare()
    keyed = headers | {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": form.headers["Content-Type"]}
    answer = insist(lambda: requests.post(root, data=form.body, headers=keyed, timeout=10))
    assert answer.status_code == 201, answer.text
    address = f"{root}{answer.json()['id']}/"

    def state() -> str:
        return str(insist(lambda: requests.get(address, headers=headers, timeout=10)).json()["state"])

    until(lambda: state() == "READ", within_s=90, every_s=0.2)
    assert post(f"{address}commit/", json={}).status_code == 200
    until(lambda: state() == "COMMITTED", within_s=90, every_s=0.2)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_registrations_survive_the_death_of_any_process(stack, number):
    choose, killed, done = random.Random(f"round {number}"), [], threading.Event()
    made = json.loads(stack.run("tests/faults/prepare.py", str(2 * EACH_WAY)))

    def killer() -> None:
        while len(killed) < DEATHS and not done.wait(choose.uniform(0.1, 1.0)):
            killed.append(stack.kill_someone(choose))

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        statuses = register_all(stack, made)
    finally:
        done.set()
        thread.join()
    assert set(statuses) == {201}, killed
    until(lambda: ready(stack), within_s=90, every_s=0.3)
    until(lambda: nothing_due(stack), within_s=60, every_s=0.3)
    tags = [tag.replace("-", "") for tag in made["tags"]]
    rows = stack.ask(
        "SELECT t.code FROM samples_sample s JOIN samples_tag t ON t.id = s.tag_id WHERE s.batch_id = %s ORDER BY t.code",
        [made["batch"]],
    )
    assert [code for (code,) in rows] == sorted(tags), f"lost or doubled after {killed}"
    entries = stack.ask(
        "SELECT count(*), count(DISTINCT e.row_key) FROM lims_ledgerentry e JOIN samples_sample s ON s.id::text = e.row_key"
        " WHERE e.table_name = 'samples_sample' AND e.op = 'I' AND s.batch_id = %s",
        [made["batch"]],
    )
    assert entries == [(len(tags), len(tags))]
    stack.run("manage.py", "verify_ledger")
    assert killed, "somebody must have died"
    print(json.dumps({"round": number, "killed": killed, "lost": 0, "doubled": 0}))  # noqa: T201


def ready(stack: Trial) -> bool:
    try:
        return requests.get(f"{stack.address}/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def nothing_due(stack: Trial) -> bool:
    """Return whether no work of the registry is due any more (the record seals itself again and again)."""
    try:
        left = "SELECT kind FROM work_request UNION ALL SELECT kind FROM work_claim"
        return not [kind for (kind,) in stack.ask(left) if kind.startswith("samples.")]
    except psycopg.OperationalError:
        return False
