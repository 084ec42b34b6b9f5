"""The cache: Valkey, or nothing while it is away. What is kept there serves people, and must not stop them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def _or(default: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return `method`, answering `default` while Valkey cannot be reached."""

    @wraps(method)
    def calm(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except RedisError as error:
            log.warning("cache-away", method=method.__name__, error=type(error).__name__)
            return default

    return calm


class OpenCache(RedisCache):
    """Django's Redis cache that forgets instead of failing: limits then let through, progress is not shown."""

    add = _or(True, RedisCache.add)
    set = _or(None, RedisCache.set)
    touch = _or(False, RedisCache.touch)
    delete = _or(False, RedisCache.delete)
    has_key = _or(False, RedisCache.has_key)
    get_many = _or({}, RedisCache.get_many)
    set_many = _or([], RedisCache.set_many)
    delete_many = _or(None, RedisCache.delete_many)
    incr = _or(1, RedisCache.incr)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return what is kept under `key`; `default` when nothing is, or when Valkey is away."""
        return _or(default, super().get)(key, default, version)
