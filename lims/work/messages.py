"""The message "look at (kind, key)". It may get lost: beat finds what is due again."""

import time
from typing import Final

import structlog
from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from lims.work.handlers import KINDS
from lims.work.rules import SWEEP_QUEUE

LOOK: Final = "lims.work.look"
#: after a failed send this process does not try again for a while: committed requests must not be slowed down
QUIET_S: Final = 5.0

log = structlog.get_logger(__name__)
_quiet_until = 0.0


def queue_of(kind: str, *, sweep: bool) -> str:
    """Return the queue for a kind of work; a sweep's keys go to one of their own."""
    if sweep:
        return SWEEP_QUEUE
    return KINDS[kind].queue if kind in KINDS else "default"


def send(kind: str, key: str, *, sweep: bool = False, expires_s: float | None = None) -> bool:
    """Ask a worker to look at (kind, key); return whether the broker took the message. Never raises for a broker."""
    global _quiet_until  # noqa: PLW0603  # one pause for the whole process
    if time.monotonic() < _quiet_until:
        return False
    try:
        current_app.send_task(
            LOOK,
            args=[kind, key],
            queue=queue_of(kind, sweep=sweep),
            expires=expires_s,
            retry=False,
            ignore_result=True,
        )
    except (OperationalError, RedisError, OSError) as error:
        _quiet_until = time.monotonic() + QUIET_S
        log.warning("broker-away", kind=kind, key=key, error=type(error).__name__)
        return False
    return True
