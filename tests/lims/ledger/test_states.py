"""Whatever is written in whatever order, the last recorded state of every row is the row."""

import contextlib
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lims.ledger.sql import canonical
from lims.ledger.tables import Table
from lims.ledger.verify_rows import entry_findings, row_findings
from lims.recording import Recording
from lims.verbs import acting
from tests.lims.ledger.conftest import TESTER

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = Table("heaps", ("a", "b"), ("a", "b", "v", "s"), Recording(digested=frozenset({"s"})))
KEY = st.integers(0, 4)
TEXT = st.one_of(
    st.none(), st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
)
WRITES = st.one_of(
    st.tuples(
        st.just("INSERT INTO heaps VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"),
        st.tuples(KEY, KEY, TEXT, TEXT),
    ),
    st.tuples(
        st.just(
            "INSERT INTO heaps VALUES (%s, %s, %s, %s) ON CONFLICT (a, b) DO UPDATE SET v = EXCLUDED.v, s = EXCLUDED.s"
        ),
        st.tuples(KEY, KEY, TEXT, TEXT),
    ),
    st.tuples(
        st.just(
            "INSERT INTO heaps SELECT n, %s, %s, NULL FROM generate_series(0, 4) AS n ON CONFLICT DO NOTHING"
        ),
        st.tuples(KEY, TEXT),
    ),
    st.tuples(st.just("UPDATE heaps SET v = %s WHERE a <= %s"), st.tuples(TEXT, KEY)),
    st.tuples(st.just("UPDATE heaps SET b = 4 - b, v = %s WHERE a = %s"), st.tuples(TEXT, KEY)),
    st.tuples(st.just("UPDATE heaps SET a = b, b = a"), st.tuples()),
    st.tuples(st.just("DELETE FROM heaps WHERE b = %s"), st.tuples(KEY)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=st.lists(WRITES, max_size=12))
def test_the_last_recorded_state_of_every_row_is_the_row(
    heaps: Any, writes: list[tuple[str, tuple[Any, ...]]]
):
    with acting(TESTER, verb_name="write"), connection.cursor() as cursor:
        for statement, values in writes:
            # A refused statement is undone with its entries.
            with contextlib.suppress(IntegrityError), transaction.atomic():
                cursor.execute(statement, values)
        with canonical(cursor):
            assert list(row_findings(cursor, [TABLE], frozenset({"heaps"}), lambda _: None)) == []
            assert list(entry_findings(cursor)) == []


@pytest.fixture
def heaps(scratch: Any) -> None:
    scratch("a int, b int, v text, s text, PRIMARY KEY (a, b)", TABLE)
