import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection, transaction

from lims.work import holder
from lims.work.services import request
from tests.support import handlers


@pytest.fixture(scope="session", autouse=True)
def _table_of_effects() -> Iterator[None]:
    handlers.register()
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS test_effect (id bigserial, kind text, key text, pid int)")
        owner.execute("GRANT ALL ON test_effect, test_effect_id_seq TO PUBLIC")
    yield
    holder.let_go()


@pytest.fixture
def effects() -> Callable[[], dict[str, int]]:
    """Return a function that counts the effects by "kind key"."""

    def count() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT kind || ' ' || key, count(*) FROM test_effect GROUP BY 1")
            return dict(cursor.fetchall())

    return count


@pytest.fixture
def ask() -> Callable[..., None]:
    """Return a function that requests work in a transaction of its own."""

    def asked(kind: str, *keys: str, sweep: bool = False) -> None:
        with transaction.atomic():
            for key in keys:
                request(kind, key=key, sweep=sweep)

    return asked
