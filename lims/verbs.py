"""The verb: one act of one actor in one transaction, and the only way to write.

The database's triggers record every changed row and refuse a change without an actor, so a write
outside a verb fails loudly instead of leaving a hole in the record.
"""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar, cast

from django.db import IntegrityError, connection, transaction

from lims.constraints import explained

P = ParamSpec("P")
R = TypeVar("R")

#: the request (or due work) that is being served, for the record and the logs
request_id: ContextVar[str] = ContextVar("request_id", default="")
_acting: ContextVar[tuple[str, str, str] | None] = ContextVar("acting", default=None)


class Actor(Protocol):
    """Whoever acts: a person, or a named part of the system."""

    @property
    def actor_key(self) -> str:
        """Return how the record names the actor, as in `user:0197…` or `system:seal`."""


@dataclass(frozen=True, slots=True)
class SystemActor:
    """A part of the system that acts by itself: beat, a command, a migration, a worker.

    >>> SystemActor("seal").actor_key
    'system:seal'
    """

    name: str

    @property
    def actor_key(self) -> str:
        """Return `system:<name>`."""
        return f"system:{self.name}"


def _tell_database(acting: tuple[str, str, str] | None) -> None:
    actor, request, verb_name = acting or ("", "", "")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lims.actor', %s, true), set_config('lims.request', %s, true),"
            " set_config('lims.verb', %s, true)",
            [actor, request, verb_name],
        )


@contextlib.contextmanager
def acting(actor: Actor, *, verb_name: str) -> Iterator[None]:
    """Open a transaction in which changes are recorded as `actor`'s, under the name `verb_name`.

    Inside another verb it joins that verb's transaction; the outer actor and name come back afterwards.
    Prefer `verb`; this is for code that is not ours (a library's sign-in pages).
    """
    mine = (actor.actor_key, request_id.get(), verb_name)
    goes_on = connection.in_atomic_block
    outer = _acting.get() if goes_on else None
    token = _acting.set(mine)
    try:
        with transaction.atomic():
            _tell_database(mine)
            yield
            # A transaction that goes on after us (an outer verb, a test) must not keep our name; one that ends forgets it.
            if goes_on:
                _tell_database(outer)
    finally:
        _acting.reset(token)


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """Make a service one verb: one transaction, recorded as its `actor`'s.

    The function takes keyword arguments only, one of them `actor`. Nested verbs join the outermost
    transaction, so a refusal anywhere undoes all of it.

    >>> @verb
    ... def rename(*, actor: Actor, name: str) -> str:
    ...     return name
    >>> rename.__name__
    'rename'
    """
    parameters = inspect.signature(function).parameters
    named = {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}
    if "actor" not in parameters or any(p.kind not in named for p in parameters.values()):
        raise TypeError(f"{function.__qualname__}: a verb takes keyword arguments only, one of them actor")

    @wraps(function)
    def act(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with acting(cast("Actor", kwargs["actor"]), verb_name=function.__name__):
                return function(*args, **kwargs)
        except IntegrityError as error:
            refusal = explained(error)
            if refusal is None:
                raise
            raise refusal from error

    act.is_verb = True  # type: ignore[attr-defined]  # read by the test that every service is a verb
    return act
