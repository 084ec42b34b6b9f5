"""Verifying the chain: every seal recomputed from its entries, its signature checked, compared with the witness."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.db.backends.utils import CursorWrapper

from lims.ledger import witness
from lims.ledger.keys import signed_by
from lims.ledger.rules import GENESIS, Finding, Link, merkle_root, split, unpack_ids
from lims.ledger.sql import ENTRY_DIGEST

#: seals read at a time
_CHUNK: Final = 50
_SEALS: Final = (
    "SELECT s.number, s.era_id, coalesce(era.marker, ''), s.lo::text::bigint, s.hi::text::bigint, s.count,"  # noqa: S608
    " s.root, s.at, s.entry_ids, s.digests, s.previous, s.chain, s.key_id, s.signature,"
    " coalesce(content.ids, ''), coalesce(content.digests, '')"
    " FROM public.lims_ledgerseal AS s LEFT JOIN public.lims_ledgerera AS era ON era.id = s.era_id"
    " CROSS JOIN LATERAL (SELECT string_agg(int8send(e.id), ''::bytea ORDER BY e.xid, e.id) AS ids,"
    f"   string_agg({ENTRY_DIGEST}, ''::bytea ORDER BY e.xid, e.id) AS digests"
    "   FROM public.lims_ledgerentry AS e WHERE e.era_id = s.era_id AND e.xid >= s.lo AND e.xid < s.hi) AS content"
    " ORDER BY s.number"
)
_NAMES: Final = "SELECT e.id, e.table_name, e.row_key FROM public.lims_ledgerentry AS e WHERE e.id = ANY(%s)"
#: entries that no seal covers and that no later seal could rightly cover
_STRAYS: Final = (
    "SELECT e.id, e.table_name, e.row_key, era.id IS NULL FROM public.lims_ledgerentry AS e"
    " LEFT JOIN public.lims_ledgerera AS era ON era.id = e.era_id"
    " WHERE era.id IS NULL OR (era.id = (SELECT max(id) FROM public.lims_ledgerera)"
    "   AND e.xid >= pg_snapshot_xmax(pg_current_snapshot())) ORDER BY e.id"
)


@dataclass(slots=True)
class Chain:
    """Where the walk along the chain has come to."""

    keys: Mapping[str, Ed25519PublicKey]
    number: int = 0
    chain: bytes = GENESIS
    era: int = 0
    ends: dict[int, int] = field(default_factory=dict)
    newest: tuple[int, datetime] | None = None


def findings(
    cursor: CursorWrapper, keys: Mapping[str, Ed25519PublicKey], witnessed_bytes: int | None
) -> Iterator[Finding]:
    """Yield what does not fit along the chain, first things first.

    `witnessed_bytes` is the size that the witness file had before the snapshot was taken.
    """
    walk = Chain(keys)
    witnessed = _Witness(witnessed_bytes)
    with closing(connection.chunked_cursor()) as seals:
        seals.execute(_SEALS)
        while rows := seals.fetchmany(_CHUNK):
            for row in rows:
                yield from _seal(cursor, walk, row)
                yield from witnessed.compare(row[0], bytes(row[11]))
    yield from witnessed.rest(walk.number)
    cursor.execute(_STRAYS)
    for entry, table, key, homeless in cursor.fetchall():
        why = "belongs to no era" if homeless else "carries a transaction that has not begun"
        yield Finding("entry-stray", f"Entry {entry} {why}; no seal can cover it.", None, entry, table, key)


def _seal(cursor: CursorWrapper, walk: Chain, row: tuple[Any, ...]) -> Iterator[Finding]:
    number, era, marker, lo, hi, count, root, at, ids, digests, previous, chain, key, signature, *content = (
        row
    )
    kept = dict(zip(unpack_ids(bytes(ids)), split(bytes(digests)), strict=False))
    if number != walk.number + 1:
        gone = (
            f"Seal {walk.number + 1} is"
            if number == walk.number + 2
            else f"Seals {walk.number + 1} to {number - 1} are"
        )
        yield Finding("seal-missing", f"{gone} missing before seal {number}.", walk.number + 1)
    elif bytes(previous) != walk.chain:
        yield Finding("seal-unchained", f"Seal {number} does not follow from seal {walk.number}.", number)
    if lo != walk.ends.get(era, 0) or hi <= lo or era < walk.era:
        yield Finding("seal-range", f"The range of seal {number} leaves a gap or overlaps another.", number)
    link = Link(number, era, marker, lo, hi, count, bytes(root), at)
    altered = link.chain(bytes(previous)) != bytes(chain)
    if altered or merkle_root(split(bytes(digests))) != bytes(root) or len(kept) != count:
        yield Finding(
            "seal-altered",
            f"Seal {number} is not what was sealed: its contents do not fit its chain value.",
            number,
        )
    elif not signed_by(walk.keys, key, bytes(signature), bytes(chain)):
        known = "no key of ours" if key not in walk.keys else f"key {key}, which did not make this signature"
        yield Finding("seal-forged", f"Seal {number} is signed by {known}.", number)
    if bytes(ids) != bytes(content[0]) or bytes(digests) != bytes(content[1]):
        now = dict(zip(unpack_ids(bytes(content[0])), split(bytes(content[1])), strict=True))
        yield from _entries(cursor, number, kept, now)
    walk.number, walk.chain, walk.era, walk.ends[era] = number, bytes(chain), era, hi


def _entries(
    cursor: CursorWrapper, seal: int, kept: Mapping[int, bytes], now: Mapping[int, bytes]
) -> Iterator[Finding]:
    """Yield each entry of a seal that is not as it was sealed."""
    wrong = sorted(entry for entry in kept.keys() | now.keys() if kept.get(entry) != now.get(entry))
    cursor.execute(_NAMES, [wrong])
    names = {entry: (table, key) for entry, table, key in cursor.fetchall()}
    for entry in wrong:
        table, key = names.get(entry, (None, None))
        about = f"Entry {entry} ({table} {key})" if table else f"Entry {entry}"
        if entry not in now:
            where = "gone from where it was sealed" if table else "gone"
            code, message = "entry-missing", f"{about}, sealed in seal {seal}, is {where}."
        elif entry not in kept:
            code, message = "entry-inserted", f"{about} was put into the range of seal {seal} later."
        else:
            code, message = "entry-altered", f"{about} is not what seal {seal} sealed."
        yield Finding(code, message, seal, entry, table, key)


class _Witness:
    """The lines of the witness file, walked beside the seals."""

    def __init__(self, size: int | None) -> None:
        self.there = size is not None
        self.lines = witness.read(size)
        self.line = self._next()
        self.behind: int | None = None

    def _next(self) -> witness.Witnessed | None:
        return next((line for line in self.lines if line), None)

    def compare(self, number: int, chain: bytes) -> Iterator[Finding]:
        """Yield what the witness says about one seal that the database does not."""
        while self.line and self.line.number < number:
            yield self._cut()
        seen = False
        while self.line and self.line.number == number:
            seen = True
            if self.line.chain != chain:
                yield Finding(
                    "seal-not-witnessed", f"Seal {number} is not the one that was witnessed.", number
                )
            self.line = self._next()
        if not seen and self.behind is None:
            self.behind = number

    def rest(self, newest: int) -> Iterator[Finding]:
        """Yield the seals that were witnessed but are cut off the chain, and the first that was not witnessed."""
        while self.line:
            yield self._cut()
        if self.behind is not None and (self.behind < newest or not self.there):
            yield Finding(
                "witness-behind",
                f"The witness file says nothing of seal {self.behind} and later ones.",
                self.behind,
            )

    def _cut(self) -> Finding:
        assert self.line
        number = self.line.number
        self.line = self._next()
        return Finding("seal-cut", f"Seal {number} was witnessed but is not in the chain.", number)
