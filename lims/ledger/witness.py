"""The witness: every seal is also a line in a file outside the database.

The database's owner can cut the end off the chain, or rebuild all of it; a chain that was witnessed stays witnessed.
Keep the file (or a copy) where the database's owner cannot write.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings

from lims.ledger.models import Seal

_TAIL: Final = 65_536


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What one line says: the number of a seal and its chain value."""

    number: int
    chain: bytes


def _parsed(line: bytes) -> Witnessed | None:
    try:
        said = json.loads(line)
        return Witnessed(int(said["seal"]), bytes.fromhex(said["chain"]))
    except (ValueError, TypeError, KeyError):
        return None


def size() -> int | None:
    """Return the bytes that the witness file has now, None without a file."""
    path = Path(settings.LEDGER_WITNESS_FILE)
    return path.stat().st_size if path.exists() else None


def read(upto: int | None) -> Iterator[Witnessed | None]:
    """Yield what each line within the first `upto` bytes says, None for a line that says nothing.

    A seal is committed before it is witnessed: whoever asks for `size` first and reads the database then finds every
    seal that these lines name, however long the reading takes.
    """
    if not upto:
        return
    with Path(settings.LEDGER_WITNESS_FILE).open("rb") as file:
        for line in file:
            upto -= len(line)
            if upto < 0:
                return
            yield _parsed(line)


def _last(file: IO[bytes]) -> int:
    """Return the last number witnessed, and cut off a line that a crash left unfinished."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - _TAIL)
    file.seek(start)
    tail = file.read()
    whole = tail.rfind(b"\n") + 1
    if whole < len(tail):
        file.truncate(start + whole)
    for line in reversed(tail[:whole].splitlines()):
        said = _parsed(line)
        if said:
            return said.number
    return 0


def _line(seal: Seal) -> bytes:
    said: dict[str, Any] = {
        "seal": seal.number,
        "era": seal.era_id,
        "lo": seal.lo,
        "hi": seal.hi,
        "count": seal.count,
        "root": bytes(seal.root).hex(),
        "chain": bytes(seal.chain).hex(),
        "at": seal.at.isoformat(),
        "key": seal.key_id,
        "signature": bytes(seal.signature).hex(),
    }
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"


def catch_up() -> int:
    """Append every committed seal that the file lacks, flushed to disk; return how many. One process at a time."""
    path = Path(settings.LEDGER_WITNESS_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not opened for appending: an unfinished line must be cut off.
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last = _last(file)
        file.seek(0, os.SEEK_END)
        written = 0
        seals = Seal.objects.filter(number__gt=last).order_by("number").defer("entry_ids", "digests")
        for seal in seals.iterator(chunk_size=500):
            file.write(_line(seal))
            written += 1
        file.flush()
        os.fsync(file.fileno())
    return written
