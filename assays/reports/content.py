"""What a grade report holds: plain data, the same for the page and for the paper."""

from dataclasses import dataclass
from datetime import datetime

from assays.grading.estimator.model import Reading
from assays.reports.figures import Figure
from assays.reports.readings import Point


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion of a decision: numbers in `unit`, as floats for pictures and as figures for tables."""

    name: str
    unit: str
    outcome: str
    word: str
    n: int
    n_eff: float | None
    df: float | None
    mean: float | None
    lower: float | None
    upper: float | None
    threshold: float
    shown_mean: Figure
    shown_lower: Figure
    shown_upper: Figure
    shown_threshold: Figure
    shown_u: Figure
    censored: int
    reason: str
    settles: str
    points: tuple[Point, ...]

    @property
    def title(self) -> str:
        """Return name and unit, as an axis or a column is headed."""
        return f"{self.name}, {self.unit}"


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One sample of the table of determinations; `note` says why it does not count."""

    tag: str
    site: str
    cells: tuple[Figure, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of evidence: its parts in the order of the table's heads."""

    parts: tuple[str, ...]
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way of the batch: when, what, where and by whom."""

    at: datetime
    title: str
    detail: str = ""
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Seal:
    """How far the record was sealed when the report was drawn."""

    sealed_to: datetime
    number: int | None
    verified_at: datetime | None
    verified_well: bool | None

    @property
    def sentence(self) -> str:
        """Return the state in words, without times."""
        number = "No seal yet" if self.number is None else f"Sealed to no. {self.number}"
        if self.verified_at is None:
            return f"{number}, chain not verified yet"
        return f"{number}, chain verified" if self.verified_well else f"{number}, THE CHAIN DOES NOT VERIFY"


@dataclass(frozen=True, slots=True)
class Report:
    """A grade report: the answer first, then what it stands on."""

    code: str
    address: str
    batch: str
    batch_id: str
    owner: str
    material: str
    mine: str
    campaign: str
    number: int
    decided_at: datetime
    outcome: str
    word: str
    sign: str
    colour: str
    provisional: bool
    retrospective: bool
    answer: str
    sentence: str
    confidence: str
    samples: int
    units: int
    mass_kg: str
    changed: str
    criteria: tuple[CriterionView, ...]
    settles: tuple[str, ...]
    exclusions: tuple[Line, ...]
    warnings: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[SampleLine, ...]
    definitions: tuple[str, ...]
    qc: tuple[Line, ...]
    certificates: tuple[Line, ...]
    custody: tuple[Step, ...]
    incidents: tuple[str, ...]
    policy: str
    policy_words: tuple[str, ...]
    policy_rationale: str
    policy_agreed: str
    versions: tuple[tuple[str, str], ...]
    digest: str
    seal: Seal
    pattern: dict[str, dict[str, Reading]]
    left_out: frozenset[str]

    @property
    def title(self) -> str:
        """Return what the report is called."""
        return f"Grade report {self.batch}, decision {self.number}"

    @property
    def censored(self) -> list[str]:
        """Return for each criterion how many of its values are below detection."""
        return [
            f"{one.name}: {one.censored} of {len(one.points)} below detection"
            for one in self.criteria
            if one.censored
        ]
