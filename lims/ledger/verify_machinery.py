"""Verifying the machinery: triggers, functions and rights are as the models declare and as we ship them."""

from collections.abc import Iterator, Sequence

from django.db.backends.utils import CursorWrapper

from lims.ledger import machinery
from lims.ledger.attach import MIGRATIONS
from lims.ledger.rules import Finding
from lims.ledger.sql import FUNCTIONS, SCHEMA
from lims.ledger.tables import READ, Table

_AROUND = """
SELECT c.relname, 'has the rule ' || r.rulename FROM pg_catalog.pg_rewrite AS r
JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind = 'r'
UNION ALL
SELECT c.relname, 'has row security' FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind = 'r' AND (c.relrowsecurity OR c.relforcerowsecurity)
UNION ALL
SELECT c.relname, 'has the disabled trigger ' || t.tgname FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND t.tgisinternal AND t.tgenabled <> 'O'
ORDER BY 1, 2
"""


def trigger_findings(cursor: CursorWrapper, tables: Sequence[Table]) -> Iterator[Finding]:
    """Yield each trigger that is missing, altered, disabled, or not ours."""
    wanted = {(t.table, t.name): t for table in tables for t in table.triggers()}
    found, odd = machinery.triggers_found(cursor)
    there = {(t.table, t.name): t for t in found}
    ours = {table.name for table in tables}
    for place in sorted(wanted.keys() | there.keys() | odd):
        table, name = place
        if table not in ours or wanted.get(place) == there.get(place):
            continue
        if place in odd:
            code, what = "trigger-disabled", "is disabled or conditional"
        elif place not in there:
            code, what = "trigger-missing", "is missing"
        elif place not in wanted:
            code, what = "trigger-foreign", "is not one of ours"
        else:
            code, what = "trigger-altered", "is not as we ship it"
        yield Finding(code, f"The trigger {name} on {table} {what}.", table=table, columns=(name,))


def function_findings(cursor: CursorWrapper, role: str) -> Iterator[Finding]:
    """Yield each function that is not as we ship it."""
    for function, what in machinery.functions_altered(cursor, FUNCTIONS, role):
        yield Finding("function-altered", f"The function {function.name} {what}.", columns=(function.name,))


def right_findings(cursor: CursorWrapper, tables: Sequence[Table], role: str) -> Iterator[Finding]:
    """Yield each table on which the application's role has other rights than we give it, and its other powers."""
    wanted = {table.name: table.rights for table in tables} | {MIGRATIONS: READ}
    found = machinery.rights_found(cursor, role)
    for table in sorted(wanted.keys() & found.keys()):
        more, less = sorted(found[table] - wanted[table]), sorted(wanted[table] - found[table])
        if more or less:
            said = " and ".join(
                [f"has {', '.join(more)}"] * bool(more) + [f"lacks {', '.join(less)}"] * bool(less)
            )
            yield Finding(
                "rights-altered", f"The role {role} {said} on {table}.", table=table, columns=(*more, *less)
            )
    for sequence in machinery.sequences_found(cursor, role, tables):
        if sequence.more or sequence.usage != sequence.needed:
            message = f"The role {role} has other rights on the sequence {sequence.name} than we give it."
            yield Finding("rights-altered", message, table=sequence.table, columns=(sequence.name,))
    for power in machinery.role_powers(cursor, role):
        yield Finding("role-powers", f"The role {role} {power}.", columns=(role,))


def around_findings(cursor: CursorWrapper) -> Iterator[Finding]:
    """Yield what would let writes go around our triggers: rules, row security, disabled internal triggers."""
    cursor.execute(_AROUND, [SCHEMA, SCHEMA, SCHEMA])
    for table, what in cursor.fetchall():
        yield Finding("table-guarded-otherwise", f"The table {table} {what}.", table=table)
