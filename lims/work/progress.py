"""How far long work has come, for whoever waits: told while it runs, outside its transaction, and forgotten after an hour."""

from dataclasses import asdict, dataclass
from typing import Final

from django.core.cache import cache

KEPT_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Progress:
    """So many of so many are done, and what is being done."""

    done: int
    total: int
    doing: str


def tell(kind: str, key: object, *, done: int, total: int, doing: str) -> None:
    """Say how far the work on (kind, key) has come; while Valkey is away, nobody is told."""
    cache.set(f"progress:{kind}:{key}", asdict(Progress(done, total, doing)), KEPT_S)


def of(kind: str, key: object) -> Progress | None:
    """Return how far the work on (kind, key) has come; None when nobody has said."""
    told = cache.get(f"progress:{kind}:{key}")
    return Progress(**told) if told else None
