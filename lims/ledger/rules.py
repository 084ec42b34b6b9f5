"""What the record writes and how a seal is computed: pure, so that anybody can recompute it."""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final


class Op(StrEnum):
    """What happened to a row."""

    INSERTED = "I"
    UPDATED = "U"
    DELETED = "D"
    MIGRATED = "M"

    @property
    def label(self) -> str:
        """Return the word for people."""
        return {"I": "added", "U": "changed", "D": "removed", "M": "reshaped by a migration"}[self.value]


#: SQLSTATEs of our own, raised by the triggers
NO_ACTOR: Final = "LR001"
RECORD_REFUSED: Final = "LR002"
#: PostgreSQL's check_violation, so that Django sees an IntegrityError with the name of the transition
TRANSITION_REFUSED: Final = "23514"

#: kinds of due work
SEAL: Final = "ledger.seal"
VERIFY: Final = "ledger.verify"

#: entries that are not sealed within this time are worth an alarm
LAG_ALARM_S: Final = 60
#: entries in one seal, unless one transaction wrote more: transactions are never split
SEAL_SIZE: Final = 20_000
DIGEST_SIZE: Final = 32
#: what the first seal is chained to
GENESIS: Final = bytes(DIGEST_SIZE)
#: coordinates that pages of the record show are rounded to this many decimals of a degree
PLACE_DECIMALS: Final = 1

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def split(packed: bytes, size: int = DIGEST_SIZE) -> list[bytes]:
    """Return the equal parts of `packed`.

    >>> split(b"aabb", 2)
    [b'aa', b'bb']
    """
    return [packed[start : start + size] for start in range(0, len(packed), size)]


def unpack_ids(packed: bytes) -> list[int]:
    """Return the ids that are packed as 8 bytes each, highest byte first.

    >>> unpack_ids(bytes(7) + bytes([5]))
    [5]
    """
    return [number for (number,) in struct.iter_unpack(">q", packed)]


def merkle_root(digests: Sequence[bytes]) -> bytes:
    """Return the root of the hash tree over `digests` (RFC 9162, section 2.1.1, with SHA-256).

    A tree, so that a report can prove that one entry was sealed without showing the others.

    >>> merkle_root([]).hex()[:8]
    'e3b0c442'
    >>> merkle_root([b"a"]) == hashlib.sha256(bytes([0]) + b"a").digest()
    True
    """
    level = [hashlib.sha256(b"\0" + digest).digest() for digest in digests]
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        level = paired + level[len(paired) * 2 :]
    return level[0]


@dataclass(frozen=True, slots=True)
class Link:
    """What a seal's chain value vouches for: a range of one era's transactions and the root over its entries."""

    number: int
    era: int
    marker: str
    lo: int
    hi: int
    count: int
    root: bytes
    at: datetime

    def chain(self, previous: bytes) -> bytes:
        """Return the chain value that follows `previous`.

        >>> at = datetime(2026, 1, 1, tzinfo=UTC)
        >>> Link(1, 1, "7:5", 0, 9, 1, GENESIS, at).chain(GENESIS).hex()[:8]
        'ae8b87fe'
        """
        at_us = (self.at - _EPOCH) // timedelta(microseconds=1)
        numbers = struct.pack(">6q", self.number, self.era, self.lo, self.hi, self.count, at_us)
        marker = hashlib.sha256(self.marker.encode()).digest()
        return hashlib.sha256(b"lims-seal-1" + previous + numbers + marker + self.root).digest()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit: a stable code, what it is in words, and where."""

    code: str
    message: str
    seal: int | None = None
    entry: int | None = None
    table: str | None = None
    row_key: str | None = None
    columns: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return only what is known.

        >>> Finding("seal-missing", "Seal 3 is missing.", seal=3).as_dict()
        {'code': 'seal-missing', 'message': 'Seal 3 is missing.', 'seal': 3}
        """
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}


@dataclass(frozen=True, slots=True)
class Report:
    """What one check of the whole record saw; `findings` come in the order in which they should be read."""

    at: datetime
    took_s: float
    eras: int
    entries: int
    seals: int
    tables: int
    rows: int
    lag_s: float
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Return whether everything fits."""
        return not self.findings


def changed_names(before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[str, ...]:
    """Return the names whose values differ, sorted.

    >>> changed_names({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": None})
    ('b', 'c')
    """
    before, after = before or {}, after or {}
    missing = object()
    return tuple(
        sorted(n for n in before.keys() | after.keys() if before.get(n, missing) != after.get(n, missing))
    )
