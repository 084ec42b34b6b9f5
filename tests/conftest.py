"""Real servers for every test: one PostgreSQL and one Valkey for the run, a database of its own per worker.

The first process starts the servers (or takes those of DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL), migrates
a template database as owner and tells the xdist workers; each worker clones the template. Settings are read after
that, so everything that a test starts in another process finds the same servers in its environment.
"""

import contextlib
import json
import os
import secrets
import tempfile
from pathlib import Path

import django
import pytest

from config.trial.kept import opening_key
from tests.support import databases

pytest_plugins = ["tests.support.fixtures"]

#: how the first process tells the others, which inherit its environment
_TOLD = "LIMS_TEST_SERVERS"
_STACK = contextlib.ExitStack()


def _set_up() -> None:
    """Start the servers, or learn from the first process where they are; then set Django up.

    This happens as soon as this file is read: conftests below it import models.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        os.environ[_TOLD] = json.dumps(databases.prepare(_STACK))
    os.environ.update(databases.for_worker(json.loads(os.environ[_TOLD]), worker or "gw0"))
    private = _STACK.enter_context(tempfile.TemporaryDirectory(prefix="lims-test-"))
    os.environ.update({"DATA_DIR": private, "SECRET_KEY": secrets.token_urlsafe(50), "TRIAL": "1"})
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    keys = Path(private, "keys")
    keys.mkdir()
    (keys / "field_p256").write_bytes(opening_key())
    django.setup()
    # The xdist workers inherit this environment; with the variable in it they would read the settings before they
    # come here, and with them the first process's database.
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure(config: pytest.Config) -> None:  # pytest names the argument
    """Stop the servers that this process started."""
    _STACK.close()


_set_up()
