"""What is told of quality control over time, as plain values. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any, Final, NamedTuple
from uuid import UUID

from assays.quality.checks import WARN_LOD
from assays.quality.control import Bias, Marked, Point, bias, control_chart, rule_counts, shifts_of_lot

#: points that a control chart draws: the newest (D)
DRAWN: Final = 60
#: share of the sample before that a blank may carry (METHODS.md section 3), for the line of its plot
CARRIED: Final = Decimal("0.02")


class SeriesKey(NamedTuple):
    """What one chart is of; `material` empty for the duplicates of a method."""

    laboratory: UUID
    method: str
    analyte: str
    oxide: str
    material: str = ""

    @property
    def content(self) -> str:
        """Return the content as it was reported: the oxide, or the element."""
        return self.oxide or self.analyte


@dataclass(frozen=True, slots=True)
class Seen:
    """One QC item of one evaluated run, as its evaluation kept it."""

    key: SeriesKey
    on: date
    run: UUID | None
    number: str
    mark: Mapping[str, Any]
    lot: str = ""

    @property
    def sign(self) -> str:
        """Return "<" or ">" where only a limit was read."""
        first = str(self.mark["value"])[:1]
        return first if first in {"<", ">"} else ""

    @property
    def ppm(self) -> Decimal:
        """Return what was read, or the limit."""
        return Decimal(str(self.mark["value"]).lstrip("<>"))

    def number_of(self, name: str) -> Decimal | None:
        """Return another number of the mark; None where it has none."""
        found = self.mark.get(name)
        return None if found is None else Decimal(str(found))

    @property
    def point(self) -> Point | None:
        """Return it as a point of a control chart; None where nothing is certified."""
        expected, sd = self.number_of("expected"), self.number_of("sd")
        if expected is None or sd is None or sd <= 0:
            return None
        label = str(self.mark["label"])
        return Point(self.on, self.number, label, self.ppm, expected, sd, self.lot, self.sign)


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A reference material over time: all of it in numbers, the newest points to draw."""

    key: SeriesKey
    laboratory: str
    points: Sequence[Marked]
    rules: Mapping[str, int]
    bias: Bias
    #: places among `drawn` from which another lot or another certified value counts
    shifts: Sequence[int]

    @property
    def drawn(self) -> Sequence[Marked]:
        """Return the newest points."""
        return self.points[-DRAWN:]


def chart_of(key: SeriesKey, laboratory: str, points: Sequence[Point]) -> ControlChart:
    """Return the control chart of points in time order.

    >>> day, key = date(2026, 3, 1), SeriesKey(UUID(int=1), "M", "Dy", "", "RM")
    >>> chart = chart_of(key, "NFC", [Point(day, "R", "a", Decimal(24), Decimal(20), Decimal(1))])
    >>> chart.rules["1-3s"], chart.bias.n
    (1, 1)
    """
    marked = control_chart(points)
    return ControlChart(
        key, laboratory, marked, rule_counts(marked), bias(points), shifts_of_lot(points[-DRAWN:])
    )


@dataclass(frozen=True, slots=True)
class BlankPoint:
    """One reading of a blank: ppm (a limit enters as 0), its background, and the sample before it, if known."""

    on: date
    number: str
    label: str
    material: str
    shown: str
    ppm: Decimal
    lod_ppm: Decimal | None
    excess_ppm: Decimal | None
    before_ppm: Decimal | None
    verdict: str
    rules: Sequence[str]

    @property
    def warn_ppm(self) -> Decimal | None:
        """Return 5·LOD; None where no limit is known."""
        return None if self.lod_ppm is None else WARN_LOD * self.lod_ppm

    @property
    def carried(self) -> Decimal | None:
        """Return the excess as a share of the sample before; None where that is unknown."""
        if self.excess_ppm is None or not self.before_ppm:
            return None
        return self.excess_ppm / self.before_ppm


def blank_of(seen: Seen) -> BlankPoint:
    """Return a blank's reading as its charts need it."""
    return BlankPoint(
        seen.on,
        seen.number,
        str(seen.mark["label"]),
        str(seen.mark["material"]),
        str(seen.mark["value"]),
        Decimal(0) if seen.sign == "<" else seen.ppm,
        seen.number_of("lod"),
        seen.number_of("excess"),
        seen.number_of("before"),
        str(seen.mark["verdict"]),
        list(seen.mark["rules"]),
    )


@dataclass(frozen=True, slots=True)
class PairPoint:
    """One pair of duplicates."""

    on: date
    number: str
    label: str
    stage: str
    first_ppm: Decimal
    second_ppm: Decimal
    poor: bool

    @property
    def mean_ppm(self) -> Decimal:
        """Return the mean of the two."""
        return (self.first_ppm + self.second_ppm) / 2

    @property
    def difference(self) -> Decimal:
        """Return second − first as a share of their mean."""
        return (self.second_ppm - self.first_ppm) / self.mean_ppm

    @property
    def hard(self) -> Decimal:
        """Return half the absolute relative difference."""
        return abs(self.difference) / 2


def pair_of(seen: Seen) -> PairPoint:
    """Return a pair of duplicates as its charts need it."""
    first = seen.number_of("expected")
    assert first is not None
    stage, poor = str(seen.mark.get("stage", "")), bool(seen.mark["rules"])
    return PairPoint(seen.on, seen.number, str(seen.mark["label"]), stage, first, seen.ppm, poor)


def middle(numbers: Sequence[float]) -> float | None:
    """Return the median; None of nothing.

    >>> middle([3.0, 1.0, 2.0]), middle([])
    (2.0, None)
    """
    return median(numbers) if numbers else None
