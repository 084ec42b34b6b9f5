"""Fixtures for every test: the database, people, clients, a real worker."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.test import Client, TransactionTestCase

from tests.support import databases
from tests.support import worker as workers


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Do nothing: the database of this worker was cloned before Django was set up."""


@pytest.fixture(autouse=True, scope="session")
def _empty_past_the_triggers() -> Iterator[None]:
    """Let transactional tests clean up as a superuser: the application's role may not truncate."""
    # The clone has what its template wrote while it was migrated: the first test begins as empty as all others.
    databases.empty()
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: databases.empty())
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _uncounted() -> None:
    """Forget how often the tests before this one called the API without signing in."""
    from django.core.cache import cache  # noqa: PLC0415  # Django is set up by now

    cache.delete("throttle_anonymous_127.0.0.1")


@pytest.fixture
def person() -> Callable[..., Any]:
    """Return the maker of people: `person("manager", "irel")`; see `tests.support.people`."""
    from tests.support import people  # noqa: PLC0415  # models exist only once Django is set up

    return people.person


@pytest.fixture
def signed_in() -> Callable[[Any], Client]:
    """Return a function that gives a browser-like client signed in as a person."""

    def sign_in(user: Any) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[workers.Worker]:
    """Run a real worker for one test, over a database that really commits.

    It is gone before the tables are emptied: a worker that lives on would do the work of other tests.
    """
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()  # what other tests have sent
    yield from workers.running(tmp_path)
