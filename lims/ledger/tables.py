"""The tables that the models declare, as the database must have them: keys, triggers, rights."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from psycopg import sql

from lims.ledger.models import Entry, Era, Seal, Shape, Verification
from lims.ledger.sql import GUARD, RECORD, REFUSE, SCHEMA, Function
from lims.recording import Recording, recording_of
from lims.transitions import pairs

#: everything that a role may be granted on a table (PostgreSQL 17 has one more, see `rights`)
ALL_RIGHTS: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"})
READ: Final = frozenset({"SELECT"})
APPEND: Final = READ | {"INSERT"}
WRITE: Final = APPEND | {"UPDATE", "DELETE"}

#: written by the database's own functions and by migrations only
READ_ONLY: Final = frozenset(model._meta.db_table for model in (Entry, Era, Shape))
#: never updated, deleted or truncated by anybody
GROWING: Final = frozenset(model._meta.db_table for model in (Entry, Era, Seal, Verification))


class When(IntFlag):
    """When a trigger fires, in PostgreSQL's own bits (`pg_trigger.tgtype`)."""

    ROW = 1
    BEFORE = 2
    INSERT = 4
    DELETE = 8
    UPDATE = 16
    TRUNCATE = 32


@dataclass(frozen=True, slots=True, order=True)
class Trigger:
    """One trigger as PostgreSQL's catalogue describes it."""

    table: str
    name: str
    when: int
    function: str
    argument: str = ""
    was: str = ""
    now: str = ""

    def create(self) -> str:
        """Return the statement that creates or replaces the trigger."""
        events = [w.name for w in (When.INSERT, When.DELETE, When.UPDATE, When.TRUNCATE) if self.when & w]
        seen = [f"OLD TABLE AS {self.was}"] * bool(self.was) + [f"NEW TABLE AS {self.now}"] * bool(self.now)
        return (
            sql.SQL("CREATE OR REPLACE TRIGGER {} {} {} ON {} {} FOR EACH {} EXECUTE FUNCTION {}({})")
            .format(
                sql.Identifier(self.name),
                sql.SQL("BEFORE" if self.when & When.BEFORE else "AFTER"),
                sql.SQL(" OR ".join(str(event) for event in events)),
                sql.Identifier(SCHEMA, self.table),
                sql.SQL(f"REFERENCING {' '.join(seen)}" if seen else ""),
                sql.SQL("ROW" if self.when & When.ROW else "STATEMENT"),
                sql.Identifier(SCHEMA, self.function),
                sql.Literal(self.argument) if self.argument else sql.SQL(""),
            )
            .as_string()
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a model: its key, how it is recorded, and its state machines."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    recording: Recording
    transitions: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    @property
    def rights(self) -> frozenset[str]:
        """Return what the application's role may do with it."""
        if self.name in READ_ONLY:
            return READ
        return APPEND if self.recording.append_only else WRITE

    def triggers(self) -> Iterator[Trigger]:
        """Yield every trigger that the table must have."""
        if self.name in GROWING:
            yield self._trigger("refuse", When.BEFORE | When.UPDATE | When.DELETE | When.TRUNCATE, REFUSE)
        if self.recording.is_recorded:
            shape = {
                "key": self.key,
                "digested": sorted(self.recording.digested),
                "omitted": sorted(self.recording.omitted),
            }
            argument = json.dumps(shape, ensure_ascii=False)
            yield self._trigger("insert", When.INSERT, RECORD, argument, now="ledger_now")
            yield self._trigger("update", When.UPDATE, RECORD, argument, was="ledger_was", now="ledger_now")
            yield self._trigger("delete", When.DELETE, RECORD, argument, was="ledger_was")
            yield self._trigger("truncate", When.BEFORE | When.TRUNCATE, REFUSE)
        if self.transitions:
            steps: dict[str, dict[str, list[str]]] = {}
            for column, machine in sorted(self.transitions.items()):
                following = steps.setdefault(column, {})
                for before, after in pairs(machine):
                    following.setdefault(before, []).append(after)
            argument = json.dumps(steps, ensure_ascii=False)
            yield self._trigger("guard", When.ROW | When.BEFORE | When.UPDATE, GUARD, argument)

    def _trigger(self, name: str, when: When, function: Function, argument: str = "", **seen: str) -> Trigger:
        return Trigger(self.name, f"ledger_{name}", int(when), function.name, argument, **seen)


def table_of(model: Any) -> Table:
    """Return the table of `model`; raises `ImproperlyConfigured` when its recording names a column that it lacks."""
    options = model._meta  # Django's documented way to a model's table
    columns = tuple(f.column for f in options.local_concrete_fields if f.column)
    recording = recording_of(model)
    unknown = (recording.digested | recording.omitted | recording.place) - set(columns)
    key = tuple(f.column for f in options.pk_fields)
    if unknown or recording.omitted & set(key):
        wrong = ", ".join(sorted(unknown or recording.omitted & set(key)))
        raise ImproperlyConfigured(
            f"{options.label}.recording names {wrong}: no such column, or a key that cannot be omitted."
        )
    return Table(options.db_table, key, columns, recording, getattr(model, "transitions", {}))


def tables() -> list[Table]:
    """Return the tables of all models that Django migrates, join tables included, by name."""
    found = {
        model._meta.db_table: table_of(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return [found[name] for name in sorted(found)]
