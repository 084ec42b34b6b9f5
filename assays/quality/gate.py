"""What QC lets through: the evaluations of runs and the overrides in force, as they stand now; two queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from assays.certificates.models import Determination
from assays.quality.models import QcEvaluation, QcOverride
from assays.quality.rules import OverrideState, QcVerdict
from assays.runs.models import Run

NOT_YET: Final = "QC of these results is not evaluated yet"
BLOCKING: Final = frozenset({QcVerdict.FAIL, QcVerdict.NONE})
_Key = tuple[UUID, str, str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """What QC says of one method and analyte in one run, after overrides."""

    verdict: QcVerdict
    reason: str
    overridden: bool
    #: ids of the items whose values are withheld; None means all of them
    items: frozenset[str] | None

    def withholds(self, item: UUID) -> bool:
        """Return whether the values of an item are kept out of decisions."""
        return self.items is None or str(item) in self.items


def after_override(verdict: QcVerdict, *, overridden: bool) -> QcVerdict:
    """Return what a verdict becomes once two persons let the results count.

    >>> after_override(QcVerdict.NONE, overridden=True)
    <QcVerdict.WARN: 'WARN'>
    """
    return QcVerdict.WARN if overridden and verdict in BLOCKING else verdict


def in_force(runs: Iterable[Run]) -> dict[tuple[UUID, str], QcOverride]:
    """Return the overrides in force for the results that stand now, by run id and analyte (empty: all); one query."""
    versions = {run.pk: run.version for run in runs}
    rows = QcOverride.objects.filter(run__in=list(versions), state=OverrideState.IN_FORCE)
    rows = rows.select_related("proposed_by", "second_by").order_by("second_at", "id")
    return {(row.run_id, row.analyte): row for row in rows if row.version == versions[row.run_id]}


class Gate:
    """Answers for many values of many runs."""

    def __init__(self, runs: Iterable[Run]) -> None:
        """Read what stands for these runs."""
        known = list(runs)
        versions = {run.pk: run.version for run in known}
        self.overrides = in_force(known)
        rows = QcEvaluation.objects.filter(run__in=list(versions)).values_list(
            "run", "version", "method_code", "analyte", "oxide", "verdict", "reason", "withheld"
        )
        self.found: dict[_Key, Said] = {
            (run, code.casefold(), analyte, oxide): self._said(run, analyte, QcVerdict(verdict), reason, ids)
            for run, version, code, analyte, oxide, verdict, reason, ids in rows
            # An evaluation of results that have changed since says nothing of those that stand now.
            if version == versions[run]
        }

    def _said(self, run: UUID, analyte: str, verdict: QcVerdict, reason: str, ids: Any) -> Said:
        override = self.overrides.get((run, analyte)) or self.overrides.get((run, ""))
        if override is None or verdict not in BLOCKING:
            return Said(verdict, reason, overridden=False, items=None if ids is None else frozenset(ids))
        words = f"{reason}; overridden: {override.reason}"
        return Said(after_override(verdict, overridden=True), words, overridden=True, items=frozenset())

    def said(self, run: Run, one: Determination) -> Said:
        """Return what QC says of a determination; before the evaluation everything is withheld."""
        found = self.found.get((run.pk, one.method_code.casefold(), one.analyte, one.oxide))
        return found or Said(QcVerdict.NONE, NOT_YET, overridden=False, items=None)
