"""Doing due work: claim, run the handler, look once more."""

import os
import socket
import traceback

import structlog

from lims.verbs import request_id
from lims.work import claims
from lims.work.handlers import KINDS, Held, Kind, TakenOver
from lims.work.models import Request

log = structlog.get_logger(__name__)


def _unknown(name: str) -> Kind:
    """Return a kind that fails by name: work that nobody knows stays due and is shown to the operator."""

    def refuse(_held: Held) -> None:
        raise LookupError(f"No handler is registered for “{name}”. Is this worker an older version?")

    return Kind(name, refuse, "default", 60)


def look(kind_name: str, key: str) -> int:
    """Do (kind, key) as long as it is due and nobody else is on it; return how many times the handler ran to its end.

    Looks once more after each run: a request may have come while the handler ran, and its message found the key taken.
    """
    kind, done = KINDS.get(kind_name) or _unknown(kind_name), 0
    while True:
        claimed = claims.claim(kind, key, worker=f"{socket.gethostname()}:{os.getpid()}")
        if claimed is None:
            return done
        if not _do(kind, claimed):
            return done
        done += 1
        if not Request.objects.filter(kind=kind_name, key=key).exists():
            return done


def _do(kind: Kind, claimed: claims.Claimed) -> bool:
    """Run the handler under the request id of whoever asked; return whether it came to its end."""
    held = claimed.held
    token = request_id.set(claimed.request_id)
    try:
        with structlog.contextvars.bound_contextvars(
            request_id=claimed.request_id, kind=held.kind, key=held.key
        ):
            log.info("work-started", attempts=held.attempts)
            try:
                kind.handle(held)
                if not held.released:
                    claims.release(held)
            except TakenOver:
                log.warning("work-taken-over")
                return False
            except Exception as error:
                log.exception("work-failed", attempts=held.attempts + 1)
                claims.fail(held, _told(error))
                return False
            log.info("work-done")
            return True
    finally:
        request_id.reset(token)


def _told(error: Exception) -> str:
    """Return what an operator should read first, then where it happened."""
    where = "".join(traceback.format_tb(error.__traceback__)[-3:])
    return f"{type(error).__name__}: {error}\n\n{where}"[:4000]
