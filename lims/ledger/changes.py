"""Entries as people read them: who, in which act, which fields from what to what."""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection

from lims.ledger.models import Entry
from lims.ledger.rules import PLACE_DECIMALS, Op, changed_names
from lims.recording import Recording, recording_of

#: what stands for a value of a column that the table no longer has: nobody can say any more what it may show
WITHHELD: Final = "(column no longer kept)"
_PLACE: Final = Decimal(1).scaleb(-PLACE_DECIMALS)
_EDGES: Final = (
    "SELECT era.id, coalesce((SELECT s.hi FROM public.lims_ledgerseal AS s WHERE s.era_id = era.id"
    " ORDER BY s.lo DESC LIMIT 1)::text::bigint, 0) FROM public.lims_ledgerera AS era"
)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: its column, its name in words, and its value before and after (None where there was none)."""

    name: str
    label: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One entry in words. `actor` is a person's name or a part of the system; `actor_key` is for filters."""

    id: int
    at: datetime
    actor: str
    actor_key: str
    op: Op
    verb: str
    verb_name: str
    table: str
    table_name: str
    row_key: str
    fields: tuple[FieldChange, ...]
    request_id: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class _Described:
    """What the models say of a table."""

    words: str
    labels: Mapping[str, str]
    recording: Recording


@cache
def _tables() -> Mapping[str, _Described]:
    found = {}
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        labels = {
            field.column: str(getattr(field, "verbose_name", field.name))
            for field in options.concrete_fields
            if field.column
        }
        found[options.db_table] = _Described(str(options.verbose_name), labels, recording_of(model))
    return found


def table_words() -> Mapping[str, str]:
    """Return table → words for the recorded tables, by words."""
    found = {
        name: described.words for name, described in _tables().items() if described.recording.is_recorded
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def in_words(name: str) -> str:
    """Return the name of a verb or a part of the system as words.

    >>> in_words("receive_sample")
    'Receive sample'
    """
    return name.replace("_", " ").replace(".", ": ").replace("-", " ").capitalize()


def changes(entries: Iterable[Entry], *, hide: Collection[str] = frozenset()) -> list[Change]:
    """Return `entries` in words, without the columns `hide`; two queries, however many there are.

    Exact coordinates are rounded to 0.1°, whoever reads. Secrets show as the beginning of their digest.
    """
    entries = list(entries)
    if not entries:
        return []
    people, edges = _people(entries), _edges()
    return [
        Change(
            id=entry.pk,
            at=entry.at,
            actor=people.get(entry.actor) or _part_of_system(entry.actor),
            actor_key=entry.actor,
            op=Op(entry.op),
            verb=in_words(entry.verb),
            verb_name=entry.verb,
            table=_tables()[entry.table_name].words if entry.table_name in _tables() else entry.table_name,
            table_name=entry.table_name,
            row_key=entry.row_key,
            fields=_fields(entry, hide),
            request_id=entry.request_id,
            sealed=entry.xid < edges.get(entry.era_id, 0),
        )
        for entry in entries
    ]


def _edges() -> dict[int, int]:
    """Return the transaction up to which each era is sealed."""
    with connection.cursor() as cursor:
        cursor.execute(_EDGES)
        return dict(cursor.fetchall())


def _part_of_system(actor: str) -> str:
    kind, _, name = actor.partition(":")
    return f"System, {in_words(name).lower()}" if kind == "system" else actor


def _people(entries: Sequence[Entry]) -> dict[str, str]:
    """Return actor key → name (or e-mail address) of the people among the actors."""
    ids = []
    for actor in {entry.actor for entry in entries}:
        kind, _, key = actor.partition(":")
        if kind == "user":
            try:
                ids.append(uuid.UUID(key))
            except ValueError:
                continue
    people = get_user_model().objects.filter(pk__in=ids)
    return {f"user:{person.pk}": str(person) or person.get_username() for person in people}


def _fields(entry: Entry, hide: Collection[str]) -> tuple[FieldChange, ...]:
    described = _tables().get(entry.table_name)
    before, after = entry.before or {}, entry.after or {}
    names = [name for name in changed_names(before, after) if name not in hide]
    labels = described.labels if described else {}
    # In the order of the form rather than of the alphabet.
    order = {name: place for place, name in enumerate(labels)}
    return tuple(
        FieldChange(
            name,
            labels.get(name, name),
            _shown(described, name, before.get(name)),
            _shown(described, name, after.get(name)),
        )
        for name in sorted(names, key=lambda name: (order.get(name, len(order)), name))
        if before.get(name) is not None or after.get(name) is not None
    )


def _shown(described: _Described | None, name: str, value: Any) -> Any:
    """Return a value as people may see it."""
    if value is None:
        return None
    if described is None or name not in described.labels:
        return WITHHELD
    if name in described.recording.digested:
        return f"secret {str(value).removeprefix('sha256:')[:8]}…"
    return _rounded(value) if name in described.recording.place else _plain(value)


def _rounded(value: Any) -> Any:
    try:
        return Decimal(str(value)).quantize(_PLACE)
    except InvalidOperation:
        return WITHHELD


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else value
