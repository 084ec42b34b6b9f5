"""Transitions as data: who declares a table of them gets them checked here and in the database."""

from collections.abc import Mapping
from typing import TypeVar

from lims.errors import conflict

State = TypeVar("State", bound=str)


def check_transition(table: Mapping[State, frozenset[State]], before: State, after: State) -> None:
    """Raise `Conflict` ("transition-refused") unless `table` lets `before` become `after`.

    >>> check_transition({"OPEN": frozenset({"CLOSED"}), "CLOSED": frozenset()}, "OPEN", "CLOSED")
    """
    allowed = table.get(before, frozenset())
    if after not in allowed:
        ways = ", ".join(sorted(allowed)) or "nothing: it is final"
        raise conflict(
            "transition-refused",
            f"{before} cannot become {after}.",
            f"From {before} it can become {ways}.",
            field="state",
        )


def pairs(table: Mapping[State, frozenset[State]]) -> list[tuple[str, str]]:
    """Return the allowed (before, after) pairs in a fixed order.

    >>> pairs({"B": frozenset(), "A": frozenset({"C", "B"})})
    [('A', 'B'), ('A', 'C')]
    """
    return sorted((str(before), str(after)) for before, afters in table.items() for after in afters)
