"""What the database has of our triggers, functions and rights, read from its catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from lims.ledger.sql import SCHEMA, Function
from lims.ledger.tables import ALL_RIGHTS, Table, Trigger

_TRIGGERS = """
SELECT c.relname, t.tgname, t.tgtype, pn.nspname, p.proname, t.tgargs, coalesce(t.tgoldtable, ''),
    coalesce(t.tgnewtable, ''), t.tgenabled = 'O' AND t.tgqual IS NULL AND t.tgattr::text = '' AND t.tgconstraint = 0
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.pronamespace
WHERE n.nspname = %s AND NOT t.tgisinternal
ORDER BY 1, 2
"""
_FUNCTIONS = """
SELECT p.proname, p.prosrc, p.prosecdef, p.proconfig, l.lanname, pg_catalog.format_type(p.prorettype, NULL),
    pg_catalog.has_function_privilege(%s, p.oid, 'EXECUTE')
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname = %s AND p.proname = ANY(%s) AND p.pronargs = 0
"""
_RIGHTS = """
SELECT c.relname, pg_catalog.array_agg(r.name) FILTER (WHERE
    pg_catalog.has_table_privilege(%s, c.oid, r.name)
    OR (r.name = ANY('{SELECT,INSERT,UPDATE,REFERENCES}') AND pg_catalog.has_any_column_privilege(%s, c.oid, r.name)))
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN pg_catalog.unnest(%s::text[]) AS r (name)
WHERE n.nspname = %s AND c.relkind IN ('r', 'p')
GROUP BY c.relname
"""
_SEQUENCES = """
SELECT s.relname, t.relname, d.deptype = 'a',
    pg_catalog.has_sequence_privilege(%s, s.oid, 'USAGE'),
    pg_catalog.has_sequence_privilege(%s, s.oid, 'SELECT') OR pg_catalog.has_sequence_privilege(%s, s.oid, 'UPDATE')
FROM pg_catalog.pg_class AS s
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
JOIN pg_catalog.pg_depend AS d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_catalog.pg_class AS t ON t.oid = d.refobjid
WHERE n.nspname = %s AND s.relkind = 'S'
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class OwnedSequence:
    """A table's sequence: whether inserting needs a right on it, and what the application's role has."""

    name: str
    table: str
    needed: bool
    usage: bool
    more: bool


def existing_tables(cursor: CursorWrapper) -> frozenset[str]:
    """Return the names of the ordinary tables of our schema."""
    cursor.execute("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s", [SCHEMA])
    return frozenset(name for (name,) in cursor.fetchall())


def triggers_found(cursor: CursorWrapper) -> tuple[set[Trigger], set[tuple[str, str]]]:
    """Return the enabled triggers of our schema, and (table, name) of those that are disabled or conditional."""
    cursor.execute(_TRIGGERS, [SCHEMA])
    sound, odd = set(), set()
    for table, name, when, schema, function, arguments, was, now, plain in cursor.fetchall():
        called = function if schema == SCHEMA else f"{schema}.{function}"
        argument = bytes(arguments).rstrip(b"\0").decode(errors="replace")
        if plain:
            sound.add(Trigger(table, name, when, called, argument, was, now))
        else:
            odd.add((table, name))
    return sound, odd


def functions_altered(
    cursor: CursorWrapper, functions: Sequence[Function], role: str
) -> list[tuple[Function, str]]:
    """Return the functions that are not as we ship them, each with what is wrong."""
    cursor.execute(_FUNCTIONS, [role, SCHEMA, [function.name for function in functions]])
    found = {row[0]: row[1:] for row in cursor.fetchall()}
    wrong = []
    for function in functions:
        if function.name not in found:
            wrong.append((function, "is missing"))
            continue
        *is_now, executable = found[function.name]
        shipped = [function.body, function.definer, function.config, "plpgsql", function.returns]
        parts = ("body", "security", "settings", "language", "result")
        altered = [part for part, now, ours in zip(parts, is_now, shipped, strict=True) if now != ours]
        if altered:
            wrong.append((function, f"has another {' and '.join(altered)}"))
        elif executable:
            wrong.append((function, "may be called by the application's role"))
    return wrong


def rights_found(cursor: CursorWrapper, role: str) -> dict[str, frozenset[str]]:
    """Return what `role` may do with each table of our schema, whether by name, by PUBLIC or by membership."""
    kinds = set(ALL_RIGHTS)
    if cursor.connection.info.server_version >= 170_000:
        kinds.add("MAINTAIN")
    cursor.execute(_RIGHTS, [role, role, sorted(kinds), SCHEMA])
    return {table: frozenset(rights or ()) for table, rights in cursor.fetchall()}


def sequences_found(cursor: CursorWrapper, role: str, tables: Sequence[Table]) -> list[OwnedSequence]:
    """Return the sequences of `tables`; those of identity columns need no right."""
    insertable = {table.name for table in tables if "INSERT" in table.rights}
    cursor.execute(_SEQUENCES, [role, role, role, SCHEMA])
    ours = {table.name for table in tables}
    return [
        OwnedSequence(name, table, serial and table in insertable, usage, more)
        for name, table, serial, usage, more in cursor.fetchall()
        if table in ours
    ]


def role_powers(cursor: CursorWrapper, role: str) -> list[str]:
    """Return what `role` could do around the record: as owner, superuser, or by creating things in our schema."""
    cursor.execute(
        "SELECT r.rolsuper, r.rolbypassrls, r.rolreplication, pg_catalog.has_schema_privilege(r.oid, %s, 'CREATE'),"
        " EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
        "   WHERE n.nspname = %s AND c.relkind = 'r' AND pg_catalog.pg_has_role(r.oid, c.relowner, 'MEMBER'))"
        " FROM pg_catalog.pg_roles AS r WHERE r.rolname = %s",
        [SCHEMA, SCHEMA, role],
    )
    names = (
        "is a superuser",
        "bypasses row security",
        "may replicate",
        "may create in our schema",
        "owns tables",
    )
    powers = [name for row in cursor.fetchall() for name, has in zip(names, row, strict=True) if has]
    if cursor.connection.info.server_version >= 150_000:
        cursor.execute(
            "SELECT pg_catalog.has_parameter_privilege(%s, 'session_replication_role', 'SET')", [role]
        )
        if cursor.fetchall()[0][0]:
            powers.append("may switch triggers off for a session")
    return powers
