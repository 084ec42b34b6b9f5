"""Reading the record: the history of things, lists of entries, and how far it is sealed."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from lims.ledger.changes import Change, changes
from lims.ledger.models import Entry, Seal, Verification
from lims.ledger.tables import table_of

#: entries that the history on an object's page shows, newest first; the page of the record has all
HISTORY_SIZE: Final = 200
_OLDEST_UNSEALED: Final = (
    "SELECT min(e.at) FROM (SELECT era.id, coalesce((SELECT s.hi FROM public.lims_ledgerseal AS s"
    "   WHERE s.era_id = era.id ORDER BY s.lo DESC LIMIT 1), '0'::xid8) AS hi FROM public.lims_ledgerera AS era) AS edge"
    " JOIN public.lims_ledgerentry AS e ON e.era_id = edge.id AND e.xid >= edge.hi"
)


@dataclass(frozen=True, slots=True)
class SealState:
    """How far the record is sealed and when it was last verified."""

    sealed_to: datetime
    lag_s: float
    newest: int | None
    verification: Verification | None
    #: the newest seal's link of the chain, as hexadecimal; empty before the first
    chain: str = ""

    @property
    def sentence(self) -> str:
        """Return the state in words, without times."""
        number = "No seal yet" if self.newest is None else f"Sealed to no. {self.newest}"
        if self.verification is None:
            return f"{number}, chain not verified yet"
        return f"{number}, chain " + ("DOES NOT VERIFY" if self.verification.findings else "verified")


def row_key(thing: Model) -> str:
    """Return the key under which the record knows the row of `thing`.

    The text of its primary key (a digest where that is a secret); a composite key is a JSON list of its parts.
    """
    table = table_of(type(thing))
    parts = [_json(getattr(thing, field.attname)) for field in thing._meta.pk_fields]
    named = dict(zip(table.key, parts, strict=True))
    for name in table.recording.digested & named.keys():
        named[name] = f"sha256:{hashlib.sha256(str(named[name]).encode()).hexdigest()}"
    if len(named) == 1:
        return str(next(iter(named.values())))
    return json.dumps(list(named.values()), ensure_ascii=False)


def _json(value: Any) -> Any:
    return value if isinstance(value, int) else str(value)


def history_of(
    *things: Model, hide: Collection[str] = frozenset(), limit: int = HISTORY_SIZE
) -> list[Change]:
    """Return the recorded changes of these rows together, newest first, at most `limit`; three queries.

    Columns in `hide` are left out, exact coordinates are rounded to 0.1°.
    """
    rows = Q()
    for thing in things:
        rows |= Q(table_name=thing._meta.db_table, row_key=row_key(thing))
    if not rows:
        return []
    return changes(Entry.objects.filter(rows).order_by("-id")[:limit], hide=hide)


def entries_where(filters: Mapping[str, Any]) -> QuerySet[Entry]:
    """Return the entries that fit `filters`: table, row, actor, verb, op, since, until (dates, both included).

    `actor` is an actor's key or a person's e-mail address.
    """
    entries = Entry.objects.all()
    plain = {"table": "table_name", "row": "row_key", "verb": "verb", "op": "op"}
    for name, lookup in plain.items():
        if filters.get(name):
            entries = entries.filter(**{lookup: filters[name]})
    if filters.get("actor"):
        entries = entries.filter(actor=_actor_key(str(filters["actor"])))
    if filters.get("since"):
        entries = entries.filter(at__gte=filters["since"])
    if filters.get("until"):
        entries = entries.filter(at__lt=filters["until"])
    return entries


def _actor_key(text: str) -> str:
    if "@" not in text:
        return text
    found = get_user_model().objects.filter(email__iexact=text).first()
    return f"user:{found.pk}" if found else text


def oldest_unsealed() -> datetime | None:
    """Return when the oldest entry that no seal covers was written, None when all are sealed."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_UNSEALED)
        oldest: datetime | None = cursor.fetchall()[0][0]
    return oldest


def seal_lag_s() -> float:
    """Return the age of the oldest unsealed entry, in seconds; 0 when all are sealed."""
    oldest = oldest_unsealed()
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0


def seal_state() -> SealState:
    """Return how far the record is sealed and when it was last verified; three queries."""
    oldest, now = oldest_unsealed(), timezone.now()
    newest = Seal.objects.only("number", "chain").order_by("-number").first()
    return SealState(
        sealed_to=oldest or now,
        lag_s=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        newest=newest.number if newest is not None else None,
        verification=Verification.objects.order_by("-id").first(),
        chain=bytes(newest.chain).hex() if newest is not None else "",
    )
