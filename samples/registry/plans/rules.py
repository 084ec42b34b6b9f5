"""What a plan asks for, and which samples are outside it: pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

Key = TypeVar("Key", bound=Hashable)
#: a campaign with more sites than this is several
MOST_SITES: Final = 200
MOST_PLANNED: Final = 10_000


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """A site as it is planned: its name, how many samples, its place in degrees (WGS 84) if it is known."""

    name: str
    planned_number: int
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    note: str = ""


def site_key(name: str) -> str:
    """Return a site's name as sites are compared: case and spaces do not make another one.

    >>> site_key(" Pit  3 ") == site_key("pit 3")
    True
    """
    return " ".join(name.split()).casefold()


def outside(
    samples: Iterable[tuple[Key, str]], sites: Mapping[str, int], planned_number: int
) -> frozenset[Key]:
    """Return which samples are outside a plan: of a site that is not in it, or more than a site or the plan asks for.

    `samples` are (key, site) in the order of their registration; `sites` the numbers by `site_key`, empty for a plan
    without sites.

    >>> sorted(outside([(1, "pit 1"), (2, "Pit 1"), (3, "heap"), (4, "PIT 1")], {"pit 1": 2}, 2))
    [3, 4]
    >>> sorted(outside([(1, ""), (2, "pit 9")], {}, 1))
    [2]
    """
    found: set[Key] = set()
    counts: dict[str, int] = defaultdict(int)
    for key, site in samples:
        name = site_key(site) if sites else ""
        counts[name] += 1
        if counts[name] > (sites.get(name, 0) if sites else planned_number):
            found.add(key)
    return frozenset(found)
