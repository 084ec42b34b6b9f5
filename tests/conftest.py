"""Real servers for every test: one PostgreSQL and one Valkey for the run, a database of its own per worker.

The first process starts the servers (or takes those of DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL), migrates
a template database as owner and tells the xdist workers; each worker clones the template. Settings are read after
that, so everything that a test starts in another process finds the same servers in its environment.
"""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

import django
import pytest

from tests.support import databases

pytest_plugins = ["tests.support.fixtures"]

_STACK = contextlib.ExitStack()
_KEY: pytest.StashKey[dict[str, str]] = pytest.StashKey()


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers, or learn from the first process where they are; then set Django up."""
    if config.option.collectonly and not _is_worker(config):
        environment: dict[str, str] = {}
    elif _is_worker(config):
        environment = config.workerinput["servers"]
    else:
        environment = databases.prepare(_STACK)
    config.stash[_KEY] = environment
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    os.environ.update(environment and databases.for_worker(environment, worker))
    private = _STACK.enter_context(tempfile.TemporaryDirectory(prefix="lims-test-"))
    os.environ.update({"DATA_DIR": private, "SECRET_KEY": secrets.token_urlsafe(50), "TRIAL": "1"})
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    # Celery forks: nothing of a test's private directory may be shared with another worker's.
    Path(private, "files").mkdir()
    django.setup()


def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the servers are."""
    node.workerinput["servers"] = node.config.stash[_KEY]


def pytest_unconfigure(config: pytest.Config) -> None:  # pytest names the argument
    """Stop the servers that this process started."""
    _STACK.close()
