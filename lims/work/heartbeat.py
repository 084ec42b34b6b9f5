"""The heartbeat: beat sends it, a worker writes it, so it proves beat, broker and worker at once."""

import time
from typing import Final

from django.core.cache import cache

_KEY: Final = "work:heartbeat"
EVERY_S: Final = 3.0
#: long imports may keep every worker process busy for a while
LATE_AFTER_S: Final = 120


def beat() -> None:
    """Write that beat, broker and worker are alive now."""
    cache.set(_KEY, time.time(), timeout=None)


def age_s() -> float | None:
    """Return how old the last heartbeat is, in seconds; None when there has not been one."""
    at = cache.get(_KEY)
    return None if at is None else max(0.0, time.time() - float(at))
