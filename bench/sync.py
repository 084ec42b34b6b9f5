"""How fast phones sync: 2 000 registrations one by one, in batches of 50, and from 50 phones at once, over HTTP.

    make bench NAME=sync

A trial is started for the run (PostgreSQL, Valkey, worker, beat, web); the client shares its machine. Operations are
signed before the clock starts, as phones sign theirs in the field. Prints one JSON object; `p95_ms` is that of the
50 phones' requests. `rows` is 2 000 if each of the four ways registered exactly its 2 000 samples.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lims.ids import uuid7  # noqa: E402  # found only now
from samples.field.envelopes import encoded  # noqa: E402
from tests.support.browser import free_port  # noqa: E402

ROWS = int(os.environ.get("ROWS", "2000"))
BATCH, PHONES, FEW = 50, 50, 4
PHASES = ("single", "single_four", "batched", "fifty")


class Phone:
    """A phone: its key, its connection, its cursor."""

    def __init__(self) -> None:
        self.id, self.key = uuid7(), Ed25519PrivateKey.generate()
        self.sequence, self.cursor, self.token = 0, "", ""
        self.public_key = encoded(self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        self.connection: http.client.HTTPConnection | None = None

    def registers(self, batch: str, tag: str) -> dict[str, str]:
        """Return a signed operation that registers a sample."""
        self.sequence += 1
        here = {"at": "2026-11-03T08:50:00Z", "latitude": "26.05", "longitude": "98.35", "accuracy_m": "6"}
        body = {
            "sample_id": str(uuid7()),
            "batch": batch,
            "tag": tag,
            "mass_g": "2150",
            "site": "Pit 1",
            "depth_m": "1.5",
            "note": "Reddish clay",
            "field_number": "",
            "collector": "U Ba",
            "here": here,
        }
        told = {
            "id": str(uuid7()),
            "device": str(self.id),
            "sequence": self.sequence,
            "kind": "register_sample",
            "made_at": datetime.now(UTC).isoformat(),
            "body": body,
        }
        payload = json.dumps(told)
        return {"payload": payload, "signature": encoded(self.key.sign(payload.encode()))}

    def sync(self, operations: Sequence[dict[str, str]]) -> tuple[int, list[dict[str, Any]]]:
        """Send operations as the application does; return the status and the answers."""
        assert self.connection is not None
        body = {
            "sent_at": datetime.now(UTC).isoformat(),
            "app_version": "bench",
            "unsent": len(operations),
            "cursor": self.cursor,
            "operations": list(operations),
        }
        headers = {"Authorization": f"Device {self.token}", "Content-Type": "application/json"}
        text = json.dumps(body)
        try:
            status, told = self._post(text, headers)
        except (http.client.RemoteDisconnected, ConnectionError):
            self.connection.close()  # it was kept for too long: open another one, as a browser does
            status, told = self._post(text, headers)
        self.cursor = told.get("cursor") or self.cursor
        return status, told.get("answers", [])

    def _post(self, text: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        assert self.connection is not None
        self.connection.request("POST", "/api/v1/field/sync/", text, headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


@dataclass
class Measured:
    """What a way of sending took."""

    seconds: float = 0
    errors: int = 0
    took: list[float] = field(default_factory=list)

    def per_s(self) -> float:
        """Return operations per second."""
        return round(ROWS / self.seconds, 1)

    def p95_ms(self) -> float:
        """Return the time of a request that 95 in 100 do not exceed, ms."""
        return round(1000 * sorted(self.took)[int(len(self.took) * 0.95) - 1 if len(self.took) > 1 else 0], 1)


def send(phone: Phone, chunks: Sequence[Sequence[dict[str, str]]], measured: Measured) -> None:
    """Send one request after the other over one kept connection."""
    for chunk in chunks:
        begun = time.perf_counter()
        status, answers = phone.sync(chunk)
        measured.took.append(time.perf_counter() - begun)
        applied = sum(one["answer"] == "applied" for one in answers)
        measured.errors += len(chunk) - (applied if status == 200 else 0)  # HTTP's word for good


def measure(phones: Sequence[Phone], of: dict[str, Any], size: int) -> Measured:
    """Let phones send their shares at once, in requests of `size` operations."""
    work = []
    for n, phone in enumerate(phones):
        sents = [phone.registers(of["batch"], tag) for tag in of["tags"][n :: len(phones)]]
        work.append((phone, [sents[start : start + size] for start in range(0, len(sents), size)]))
        phone.sync([])  # as the application does when it opens: connected, and told what there is
    measured, gate = Measured(), threading.Barrier(len(phones) + 1)

    def one(phone: Phone, chunks: Sequence[Sequence[dict[str, str]]]) -> None:
        gate.wait()
        send(phone, chunks, measured)

    with ThreadPoolExecutor(len(phones)) as pool:
        done = [pool.submit(one, *share) for share in work]
        gate.wait()
        begun = time.perf_counter()
        for share in done:
            share.result()
        measured.seconds = time.perf_counter() - begun
    return measured


@contextmanager
def trial(data: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Run a whole trial with its data in `data`; yield its port and its environment."""
    port = free_port()
    unwanted = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "TRIAL", "DATA_DIR")
    env = {name: value for name, value in os.environ.items() if name not in unwanted}
    process = subprocess.Popen(  # our own program
        [sys.executable, "-m", "config.trial"],
        cwd=ROOT,
        env=env | {"DATA_DIR": str(data), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C stops everything" in line:
                break
        else:
            raise SystemExit(f"The trial did not start:\n{said}")
        drain = threading.Thread(target=process.stdout.read, daemon=True)
        drain.start()
        children = psutil.Process(process.pid).children(recursive=True)
        worker = next(child for child in children if "celery" in " ".join(child.cmdline()))
        yield port, worker.environ()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def prepared(env: dict[str, str], phones: Sequence[Phone]) -> dict[str, Any]:
    """Return batches and tags for each way, with the phones enrolled."""
    keys = [{"id": str(phone.id), "public_key": phone.public_key} for phone in phones]
    told = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, str(ROOT / "bench" / "sync_prepare.py")],
        cwd=ROOT,
        env=env | {"PYTHONPATH": str(ROOT)},
        input=json.dumps({"phases": PHASES, "count": ROWS, "keys": keys}),
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise SystemExit(told.stderr)
    made: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    for phone, token in zip(phones, made["tokens"], strict=True):
        phone.token = token
    phases: dict[str, Any] = made["phases"]
    return phases


def settle(env: dict[str, str]) -> None:
    """Wait until the workers have done what starting the trial asked of them: they share the machine."""
    waiting = "SELECT (SELECT count(*) FROM work_request) + (SELECT count(*) FROM work_claim)"
    with psycopg.connect(env["DATABASE_URL"], autocommit=True) as connection:
        for _ in range(600):
            row = connection.execute(waiting).fetchone()
            if row is not None and not row[0]:
                return
            time.sleep(0.1)
    raise SystemExit("The workers were still busy after a minute.")


def bare(env: dict[str, str]) -> float:
    """Return how many rows a second one connection inserts and commits one by one: what no server could exceed."""
    with psycopg.connect(env["DATABASE_OWNER_URL"], autocommit=True) as connection:
        # A table as durable as ours: most of a small commit is waiting for the disk.
        connection.execute("CREATE TABLE bench_bare (id uuid PRIMARY KEY, payload text, signature text)")
        begun = time.perf_counter()
        for _ in range(ROWS):
            connection.execute("INSERT INTO bench_bare VALUES (%s, %s, %s)", (uuid7(), "x" * 500, "y" * 88))
        rate = round(ROWS / (time.perf_counter() - begun), 1)
        connection.execute("DROP TABLE bench_bare")
    return rate


def rows_of(env: dict[str, str], phases: dict[str, Any]) -> list[int]:
    """Return how many samples each way registered."""
    with psycopg.connect(env["DATABASE_URL"]) as connection:
        counts = dict(
            connection.execute("SELECT batch_id, count(*) FROM samples_sample GROUP BY batch_id").fetchall()
        )
    return [counts.get(uuid.UUID(phases[phase]["batch"]), 0) for phase in PHASES]


def main() -> None:
    """Start a trial, measure, print."""
    phones = [Phone() for _ in range(PHONES)]
    with tempfile.TemporaryDirectory(prefix="lims-bench-") as folder, trial(Path(folder)) as (port, env):
        phases = prepared(env, phones)
        for phone in phones:
            phone.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        settle(env)
        # Warm: each of the web's processes has loaded what it needs.
        for phone in phones[:8]:
            phone.sync([])
        inserts = bare(env)
        single = measure(phones[:1], phases["single"], 1)
        four = measure(phones[1 : 1 + FEW], phases["single_four"], 1)
        batched = measure(phones[5:6], phases["batched"], BATCH)
        fifty = measure(phones, phases["fifty"], BATCH)
        rows = rows_of(env, phases)
    result = {
        "name": "sync",
        "single_ops_per_s": single.per_s(),
        "single_p95_ms": single.p95_ms(),
        "single_four_ops_per_s": four.per_s(),
        "batched_ops_per_s": batched.per_s(),
        "batched_p95_ms": batched.p95_ms(),
        "fifty_clients_ops_per_s": fifty.per_s(),
        "p95_ms": fifty.p95_ms(),
        "bare_inserts_per_s": inserts,
        "single_to_bare": round(single.per_s() / inserts, 3),
        "errors": single.errors + four.errors + batched.errors + fifty.errors,
        "rows": ROWS if set(rows) == {ROWS} else min(rows, key=lambda count: -abs(count - ROWS)),
        "cpus": os.cpu_count(),
    }
    print(json.dumps(result))


main()
