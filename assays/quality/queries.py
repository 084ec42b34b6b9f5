"""Reads of quality control: preferred values, what QC says of a run, insertion rates, rows that make no sense."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from assays.certificates.models import Determination
from assays.certificates.queries import determinations_of
from assays.chemistry.normalisation import slips, total_off
from assays.chemistry.oxides import OXIDES
from assays.quality.evidence import in_form
from assays.quality.gate import BLOCKING, after_override, in_force
from assays.quality.models import QcEvaluation, QcOverride
from assays.quality.preference import Preferred, preferred
from assays.quality.rules import VERDICT_LABELS, WORST_FIRST, QcVerdict
from assays.runs.building.queries import rates_for
from assays.runs.models import Run, RunItem
from assays.runs.rules import ItemKind

__all__ = [
    "InsertionRate",
    "OddRow",
    "Preferred",
    "QcLine",
    "RunQc",
    "blank_excesses",
    "insertion_rates",
    "overrides_of",
    "preferred",
    "row_sanity",
    "run_qc",
]


@dataclass(frozen=True, slots=True)
class QcLine:
    """What QC says of one method and analyte of a run; numbers in ppm of the reported form."""

    method: str
    analyte: str
    oxide: str
    #: as evaluated, and after overrides
    verdict: QcVerdict
    after: QcVerdict
    reason: str
    marks: Sequence[dict[str, Any]]
    #: how many of the run's samples and duplicates are withheld now
    withheld: int
    blank_excess_ppm: Decimal | None
    threshold_ppm: Decimal | None
    override: QcOverride | None

    @property
    def label(self) -> str:
        """Return the verdict in words."""
        return "Overridden" if self.override is not None else VERDICT_LABELS[self.verdict]

    @property
    def decides(self) -> bool:
        """Return whether a policy of the run's batches has a criterion on it."""
        return self.threshold_ppm is not None


@dataclass(frozen=True, slots=True)
class RunQc:
    """What QC says of a run as it stands: one line a method and analyte, those that decide and the worst first."""

    evaluated: bool
    verdict: QcVerdict
    lines: Sequence[QcLine]
    items: int
    overrides: Sequence[QcOverride]


def run_qc(run: Run) -> RunQc:
    """Return what QC says of a run's results as they stand now; four queries.

    `verdict` is the worst, after overrides, of the lines with a criterion (of all, where none has one); NONE before
    the evaluation.
    """
    rows = QcEvaluation.objects.filter(run=run, version=run.version)
    counting = in_force([run])
    kinds = (ItemKind.SAMPLE, ItemKind.DUPLICATE)
    items = RunItem.objects.filter(run=run, kind__in=kinds).count()
    lines = sorted((_line(row, counting, items) for row in rows), key=_worst_first)
    deciding = [line for line in lines if line.decides] or lines
    verdict = min((line.after for line in deciding), key=WORST_FIRST.index, default=QcVerdict.NONE)
    return RunQc(bool(lines), verdict, lines, items, overrides_of(run))


def _line(row: QcEvaluation, counting: dict[tuple[UUID, str], QcOverride], items: int) -> QcLine:
    verdict = QcVerdict(row.verdict)
    found = counting.get((row.run_id, row.analyte)) or counting.get((row.run_id, ""))
    override = found if verdict in BLOCKING else None
    held = items if row.withheld is None else len(row.withheld)
    return QcLine(
        method=row.method_code,
        analyte=row.analyte,
        oxide=row.oxide,
        verdict=verdict,
        after=after_override(verdict, overridden=override is not None),
        reason=row.reason,
        marks=row.marks,
        withheld=0 if override is not None else held,
        blank_excess_ppm=row.blank_excess_ppm,
        threshold_ppm=row.threshold_ppm,
        override=override,
    )


def _worst_first(line: QcLine) -> tuple[bool, int, str, str, str]:
    return not line.decides, WORST_FIRST.index(line.after), line.analyte, line.oxide, line.method


def blank_excesses(runs: Iterable[UUID], owner: UUID) -> dict[tuple[UUID, str, str, str], Decimal]:
    """Return the largest blank excess above 0 by (run, method code, analyte, oxide), in ppm of that form; one query.

    An owner's blind blanks count with the laboratory's for the owner's own batches.
    """
    names = ("run", "method_code", "analyte", "oxide", "blank_excess_ppm", "owner_view")
    found = {}
    for *key, open_ppm, views in QcEvaluation.objects.filter(run__in=list(runs)).values_list(*names):
        with_blind = views.get(str(owner), {}).get("blank_excess_ppm")
        most = max(open_ppm or Decimal(0), Decimal(with_blind or 0))
        if most > 0:
            found[key[0], key[1], key[2], key[3]] = most
    return found


def overrides_of(run: Run) -> list[QcOverride]:
    """Return every override proposed for a run, the newest first, with the persons; old versions' too."""
    rows = QcOverride.objects.filter(run=run).select_related("proposed_by", "second_by")
    return list(rows.order_by("-proposed_at", "-id"))


@dataclass(frozen=True, slots=True)
class InsertionRate:
    """How many QC items of a kind a run holds, as a share of its samples, and the share that is wanted."""

    kind: ItemKind
    count: int
    samples: int
    wanted: Decimal

    @property
    def share(self) -> Decimal:
        """Return the share of the samples; 0 for a run without any."""
        return Decimal(self.count) / self.samples if self.samples else Decimal(0)

    @property
    def enough(self) -> bool:
        """Return whether the wanted share is reached."""
        return self.share >= self.wanted


def insertion_rates(run: Run) -> list[InsertionRate]:
    """Return how many QC items of each kind a run holds beside its laboratory's rule; three queries at most.

    Too few is told, and blocks nothing by itself.
    """
    counts = Counter(RunItem.objects.filter(run=run).values_list("kind", flat=True))
    samples = counts[ItemKind.SAMPLE]
    wanted = rates_for(run.laboratory_id, run.method).of_kinds
    return [InsertionRate(kind, counts[kind], samples, share / 100) for kind, share in wanted.items()]


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row of results that makes no sense as it stands: label of the item, and why, in words."""

    item: UUID
    label: str
    words: str


def row_sanity(run: Run) -> list[OddRow]:
    """Return the samples of a run whose results look like slips of unit or column (METHODS.md section 1); one query.

    Where a content was reported twice, that of the method that comes first in the certificate is looked at.
    """
    rows: dict[tuple[UUID, str], list[Determination]] = defaultdict(list)
    kinds = (ItemKind.SAMPLE, ItemKind.DUPLICATE)
    for one in determinations_of(run).filter(item__kind__in=kinds):
        rows[one.item_id, one.item.label].append(one)
    return [OddRow(item, label, words) for (item, label), found in rows.items() for words in _odd(found)]


def _odd(found: Sequence[Determination]) -> list[str]:
    contents: dict[str, float] = {}
    words = []
    for one in found:
        if one.form and one.ppm is not None and one.ppm > 0:
            oxide = one.oxide if one.oxide in OXIDES else ""
            contents.setdefault(one.analyte, float(in_form(one.ppm, oxide, "")))
        elif one.analyte == "Total" and one.value is not None and (off := total_off(float(one.value))):
            words.append(off)
    return slips(contents) + words
