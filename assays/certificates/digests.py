"""The digests that vouch for certificates: over each determination's row, and over what stands for a run."""

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

#: made once: `json.dumps` with settings of one's own makes an encoder for every row
_AS_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def plain(number: Decimal | None) -> str | None:
    """Return a number as plain text without needless zeros, the same before and after the database kept it.

    >>> plain(Decimal("36.500")), plain(Decimal("1E+3")), plain(None)
    ('36.5', '1000', None)
    """
    if number is None:
        return None
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def as_json(values: Iterable[object]) -> str:
    """Return values as they stand in a digested line, without the brackets around all of them.

    >>> as_json(("KC1", Decimal("36.50"), None))
    '"KC1","36.5",null'
    """
    told = [plain(value) if isinstance(value, Decimal) else value for value in values]
    return _AS_JSON(told)[1:-1]


def digest_of_rows(rows: Iterable[tuple[object, ...]]) -> str:
    """Return the SHA-256 over determinations in the order of row and column, each a JSON array on a line.

    >>> digest_of_rows([("KC1", "Dy", "36.5")])[:8]
    'c5c962d8'
    """
    total = hashlib.sha256()
    for row in rows:
        total.update(f"[{as_json(row)}]\n".encode())
    return total.hexdigest()


def digest_of_run(certificates: Iterable[tuple[str, int, str, str]]) -> str:
    """Return the SHA-256 over (purpose, version, file's SHA-256, digest) of the certificates that stand for a run.

    >>> digest_of_run([]) == hashlib.sha256(b"").hexdigest()
    True
    """
    lines = sorted("\t".join(str(part) for part in one) for one in certificates)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
