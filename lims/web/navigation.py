"""The rail: features register their places here, people see those that are theirs."""

from dataclasses import dataclass
from typing import Any, Final

import rules
from django.urls import reverse

#: more than this nobody takes in at a glance
AT_MOST: Final = 7
#: on a phone's bottom bar; the rest is behind "More"
AT_MOST_ON_PHONE: Final = 5


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail.

    permission  a name known to `rules`, or "signed-in"
    order       smaller comes first
    letter      `g` and then this letter goes there
    phone       whether it is made for a phone: others go behind the bottom bar's "More" first
    """

    name: str
    url_name: str
    icon: str
    permission: str
    order: int
    letter: str = ""
    phone: bool = True

    @property
    def url(self) -> str:
        """Return the address of the place."""
        return reverse(self.url_name)

    def holds(self, path: str) -> bool:
        """Return whether the page at `path` lies in this place."""
        return path == self.url or (self.url != "/" and path.startswith(self.url.rstrip("/") + "/"))


_PLACES: dict[str, Place] = {}


def register(place: Place) -> None:
    """Add a place, or replace the one with the same address name."""
    _PLACES[place.url_name] = place


def _may_see(user: Any, place: Place) -> bool:
    return place.permission == "signed-in" or bool(rules.has_perm(place.permission, user))


def places_for(user: Any) -> list[Place]:
    """Return the places of `user` in their order, at most seven; none for whoever is not signed in."""
    if not getattr(user, "is_authenticated", False):
        return []
    mine = [place for place in _PLACES.values() if _may_see(user, place)]
    return sorted(mine, key=lambda place: (place.order, place.name))[:AT_MOST]


def for_phone(places: list[Place]) -> tuple[list[Place], list[Place]]:
    """Return the places of a phone's bottom bar and those behind its "More".

    The bar has five slots. When there are more places than that, "More" takes the fifth, and places that are
    not for the phone (`phone=False`) make room first.
    """
    if len(places) <= AT_MOST_ON_PHONE:
        return places, []
    first = sorted(places, key=lambda place: not place.phone)[: AT_MOST_ON_PHONE - 1]
    return [place for place in places if place in first], [place for place in places if place not in first]
