"""What QC says of several runs in a few words, for lists of runs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from assays.quality.gate import BLOCKING, after_override, in_force
from assays.quality.models import QcEvaluation, QcOverride
from assays.quality.rules import VERDICT_LABELS, WORST_FIRST, OverrideState, QcVerdict
from assays.runs.models import Run

TONES: Final[Mapping[QcVerdict, str]] = {
    QcVerdict.PASS: "good",
    QcVerdict.WARN: "warn",
    QcVerdict.FAIL: "bad",
    QcVerdict.NONE: "bad",
}
#: names that a list says; it counts the others
MOST_NAMED: Final = 4


class _Line(NamedTuple):
    """One evaluated analyte of a run."""

    analyte: str
    verdict: QcVerdict
    after: QcVerdict
    decides: bool

    @property
    def overridden(self) -> bool:
        return self.after != self.verdict


@dataclass(frozen=True, slots=True)
class QcSummary:
    """What QC says of a run: the worst verdict in words with its tone, which analytes, and whether it waits."""

    label: str
    tone: str
    words: str
    #: the analytes whose values are kept out of decisions, empty when none are
    withheld: str
    #: whether an override of these results waits for a second person
    proposed: bool


def named(names: Iterable[str]) -> str:
    """Return names as one says them.

    >>> named(["Tb", "Dy", "Dy"]), named(["La", "Ce", "Pr", "Nd", "Sm", "Eu"])
    ('Dy and Tb', 'Ce, Eu, La, Nd and 2 more')
    """
    known = sorted(set(names))
    if len(known) > MOST_NAMED:
        return f"{', '.join(known[:MOST_NAMED])} and {len(known) - MOST_NAMED} more"
    return " and ".join(filter(None, [", ".join(known[:-1]), *known[-1:]]))


def _summary(lines: Sequence[_Line], *, proposed: bool) -> QcSummary:
    deciding = [line for line in lines if line.decides] or lines
    worst = min((line.after for line in deciding), key=WORST_FIRST.index)
    overridden = [line.analyte for line in deciding if line.overridden]
    found = {
        VERDICT_LABELS[verdict]: [
            one.analyte for one in deciding if one.after == verdict and not one.overridden
        ]
        for verdict in (QcVerdict.FAIL, QcVerdict.NONE, QcVerdict.WARN)
    } | {"Overridden": overridden}
    said = {label: named(names) for label, names in found.items() if names}
    all_overridden = worst == QcVerdict.WARN and len(overridden) == len(deciding)
    label = "Overridden" if all_overridden else VERDICT_LABELS[worst]
    # One verdict for all of them needs no second word for it.
    words = (
        said[label] if list(said) == [label] else "; ".join(f"{one}: {names}" for one, names in said.items())
    )
    withheld = named(one.analyte for one in deciding if one.after in BLOCKING)
    return QcSummary(label, TONES[worst], words, withheld, proposed)


def summaries(runs: Sequence[Run]) -> dict[UUID, QcSummary]:
    """Return what QC says of these runs as they stand, by run; one not evaluated yet is not there; three queries.

    As on a run's page, what has a criterion speaks for the run, and everything where nothing has one.
    """
    versions = {run.pk: run.version for run in runs}
    counting = in_force(runs)
    open_ones = QcOverride.objects.filter(run__in=list(versions), state=OverrideState.PROPOSED)
    proposed = {run for run, version in open_ones.values_list("run", "version") if version == versions[run]}
    lines: dict[UUID, list[_Line]] = defaultdict(list)
    rows = QcEvaluation.objects.filter(run__in=list(versions)).values_list(
        "run", "version", "analyte", "verdict", "threshold_ppm"
    )
    for run, version, analyte, verdict, threshold in rows:
        if version != versions[run]:
            continue
        said = QcVerdict(verdict)
        found = counting.get((run, analyte)) or counting.get((run, ""))
        after = after_override(said, overridden=found is not None)
        lines[run].append(_Line(analyte, said, after, threshold is not None))
    return {run: _summary(found, proposed=run in proposed) for run, found in lines.items()}
