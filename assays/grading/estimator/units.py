"""From samples to independent units: sites, not bags (METHODS.md section 4)."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assays.chemistry.aggregates import members
from assays.chemistry.oxides import factor, oxide_of
from assays.grading.estimator.model import Criterion, Sample


@dataclass(frozen=True, slots=True)
class Reads:
    """A sample's numerator and denominator for one criterion, read so that it comes out low, and high; ppm of oxide.

    Of a grade the denominators are 1.
    """

    low: float
    low_of: float
    high: float
    high_of: float
    below: bool
    over: bool
    over_of: bool

    @property
    def limit(self) -> float:
        """Return how far the numerator's readings lie apart, in ppm of oxide."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Unit:
    """One site, or a sample without one, with its weight."""

    name: str
    weight: float
    low: float
    low_of: float
    high: float
    high_of: float


def _factor(criterion: Criterion, element: str) -> float:
    """Return what one ppm of an element counts as in a criterion's numerator."""
    return factor(oxide_of(element) if members(criterion.analyte) else criterion.oxide)


def reads_of(criterion: Criterion, sample: Sample) -> Reads | None:
    """Return a sample's readings for a criterion; None when it lacks something that the criterion needs."""
    if any(element not in sample.values for element in criterion.elements):
        return None
    own = {element: sample.values[element] for element in criterion.numerator}
    low = sum(_factor(criterion, element) * one.low for element, one in own.items())
    high = sum(_factor(criterion, element) * one.high for element, one in own.items())
    low_of = high_of = 1.0
    others = [element for element in members(criterion.of) if element not in own]
    if criterion.is_share:
        inside = [element for element in members(criterion.of) if element in own]
        # The numerator's own substituted value stands in the denominator too.
        low_of = sum(factor(oxide_of(e)) * own[e].low for e in inside)
        high_of = sum(factor(oxide_of(e)) * own[e].high for e in inside)
        low_of += sum(factor(oxide_of(e)) * sample.values[e].high for e in others)
        high_of += sum(factor(oxide_of(e)) * sample.values[e].low for e in others)
    return Reads(
        low,
        low_of,
        high,
        high_of,
        any(one.below for one in own.values()),
        any(one.over for one in own.values()),
        any(sample.values[e].over for e in others),
    )


#: a sample with what a criterion reads of it
Pair = tuple[Sample, Reads]


def by_site(pairs: Sequence[Pair]) -> dict[tuple[str, str], list[Pair]]:
    """Return samples by the independent unit that they belong to: a site, or the sample itself."""
    sites: dict[tuple[str, str], list[Pair]] = {}
    for sample, reads in pairs:
        key = ("site", sample.site) if sample.site else ("sample", sample.id)
        sites.setdefault(key, []).append((sample, reads))
    return sites


def units_of(pairs: Sequence[Pair], *, by_mass: bool) -> list[Unit]:
    """Return the units of samples with their readings: the samples of a site averaged, by mass if masses weigh.

    Under `by_mass` a site weighs the sum of its samples; otherwise every site weighs 1.
    """
    return [_unit(name, inside, by_mass=by_mass) for (_, name), inside in by_site(pairs).items()]


def _unit(name: str, inside: Sequence[Pair], *, by_mass: bool) -> Unit:
    masses = [_mass(sample) if by_mass else 1.0 for sample, _ in inside]
    total = math.fsum(masses)

    def mean(part: Callable[[Reads], float]) -> float:
        return math.fsum(mass * part(reads) for mass, (_, reads) in zip(masses, inside, strict=True)) / total

    return Unit(
        name,
        total if by_mass else 1.0,
        mean(lambda one: one.low),
        mean(lambda one: one.low_of),
        mean(lambda one: one.high),
        mean(lambda one: one.high_of),
    )


def weights_of(pairs: Sequence[Pair], *, by_mass: bool) -> list[float]:
    """Return how much each sample weighs: its mass, or its part of a site that weighs 1."""
    if by_mass and every_mass_known(sample for sample, _ in pairs):
        return [_mass(sample) for sample, _ in pairs]
    sizes = {sample.id: len(inside) for inside in by_site(pairs).values() for sample, _ in inside}
    return [1 / sizes[sample.id] for sample, _ in pairs]


def _mass(sample: Sample) -> float:
    assert sample.mass_kg is not None
    return sample.mass_kg


def every_mass_known(samples: Iterable[Sample]) -> bool:
    """Return whether masses can weigh: all of them are known."""
    return all(sample.mass_kg is not None for sample in samples)
