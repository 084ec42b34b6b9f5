"""Reading settings from the environment, with an error that says what to set."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return the variable `name`, or `default`; without a default its absence is an error.

    >>> text("A_NAME_THAT_NOBODY_SETS", "quiet")
    'quiet'
    """
    value = os.environ.get(name) or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. `make run` sets it for a trial; see .env.example.")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """Return whether the variable `name` says yes (1, true, yes, on).

    >>> flag("A_NAME_THAT_NOBODY_SETS")
    False
    """
    return os.environ.get(name, str(int(default))).strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """Return the comma-separated variable `name` as a list without blanks.

    >>> words("A_NAME_THAT_NOBODY_SETS", "a, b,")
    ['a', 'b']
    """
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def path(name: str, default: Path) -> Path:
    """Return the variable `name` as a path, or `default`."""
    return Path(os.environ.get(name) or default)


def broker_url(redis_url: str) -> str:
    """Return kombu's spelling of a Redis address: it writes a Unix socket in its own way.

    >>> broker_url("unix:///tmp/x/valkey.sock?db=3")
    'redis+socket:///tmp/x/valkey.sock?virtual_host=3'
    >>> broker_url("redis://127.0.0.1:6379/0")
    'redis://127.0.0.1:6379/0'
    """
    if not redis_url.startswith("unix://"):
        return redis_url
    return "redis+socket://" + redis_url.removeprefix("unix://").replace("?db=", "?virtual_host=")
