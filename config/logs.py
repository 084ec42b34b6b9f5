"""Structured logs: one JSON line per event, with the request id from the web through to the worker."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

from config import env

#: addresses that are secrets themselves: whoever reads the log must not be able to use them
_SECRET = re.compile(r"(/invitation/|/password/reset/key/)[^/\s\"]+")


def without_secrets(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave the secret out of addresses in a log line.

    >>> without_secrets(None, "", {"request": "GET /invitation/abc123/"})
    {'request': 'GET /invitation/…/'}
    """
    for key in ("request", "event", "path"):
        if isinstance(event.get(key), str):
            event[key] = _SECRET.sub(r"\1…", event[key])
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_secrets,
]

structlog.configure(
    processors=[
        *_SHARED,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": _SHARED,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # One line per request comes from django_structlog; a second one adds nothing.
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
    },
}
