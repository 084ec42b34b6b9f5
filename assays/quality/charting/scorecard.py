"""Laboratories side by side, in numbers; a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F

from assays.certificates.models import Certificate
from assays.quality.charting.insertion import newest_runs
from assays.quality.charting.queries import charts_for
from assays.quality.charting.rules import SeriesKey, middle
from assays.quality.control import Standing
from assays.quality.models import QcEvaluation, QcOverride
from assays.quality.rules import OverrideState, QcVerdict
from assays.runs.models import Run, RunItem
from assays.runs.rules import ItemKind, RunState
from lims.accounts.models import User


@dataclass(frozen=True, slots=True)
class Score:
    """One laboratory's quality in numbers, over its newest runs."""

    laboratory: str
    runs: int
    samples: int
    #: median days from sending the certificate's samples in to its date; None where no certificate says
    days: float | None
    crm: int
    crm_failed: int
    #: largest bias in size of a reference material with five results, as a fraction, and of what
    bias: float | None
    bias_of: str
    biased: int
    blanks: int
    blanks_failed: int
    pairs: int
    pairs_poor: int
    evaluations: int
    failed: int
    without: int
    overrides: int
    returned: int
    reruns: int


def scorecard(user: User) -> list[Score]:
    """Return every laboratory whose runs one may see with its quality in numbers; a constant number of queries."""
    runs = newest_runs(user)
    pks = [run.pk for run in runs]
    by_lab: dict[UUID, list[Run]] = defaultdict(list)
    for run in runs:
        by_lab[run.laboratory_id].append(run)
    rows = QcEvaluation.objects.filter(run__in=pks, version=F("run__version"))
    evaluated = list(rows.values_list("run__laboratory", "verdict", "marks"))
    samples = Counter(
        RunItem.objects.filter(run__in=pks, kind=ItemKind.SAMPLE).values_list("run__laboratory", flat=True)
    )
    overrides = Counter(
        QcOverride.objects.filter(run__in=pks, state=OverrideState.IN_FORCE).values_list(
            "run__laboratory", flat=True
        )
    )
    days = _days(pks)
    biases = _biases(user)
    return [
        _score(
            found[0].laboratory.name,
            lab,
            found,
            evaluated,
            samples[lab],
            days[lab],
            biases[lab],
            overrides[lab],
        )
        for lab, found in sorted(by_lab.items(), key=lambda one: one[1][0].laboratory.name)
    ]


def _days(runs: Sequence[UUID]) -> Mapping[UUID, list[float]]:
    """Return for each laboratory how many days passed from taking samples in to reporting them, a certificate each."""
    rows = Certificate.objects.filter(run__in=runs, version=1)
    found: dict[UUID, list[float]] = defaultdict(list)
    for lab, received, finalized in rows.values_list("run__laboratory", "received_on", "finalized_on"):
        if received is not None and finalized is not None and finalized >= received:
            found[lab].append(float((finalized - received).days))
    return found


def _biases(user: User) -> Mapping[UUID, list[tuple[SeriesKey, float, Standing]]]:
    found: dict[UUID, list[tuple[SeriesKey, float, Standing]]] = defaultdict(list)
    for line in charts_for(user):
        told = line.chart.bias
        if told.relative is not None:
            found[line.chart.key.laboratory].append((line.chart.key, told.relative, told.standing))
    return found


def _score(
    name: str,
    laboratory: UUID,
    runs: Sequence[Run],
    evaluated: Sequence[tuple[UUID, str, list[dict[str, Any]]]],
    samples: int,
    days: Sequence[float],
    biases: Sequence[tuple[SeriesKey, float, Standing]],
    overrides: int,
) -> Score:
    mine = [(verdict, marks) for lab, verdict, marks in evaluated if lab == laboratory]
    marks = [one for _, found in mine for one in found]
    of_kind = {kind: [one for one in marks if one["kind"] == kind] for kind in ItemKind}
    bad = {kind: sum(one["verdict"] == QcVerdict.FAIL for one in found) for kind, found in of_kind.items()}
    verdicts = Counter(verdict for verdict, _ in mine)
    worst = max(biases, key=lambda one: abs(one[1]), default=None)
    return Score(
        laboratory=name,
        runs=len(runs),
        samples=samples,
        days=middle(days),
        crm=sum(one["z"] is not None for one in of_kind[ItemKind.CRM]),
        crm_failed=bad[ItemKind.CRM],
        bias=worst[1] if worst else None,
        bias_of=f"{worst[0].content} in {worst[0].material}" if worst else "",
        biased=sum(standing == Standing.FAIL for _, _, standing in biases),
        blanks=len(of_kind[ItemKind.BLANK]),
        blanks_failed=bad[ItemKind.BLANK],
        pairs=len(of_kind[ItemKind.DUPLICATE]),
        pairs_poor=sum(bool(one["rules"]) for one in of_kind[ItemKind.DUPLICATE]),
        evaluations=len(mine),
        failed=verdicts[QcVerdict.FAIL],
        without=verdicts[QcVerdict.NONE],
        overrides=overrides,
        returned=sum(run.state == RunState.RETURNED for run in runs),
        reruns=sum(run.rerun_of_id is not None for run in runs),
    )
