"""The search box: features register finders, each asks its own tables for what the person may see."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

#: hits shown of one kind
AT_MOST_OF_A_KIND: Final = 8
#: what a scanner or a person sends that is longer is no identifier of ours
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its kind in words ("sample"), how it is called, its address, a word more."""

    kind: str
    label: str
    url: str
    detail: str = ""


Finder = Callable[[Any, str], list[Hit]]
_FINDERS: dict[str, Finder] = {}


def register_finder(kind: str, function: Finder) -> None:
    """Let `function(user, text)` look for things of this `kind`; exact hits first, only what `user` may see."""
    _FINDERS[kind] = function


def find(user: Any, text: str) -> list[Hit]:
    """Return what `user` may see that answers to `text`, exact labels before others, otherwise kind by kind."""
    wanted = text.replace("\0", "").strip()[:LONGEST]
    if not wanted:
        return []
    hits = [hit for finder in _FINDERS.values() for hit in finder(user, wanted)[:AT_MOST_OF_A_KIND]]
    return sorted(hits, key=lambda hit: not is_exact(hit, wanted))


def are_cut(hits: list[Hit]) -> bool:
    """Return whether there may be more than these: as many of a kind as are shown of one."""
    return any(count >= AT_MOST_OF_A_KIND for count in Counter(hit.kind for hit in hits).values())


def is_exact(hit: Hit, text: str) -> bool:
    """Return whether `text` is the label itself, whatever its case.

    >>> is_exact(Hit("sample", "KC-0007-X", "/s/7"), "kc-0007-x ")
    True
    """
    return hit.label.casefold() == text.strip().casefold()


def straight_to(hits: list[Hit], text: str) -> str | None:
    """Return the address to go to at once: when exactly one hit is called `text`."""
    exact = [hit for hit in hits if is_exact(hit, text)]
    return exact[0].url if len(exact) == 1 else None
