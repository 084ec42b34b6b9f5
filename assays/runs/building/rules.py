"""How a rack is laid out: QC spread evenly among the routine samples, by rule and by seed. Pure."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from assays.runs.building.rates import Rates, least
from assays.runs.rules import ItemKind, Stage

#: positions of the largest rack (D): several autosampler trays, far more than a run has
MOST_ITEMS: Final = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at one position: the routine sample of an index (or a duplicate of it), or a reference material."""

    kind: ItemKind
    routine: int | None = None
    material: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Least numbers of QC items in a run; a run needs one reference material and one blank in any case."""

    crm: int
    blank: int
    coarse: int
    pulp: int


def wanted(routine: int, rates: Rates) -> Wanted:
    """Return how many QC items a run of `routine` samples needs (METHODS.md section 3).

    >>> from assays.runs.building.rates import DEFAULT_RATES
    >>> wanted(40, DEFAULT_RATES)
    Wanted(crm=2, blank=2, coarse=1, pulp=1)
    """
    return Wanted(
        max(1, least(routine, rates.crm_pct)),
        max(1, least(routine, rates.blank_pct)),
        least(routine, rates.coarse_pct),
        least(routine, rates.pulp_pct),
    )


class _Gaps:
    """The gaps before, between and after the routine samples; each takes one QC item before any takes a second."""

    def __init__(self, routine: int) -> None:
        self.held: list[list[Place]] = [[] for _ in range(routine + 1)]

    def put(self, place: Place, at: float) -> None:
        """Put an item into the emptiest gap, of those the one nearest to `at`."""
        gap = min(range(len(self.held)), key=lambda one: (len(self.held[one]), abs(one - at), one))
        self.held[gap].append(place)

    def spread(self, places: Sequence[Place], offset: float = 0.5) -> None:
        """Spread items evenly over the rack."""
        step = (len(self.held) - 1) / len(places) if places else 0.0
        for number, place in enumerate(places):
            self.put(place, (number + offset) * step)


def place_qc(
    routine: int,
    rates: Rates,
    crms: Sequence[str],
    blanks: Sequence[str],
    *,
    seed: int,
    coarse: Sequence[int] = (),
    highest: int | None = None,
) -> tuple[Place, ...]:
    """Return a rack of `routine` samples in their order with the QC that `rates` ask for.

    A blank stands first, another after the sample that is expected to be the highest; the rest is spread evenly, and no two
    QC items are neighbours while there are enough samples to part them. `crms` and `blanks` are names, the one that suits
    best first: several take turns. `coarse` are the indices of samples that have a coarse reject to split again. Which
    samples are duplicated is drawn by `seed`; one seed gives one rack.

    >>> from assays.runs.building.rates import DEFAULT_RATES
    >>> rack = place_qc(3, DEFAULT_RATES, ["OREAS 465"], ["Quartz"], seed=1)
    >>> [place.material or f"{place.kind.value.lower()} {place.routine}" for place in rack]
    ['Quartz', 'sample 0', 'OREAS 465', 'sample 1', 'duplicate 0', 'sample 2']
    """
    if routine == 0:
        return ()
    need, draw, gaps = wanted(routine, rates), random.Random(seed), _Gaps(routine)  # noqa: S311  # a lot, not a secret
    empty = [Place(ItemKind.BLANK, material=name) for name in _turns(blanks, _blanks(need, highest, routine))]
    if empty:
        gaps.put(empty.pop(0), 0)
    if empty and highest is not None:
        gaps.put(empty.pop(0), highest + 1)
    gaps.spread([Place(ItemKind.CRM, material=name) for name in _turns(crms, need.crm)])
    gaps.spread(empty, offset=1.0)
    pulp = sorted(draw.sample(range(routine), min(need.pulp, routine)))
    rest = sorted(set(coarse) & set(range(routine)))
    rejects = sorted(draw.sample(rest, min(need.coarse, len(rest))))
    twins = [Place(ItemKind.DUPLICATE, one, stage=Stage.PULP.value) for one in pulp]
    gaps.spread(twins + [Place(ItemKind.DUPLICATE, one, stage=Stage.COARSE.value) for one in rejects], 0.75)
    found: list[Place] = []
    for number, held in enumerate(gaps.held):
        found += held
        if number < routine:
            found.append(Place(ItemKind.SAMPLE, number))
    return tuple(found)


def _blanks(need: Wanted, highest: int | None, routine: int) -> int:
    """Return how many blanks are placed: one more than needed where the only one would not follow the highest sample."""
    return max(need.blank, 2) if highest is not None and routine > 1 else need.blank


def _turns(names: Sequence[str], count: int) -> list[str]:
    return [names[number % len(names)] for number in range(count)] if names else []


def short_of(
    kinds: Iterable[tuple[str, str]], rates: Rates, *, near: bool, routine: int | None = None
) -> list[str]:
    """Return in words what a rack lacks of the QC that the rule asks for; empty when nothing.

    `kinds` are (kind, stage) of its items; `near` says whether a reference material near the threshold is among them.

    >>> from assays.runs.building.rates import DEFAULT_RATES
    >>> short_of([("SAMPLE", ""), ("CRM", ""), ("DUPLICATE", "PULP"), ("DUPLICATE", "COARSE")], DEFAULT_RATES, near=True)
    ['0 of 1 blank']
    """
    counts: Counter[tuple[str, str]] = Counter(kinds)
    samples = counts[ItemKind.SAMPLE, ""] if routine is None else routine
    need = wanted(samples, rates)
    lines = [
        ("reference material", counts[ItemKind.CRM, ""], need.crm),
        ("blank", counts[ItemKind.BLANK, ""], need.blank),
        ("coarse duplicate", counts[ItemKind.DUPLICATE, Stage.COARSE], need.coarse),
        ("pulp duplicate", counts[ItemKind.DUPLICATE, Stage.PULP], need.pulp),
    ]
    told = [
        f"{have} of {least_of} {name}{'' if least_of == 1 else 's'}"
        for name, have, least_of in lines
        if have < least_of
    ]
    if counts[ItemKind.CRM, ""] and not near:
        told.append("no reference material near the threshold")
    return told


def rack_version(items: Iterable[UUID]) -> str:
    """Return the digest over a rack's items in their order: what a change to it is bound to.

    >>> rack_version([UUID(int=1), UUID(int=2)]) == rack_version([UUID(int=2), UUID(int=1)])
    False
    """
    return hashlib.sha256(",".join(str(item) for item in items).encode()).hexdigest()


def code_of(number: str, position: int, size: int) -> str:
    """Return the code of a position: it says nothing of what stands there.

    >>> code_of("R26-0007", 7, 24), code_of("R26-0007", 7, 120)
    ('R26-0007-07', 'R26-0007-007')
    """
    return f"{number}-{position:0{max(2, len(str(size)))}d}"


def moved(order: Sequence[UUID], item: UUID, to: int) -> list[UUID]:
    """Return the order with `item` at position `to` (from 1); beyond an end it stands at that end.

    >>> [one.int for one in moved([UUID(int=1), UUID(int=2), UUID(int=3)], UUID(int=1), 3)]
    [2, 3, 1]
    """
    rest = [one for one in order if one != item]
    at = min(max(to, 1), len(order)) - 1
    return [*rest[:at], item, *rest[at:]]


#: kind → how a strip marks it: with a word, not by colour alone
MARKS: Final[Mapping[ItemKind, str]] = {
    ItemKind.SAMPLE: "Sample",
    ItemKind.DUPLICATE: "Duplicate",
    ItemKind.CRM: "CRM",
    ItemKind.BLANK: "Blank",
}
