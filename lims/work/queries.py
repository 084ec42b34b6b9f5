"""What is due, claimed and failed, for operators."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from lims.work import heartbeat
from lims.work.holder import gone
from lims.work.messages import queue_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """Requests of one kind that no worker has taken yet: how many keys, the oldest, and their queue."""

    kind: str
    queue: str
    keys: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A key that a worker is on; `stale` when that worker is dead or its lease has run out."""

    kind: str
    key: str
    worker: str
    since: datetime
    attempts: int
    stale: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A key whose handler failed: how often, why, and when it is tried again."""

    kind: str
    key: str
    attempts: int
    error: str
    retry_at: datetime

    @property
    def reason(self) -> str:
        """Return the first line of the error."""
        return self.error.split("\n", 1)[0]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of due work at one moment, with the age of the heartbeat (s; None when there has been none)."""

    waiting: list[Waiting]
    held: list[Held]
    failed: list[Failed]
    heartbeat_age_s: float | None

    @property
    def heartbeat_late(self) -> bool:
        """Return whether beat, broker or every worker seems to have stopped."""
        return self.heartbeat_age_s is None or self.heartbeat_age_s > heartbeat.LATE_AFTER_S

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


_WAITING = """
SELECT zq_r.kind, bool_and(zq_r.sweep), count(DISTINCT zq_r.key), min(zq_r.at) FROM work_request zq_r
WHERE NOT EXISTS (SELECT 1 FROM work_claim zq_c WHERE zq_c.kind = zq_r.kind AND zq_c.key = zq_r.key AND zq_c.retry_at IS NOT NULL)
GROUP BY zq_r.kind ORDER BY min(zq_r.at)
"""
_HELD = f"""
SELECT zq_c.kind, zq_c.key, zq_c.worker, zq_c.since, zq_c.attempts, zq_c.lease_until <= clock_timestamp() OR {gone("zq_c")}
FROM work_claim zq_c WHERE zq_c.retry_at IS NULL ORDER BY zq_c.since LIMIT 100
"""  # noqa: S608  # composed of our own constants
_FAILED = """
SELECT kind, key, attempts, error, retry_at FROM work_claim WHERE retry_at IS NOT NULL ORDER BY retry_at LIMIT 100
"""


def overview() -> Overview:
    """Return what is due, held and failed: three queries, at most 100 keys of each."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        waiting = [
            Waiting(kind, queue_of(kind, sweep=sweep), keys, oldest)
            for kind, sweep, keys, oldest in cursor.fetchall()
        ]
        cursor.execute(_HELD)
        held = [Held(*row) for row in cursor.fetchall()]
        cursor.execute(_FAILED)
        failed = [Failed(*row) for row in cursor.fetchall()]
    return Overview(waiting, held, failed, heartbeat.age_s())
