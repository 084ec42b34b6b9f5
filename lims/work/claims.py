"""Claiming a key, failing it, and what is due: the SQL behind the runner, each in one short transaction."""

import uuid
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from lims.work import holder
from lims.work.handlers import Held, Kind
from lims.work.rules import pause_s


def _free(claim: str) -> str:
    """Return SQL for "this claim may be taken": it failed and its pause is over, its lease ran out, its holder died."""
    return (
        f"(CASE WHEN {claim}.retry_at IS NOT NULL THEN {claim}.retry_at <= clock_timestamp()"
        f" ELSE {claim}.lease_until <= clock_timestamp() OR {holder.gone(claim)} END)"
    )


#: a claim taken over from a worker that died counts as an attempt, as a failed one has been counted already
_CLAIM: Final = f"""
INSERT INTO work_claim AS zq_c
    (kind, key, token, since, lease_until, holder, worker, attempts, error, sweep, request_id)
VALUES (%(kind)s, %(key)s, %(token)s, clock_timestamp(), clock_timestamp() + make_interval(secs => %(lease_s)s),
        %(holder)s, %(worker)s, 0, '', false, '')
ON CONFLICT (kind, key) DO UPDATE SET
    token = EXCLUDED.token, since = EXCLUDED.since, lease_until = EXCLUDED.lease_until, holder = EXCLUDED.holder,
    worker = EXCLUDED.worker, attempts = zq_c.attempts + (zq_c.retry_at IS NULL)::int, retry_at = NULL
WHERE {_free("zq_c")}
RETURNING zq_c.attempts, zq_c.request_id, (zq_c.xmax = 0) AS fresh
"""  # noqa: S608  # composed of our own constants


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim just made: the handle for the handler, and the request that it answers."""

    held: Held
    request_id: str


def claim(kind: Kind, key: str, *, worker: str) -> Claimed | None:
    """Claim (kind, key) and take in its requests; None when nothing is due or another worker is on it.

    One short transaction; afterwards no row of due work is locked.
    """
    token, life = uuid.uuid4(), holder.number()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "kind": kind.name,
                "key": key,
                "token": token,
                "lease_s": kind.lease_s,
                "holder": life,
                "worker": worker,
            },
        )
        row = cursor.fetchone()
        if row is None:
            return None
        attempts, request_id, fresh = row
        # Only the requests that this statement sees go, by their ids: ids are not in the order of commits.
        cursor.execute(
            "DELETE FROM work_request WHERE kind = %s AND key = %s RETURNING sweep, request_id",
            [kind.name, key],
        )
        seen = cursor.fetchall()
        if fresh and not seen:
            transaction.set_rollback(True)
            return None
        request_id = next((text for _, text in seen if text), request_id)
        cursor.execute(
            "UPDATE work_claim SET request_id = %s, sweep = sweep OR %s WHERE kind = %s AND key = %s AND token = %s",
            [request_id, any(sweep for sweep, _ in seen), kind.name, key, token],
        )
    return Claimed(Held(kind.name, key, token, attempts, kind.lease_s), request_id)


def release(held: Held) -> None:
    """Let go of a claim whose handler needed no last transaction of its own. Raises `TakenOver`."""
    with held.last_transaction():
        pass


def fail(held: Held, error: str) -> None:
    """Keep a failed claim with its error; it is due again after a pause. Does nothing when it was taken over."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE work_claim SET attempts = attempts + 1, error = %s, holder = NULL,"
            " retry_at = clock_timestamp() + make_interval(secs => %s) WHERE kind = %s AND key = %s AND token = %s",
            [error, pause_s(held.attempts + 1), held.kind, held.key, held.token],
        )


_DUE: Final = f"""
WITH zq_due AS (
    SELECT zq_r.kind, zq_r.key, bool_and(zq_r.sweep) AS sweep, min(zq_r.at) AS since FROM work_request zq_r
    WHERE NOT EXISTS (
        SELECT 1 FROM work_claim zq_c WHERE zq_c.kind = zq_r.kind AND zq_c.key = zq_r.key AND NOT {_free("zq_c")}
    )
    GROUP BY zq_r.kind, zq_r.key
    UNION ALL
    SELECT zq_c.kind, zq_c.key, zq_c.sweep, zq_c.since FROM work_claim zq_c
    WHERE {_free("zq_c")}
      AND NOT EXISTS (SELECT 1 FROM work_request zq_r WHERE zq_r.kind = zq_c.kind AND zq_r.key = zq_c.key)
)
SELECT kind, key, sweep FROM zq_due
ORDER BY row_number() OVER (PARTITION BY kind, sweep ORDER BY since), kind LIMIT %s
"""  # noqa: S608  # composed of our own constants


def due(*, most: int) -> list[tuple[str, str, bool]]:
    """Return at most `most` due (kind, key, sweep), the oldest of each kind first, fairly over the kinds."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [most])
        return [(kind, key, sweep) for kind, key, sweep in cursor.fetchall()]
