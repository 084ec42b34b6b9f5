"""Triggers and rights, attached after every migration to every table that a model declares.

This is the one place that listens to signals of Django's: the tables must be covered whoever migrates, and how.
"""

from typing import Any, Final

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models.signals import post_migrate, pre_migrate  # noqa: TID251  # not a business rule, see above
from psycopg import sql

from lims.ledger import machinery, shapes
from lims.ledger.sql import ERA, FUNCTIONS, SCHEMA
from lims.ledger.tables import GROWING, READ, Table, tables

OWNER: Final = "owner"
#: Django's own table of applied migrations: no model, read by `/readyz`
MIGRATIONS: Final = "django_migrations"


def connect() -> None:
    """Listen to migrations: they act as `system:migrate`, and end with everything attached."""
    pre_migrate.connect(_begin, dispatch_uid="lims.ledger.begin")
    post_migrate.connect(_finish, dispatch_uid="lims.ledger.finish")


def _begin(*, using: str, **_: Any) -> None:
    """Let data migrations be recorded: each runs over the owner's connection, outside every verb."""
    if using == OWNER:
        _act("system:migrate", "migrate")


def _finish(*, app_config: AppConfig, using: str, **_: Any) -> None:
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if using == OWNER and app_config.label == last.label:
        attach()
        _act("", "")


def _act(actor: str, verb: str) -> None:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lims.actor', %s, false), set_config('lims.verb', %s, false)", [actor, verb]
        )


def application_role() -> str:
    """Return the role that the application connects as; raises `ImproperlyConfigured` when it is the owner's."""
    role, owner = (str(settings.DATABASES[alias].get("USER", "")) for alias in ("default", OWNER))
    if not role or role == owner:
        raise ImproperlyConfigured(
            "DATABASE_URL and DATABASE_OWNER_URL must name two different roles: "
            "the application may not alter its own record."
        )
    return role


def attach() -> None:
    """Bring functions, triggers, rights and shapes to what the models declare; again changes nothing."""
    role = application_role()
    declared = tables()
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        there = machinery.existing_tables(cursor)
        if not there >= GROWING:
            return  # the record's own tables are not there (yet): migrations went only part of the way
        covered = [table for table in declared if table.name in there]
        _functions(cursor, role)
        _triggers(cursor, covered)
        _rights(cursor, covered, role)
        # Else the first writer in a new place would begin it, and all others would wait for that one's commit.
        cursor.execute(sql.SQL("SELECT {}()").format(sql.Identifier(SCHEMA, ERA.name)).as_string())
        shapes.catch_up(cursor, covered)


def _functions(cursor: CursorWrapper, role: str) -> None:
    for function, _ in machinery.functions_altered(cursor, FUNCTIONS, role):
        cursor.execute(function.create())
        # Whoever may call it could hang it on a table of their own and write entries of their choice.
        revoke = sql.SQL("REVOKE ALL ON FUNCTION {}() FROM PUBLIC, {}")
        cursor.execute(revoke.format(sql.Identifier(SCHEMA, function.name), sql.Identifier(role)).as_string())


def _triggers(cursor: CursorWrapper, covered: list[Table]) -> None:
    wanted = {trigger for table in covered for trigger in table.triggers()}
    found, odd = machinery.triggers_found(cursor)
    stale = {(t.table, t.name) for t in found - wanted} | odd
    for table, name in sorted(stale):
        if name.startswith("ledger_"):
            drop = sql.SQL("DROP TRIGGER {} ON {}").format(
                sql.Identifier(name), sql.Identifier(SCHEMA, table)
            )
            cursor.execute(drop.as_string())
    for trigger in sorted(wanted - found):
        cursor.execute(trigger.create())


def _rights(cursor: CursorWrapper, covered: list[Table], role: str) -> None:
    """Give the application's role what it needs, by name, and take away what default privileges gave it."""
    wanted = {table.name: table.rights for table in covered} | {MIGRATIONS: READ}
    found = machinery.rights_found(cursor, role)
    for table, rights in sorted(wanted.items()):
        if table in found and found[table] != rights:
            _grant(cursor, sql.SQL("TABLE {}").format(sql.Identifier(SCHEMA, table)), rights, role)
    for sequence in machinery.sequences_found(cursor, role, covered):
        if sequence.more or sequence.usage != sequence.needed:
            name = sql.SQL("SEQUENCE {}").format(sql.Identifier(SCHEMA, sequence.name))
            _grant(cursor, name, frozenset({"USAGE"} if sequence.needed else ()), role)


def _grant(cursor: CursorWrapper, target: sql.Composable, rights: frozenset[str], role: str) -> None:
    to = sql.Identifier(role)
    cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}, PUBLIC").format(target, to).as_string())
    if rights:
        granted = sql.SQL(", ".join(sorted(rights)))
        cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(granted, target, to).as_string())
