"""How far long work has come, for whoever waits: told while it runs, outside its transaction, and forgotten after an hour."""

from dataclasses import asdict, dataclass
from typing import Final

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

KEPT_S: Final = 3600
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """So many of so many are done, and what is being done."""

    done: int
    total: int
    doing: str


def tell(kind: str, key: object, *, done: int, total: int, doing: str) -> None:
    """Say how far the work on (kind, key) has come. Work does not fail because nobody can be told."""
    try:
        cache.set(f"progress:{kind}:{key}", asdict(Progress(done, total, doing)), KEPT_S)
    except (RedisError, OSError) as error:
        log.warning("progress-untold", error=type(error).__name__)


def of(kind: str, key: object) -> Progress | None:
    """Return how far the work on (kind, key) has come; None when nobody has said."""
    try:
        told = cache.get(f"progress:{kind}:{key}")
    except (RedisError, OSError):
        return None
    return Progress(**told) if told else None
