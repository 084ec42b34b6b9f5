"""When a migration changes the columns of a recorded table, its rows are recorded anew in their new shape.

Only columns whose shape changed are taken from the table. A row that differs in any other column was changed past
the record: it keeps differing, so that the verifier finds it.
"""

import json
from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from lims.ledger.sql import ENTRIES, ERA, SCHEMA, canonical, image_of, key_of
from lims.ledger.tables import Table

_COLUMNS = """
SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""

#: rows of a table as they stand: key, image
_STANDING = sql.SQL(
    '(SELECT {key} AS key, "ledger image" AS image FROM ('
    'SELECT {image} AS "ledger image" FROM {table} AS "ledger row") AS standing)'
)
#: the last recorded state of each row of a table: key, op, state
_RECORDED = sql.SQL(
    "(SELECT DISTINCT ON (e.row_key) e.row_key AS key, e.op, e.after AS state, e.id FROM {entries} AS e"
    " WHERE e.table_name = {name} ORDER BY e.row_key, e.id DESC)"
)
_INSERT = sql.SQL(
    "INSERT INTO {entries} (era_id, xid, at, actor, request_id, verb, db_role, table_name, row_key, op, before, after)"
    " SELECT era.id, pg_catalog.pg_current_xact_id(), pg_catalog.clock_timestamp(), 'system:migrate', '', 'migrate',"
    " session_user, {name}, changed.key, 'M', changed.before, changed.after FROM (SELECT {era}() AS id) AS era, ({rows})"
    " AS changed ORDER BY changed.key"
)
_RESHAPED = sql.SQL(
    "SELECT recorded.key, recorded.state AS before, (recorded.state - {changed}::text[]) || ("
    "   SELECT coalesce(pg_catalog.jsonb_object_agg(c.name, standing.image -> c.name), '{{}}')"
    "   FROM pg_catalog.unnest({changed}::text[]) AS c (name) WHERE standing.image ? c.name) AS after"
    " FROM {recorded} AS recorded JOIN {standing} AS standing ON standing.key = recorded.key"
    " WHERE recorded.op <> 'D'"
)
_ADOPTED = sql.SQL(
    "SELECT standing.key, NULL::jsonb AS before, standing.image AS after FROM {standing} AS standing"
)


def standing(table: Table) -> sql.Composable:
    """Return the query for (key, image) of every row of `table`, as the record would keep it now."""
    image = image_of("ledger row", digested=table.recording.digested, omitted=table.recording.omitted)
    return _STANDING.format(
        key=key_of("ledger image", table.key), image=image, table=sql.Identifier(SCHEMA, table.name)
    )


def recorded(table: Table) -> sql.Composable:
    """Return the query for (key, op, state, id) of the last entry of every row of `table`."""
    return _RECORDED.format(entries=sql.Identifier(SCHEMA, ENTRIES), name=sql.Literal(table.name))


def catch_up(cursor: CursorWrapper, tables: Sequence[Table]) -> None:
    """Record what migrations did to the shape of recorded `tables` (op M), and remember their shapes."""
    shapes = _shapes(cursor, tables)
    cursor.execute("SELECT table_name, columns FROM public.lims_ledgershape")
    known = {name: json.loads(columns) for name, columns in cursor.fetchall()}
    with canonical(cursor):
        for table in tables:
            if table.recording.is_recorded and table.name in shapes:
                _catch_up_one(cursor, table, known.get(table.name), shapes[table.name])


def _shapes(cursor: CursorWrapper, tables: Sequence[Table]) -> dict[str, dict[str, str]]:
    """Return column → type of each table, with what the record does to secrets."""
    ours = {table.name: table for table in tables}
    shapes: dict[str, dict[str, str]] = {}
    cursor.execute(_COLUMNS, [SCHEMA])
    for name, column, kind in cursor.fetchall():
        table = ours.get(name)
        if table and column not in table.recording.omitted:
            kept = " as a digest" if column in table.recording.digested else ""
            shapes.setdefault(name, {})[column] = f"{kind}{kept}"
    return shapes


def _catch_up_one(
    cursor: CursorWrapper, table: Table, before: dict[str, str] | None, now: dict[str, str]
) -> None:
    if before == now:
        return
    if before is not None:
        changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
        rows = _RESHAPED.format(
            changed=sql.Literal(changed),
            recorded=recorded(table),
            standing=standing(table),
        )
        _insert(cursor, table, sql.SQL("SELECT * FROM ({}) AS r WHERE r.after <> r.before").format(rows))
    elif not _has_entries(cursor, table):
        # The first time that the table is covered: rows that its own migrations wrote are taken over.
        _insert(cursor, table, _ADOPTED.format(standing=standing(table)))
    cursor.execute(
        "INSERT INTO public.lims_ledgershape (table_name, columns) VALUES (%s, %s)"
        " ON CONFLICT (table_name) DO UPDATE SET columns = EXCLUDED.columns",
        [table.name, json.dumps(now)],
    )


def _has_entries(cursor: CursorWrapper, table: Table) -> bool:
    cursor.execute("SELECT EXISTS (SELECT FROM public.lims_ledgerentry WHERE table_name = %s)", [table.name])
    return bool(cursor.fetchall()[0][0])


def _insert(cursor: CursorWrapper, table: Table, rows: sql.Composable) -> None:
    statement = _INSERT.format(
        entries=sql.Identifier(SCHEMA, ENTRIES),
        era=sql.Identifier(SCHEMA, ERA.name),
        name=sql.Literal(table.name),
        rows=rows,
    )
    cursor.execute(statement.as_string())
