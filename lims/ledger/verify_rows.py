"""Verifying the tables: every row is what the record last said of it, and every entry follows from the one before."""

import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from lims.ledger.rules import Finding, changed_names
from lims.ledger.shapes import recorded, standing
from lims.ledger.tables import Table

_CHUNK: Final = 1000
_DIFFERING = sql.SQL(
    "SELECT coalesce(recorded.key, standing.key), recorded.state::text, standing.image::text, recorded.id"
    " FROM (SELECT * FROM {recorded} AS last WHERE last.op <> 'D') AS recorded"
    " FULL JOIN {standing} AS standing ON standing.key = recorded.key"
    " WHERE recorded.state IS DISTINCT FROM standing.image ORDER BY 1"
)
_BROKEN: Final = """
SELECT e.id, e.table_name, e.row_key, e.state_before::text, e.before::text FROM (
    SELECT e.id, e.table_name, e.row_key, e.before, lag(e.after) OVER one_row AS state_before
    FROM public.lims_ledgerentry AS e
    WINDOW one_row AS (PARTITION BY e.table_name, e.row_key ORDER BY e.id)
) AS e
WHERE e.before IS DISTINCT FROM e.state_before
ORDER BY e.id
"""


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text, parse_float=Decimal)


def _parts(columns: Sequence[str]) -> str:
    return ", ".join(columns)


def entry_findings(cursor: CursorWrapper) -> Iterator[Finding]:
    """Yield each entry that does not follow from the entry before it of the same row."""
    cursor.execute(_BROKEN)
    while rows := cursor.fetchmany(_CHUNK):
        for entry, table, key, state, before in rows:
            columns = changed_names(_json(state), _json(before))
            message = (
                f"Entry {entry} does not follow from the one before it: "
                f"{table} {key} was changed in between, past the record"
            )
            detail = f" ({_parts(columns)})." if columns else "."
            yield Finding("entry-unconnected", message + detail, None, entry, table, key, columns)


def row_findings(
    cursor: CursorWrapper, tables: Sequence[Table], there: frozenset[str], seen: Callable[[int], None]
) -> Iterator[Finding]:
    """Yield each row that is not in its last recorded state; tell `seen` the rows of each table."""
    for table in tables:
        if table.name not in there:
            yield Finding("table-missing", f"The table {table.name} is missing.", table=table.name)
        elif table.recording.is_recorded:
            cursor.execute(
                sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table.name)).as_string()
            )
            seen(cursor.fetchall()[0][0])
            statement = _DIFFERING.format(recorded=recorded(table), standing=standing(table))
            cursor.execute(statement.as_string())
            while rows := cursor.fetchmany(_CHUNK):
                yield from (_row(table.name, *row) for row in rows)


def _row(table: str, key: str, state: str | None, image: str | None, entry: int | None) -> Finding:
    if state is None:
        return Finding(
            "row-unrecorded", f"{table} {key} was put there past the record.", None, None, table, key
        )
    if image is None:
        return Finding("row-missing", f"{table} {key} was removed past the record.", None, entry, table, key)
    columns = changed_names(_json(state), _json(image))
    message = f"{table} {key} was changed past the record: {_parts(columns)}."
    return Finding("row-altered", message, None, entry, table, key, columns)
