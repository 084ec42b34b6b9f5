"""What the estimator works on and what it answers: plain values, in ppm of the element unless said otherwise."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from assays.chemistry.aggregates import members

FLAGGED, NOT_FLAGGED, INCONCLUSIVE = "FLAGGED", "NOT_FLAGGED", "INCONCLUSIVE"
BLOCKED_QC, BLOCKED_DATA = "BLOCKED_QC", "BLOCKED_DATA"
#: fewer independent units decide nothing, whatever the prior
FEWEST_UNITS: Final = 3
FEWEST_EFFECTIVE: Final = 2.5


@dataclass(frozen=True, slots=True)
class Reading:
    """A sample's content of an element, in ppm of the element, read low and high.

    `<L` is 0 read low and L read high; `>U` is U in both, and `over` says that it may be more. Never substituted.
    """

    low: float
    high: float
    below: bool = False
    over: bool = False

    @property
    def limit(self) -> float:
        """Return how far the two readings lie apart: the limit of a value below detection."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition: an oxide's (or aggregate's) grade in ppm, or its share of an aggregate in per cent."""

    analyte: str
    metric: str
    oxide: str
    threshold: float
    of: str = ""

    @property
    def is_share(self) -> bool:
        """Return whether it is a share."""
        return self.metric == "share"

    @property
    def unit(self) -> str:
        """Return the unit of its numbers."""
        return "%" if self.is_share else "ppm"

    @property
    def name(self) -> str:
        """Return what it is about, as in Dy2O3 or Dy2O3/TREO."""
        return f"{self.oxide}/{self.of}" if self.is_share else self.oxide

    @property
    def numerator(self) -> tuple[str, ...]:
        """Return the elements that are counted."""
        return members(self.analyte) or (self.analyte,)

    @property
    def elements(self) -> tuple[str, ...]:
        """Return every element that it needs."""
        return tuple(dict.fromkeys((*self.numerator, *members(self.of))))


@dataclass(frozen=True, slots=True)
class Bias:
    """Relative uncertainty of a method's bias, with its degrees of freedom."""

    relative: float
    df: float


@dataclass(frozen=True, slots=True)
class Prior:
    """Between-site coefficient of variation of earlier batches of the deposit, with its degrees of freedom."""

    relative: float
    df: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy as the estimator needs it."""

    criteria: Sequence[Criterion]
    alpha: float
    alpha_reject: float
    weighting: str = "equal"
    basis: str | None = None
    #: by analyte; "" for all that are not named
    bias: Mapping[str, Bias] = field(default_factory=dict)
    prior: Prior | None = None
    repeatability: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: readings by element, and what speaks against using it."""

    id: str
    values: Mapping[str, Reading]
    site: str | None = None
    mass_kg: float | None = None
    basis: str | None = None
    excluded: str | None = None
    incident: str = ""
    #: element → what is wrong with its unit
    unreadable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one decision rests on."""

    rule: Rule
    samples: Sequence[Sample]
    qc: Mapping[str, str] = field(default_factory=dict)
    #: by element, in ppm of the element; of an aggregate in ppm of its oxides
    blank_excess: Mapping[str, float] = field(default_factory=dict)
    look: int | None = None
    preliminary: bool = False
    awaited: int = 0
    warnings: Sequence[str] = ()

    @property
    def bounds(self) -> "Bounds":
        """Return the error rates of the bounds: look k of an open plan has alpha / 2^k, k criteria share alpha′."""
        alpha = self.rule.alpha if self.look is None else math.ldexp(self.rule.alpha, -self.look)
        return Bounds(alpha, self.rule.alpha_reject / len(self.rule.criteria))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How often a bound may be wrong, one-sided: the lower one by which is flagged, the upper one that rejects."""

    alpha: float
    alpha_reject: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was computed for a criterion, in its unit; None where it cannot be."""

    n: int
    n_eff: float | None = None
    mean: float | None = None
    s: float | None = None
    u: float | None = None
    df: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What one criterion came to, and why."""

    criterion: Criterion
    outcome: str
    numbers: Numbers
    censored: int
    reason: str
    more_samples: int | None = None
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the batch came to."""

    decision: str
    provisional: bool
    sentence: str
    results: Sequence[Result]
    warnings: Sequence[str]
