"""Which code does which kind of work; features register theirs in their `tasks.py`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from lims.verbs import SystemActor


class TakenOver(Exception):
    """Another worker holds the claim; whatever was done in the last transaction is rolled back."""


@dataclass(slots=True)
class Held:
    """A claim that this worker holds: what a handler gets."""

    kind: str
    key: str
    token: UUID
    attempts: int
    lease_s: float
    released: bool = field(default=False)

    @property
    def actor(self) -> SystemActor:
        """Return the part of the system in whose name the handler's verbs act."""
        return SystemActor(self.kind)

    def renew(self) -> None:
        """Hold on for another lease; raises `TakenOver` when another worker has the key."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE work_claim SET lease_until = clock_timestamp() + make_interval(secs => %s)"
                " WHERE kind = %s AND key = %s AND token = %s",
                [self.lease_s, self.kind, self.key, self.token],
            )
            if cursor.rowcount == 0:
                raise TakenOver(self.kind, self.key)

    @contextmanager
    def last_transaction(self) -> Iterator[None]:
        """Do the work's last, deciding writes: the claim goes in the same transaction, or nothing happens at all.

        Raises `TakenOver`, rolling back, when another worker holds the key by now.
        """
        with transaction.atomic():
            yield
            self._let_go()
        self.released = True

    def _let_go(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM work_claim WHERE kind = %s AND key = %s AND token = %s",
                [self.kind, self.key, self.token],
            )
            if cursor.rowcount == 0:
                raise TakenOver(self.kind, self.key)


Handler = Callable[[Held], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work: what does it, in which queue, and how long a claim holds without being renewed."""

    name: str
    handle: Handler
    queue: str
    lease_s: float


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that is due again and again, by itself."""

    kind: str
    key: str
    every_s: float


KINDS: Final[dict[str, Kind]] = {}
PERIODIC: Final[list[Periodic]] = []


def handler(kind: str, *, queue: str = "default", lease_s: float = 60) -> Callable[[Handler], Handler]:
    """Register a function that does the work `kind`; raises `ValueError` when the kind is taken.

    >>> @handler("example.weigh", queue="import")
    ... def weigh(claim: Held) -> None:
    ...     with claim.last_transaction():
    ...         pass
    >>> KINDS.pop("example.weigh").queue
    'import'
    """

    def register(function: Handler) -> Handler:
        if kind in KINDS:
            raise ValueError(f"two handlers for {kind}")
        KINDS[kind] = Kind(kind, function, queue, lease_s)
        return function

    return register


def periodic(kind: str, *, key: str = "all", every_s: float) -> None:
    """Let beat request the work `kind` for `key` every `every_s` seconds, unless it is due already."""
    PERIODIC.append(Periodic(kind, key, every_s))
