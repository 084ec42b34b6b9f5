"""What QC lets through: the evaluations of runs and the overrides in force, as they stand now; two queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from assays.certificates.models import Determination
from assays.quality.models import QcEvaluation, QcOverride
from assays.quality.rules import OverrideState, QcVerdict
from assays.runs.models import Run, RunItem

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
    """Answers for many values of many runs.

    With `owners`, the owner's blind items count for the owner's own samples: that is for decisions. Without, it says
    what a laboratory may know.
    """

    def __init__(self, runs: Iterable[Run], *, owners: bool = False) -> None:
        """Read what stands for these runs."""
        known = list(runs)
        versions = {run.pk: run.version for run in known}
        self.overrides = in_force(known)
        rows = QcEvaluation.objects.filter(run__in=list(versions)).values_list(
            "run", "version", "method_code", "analyte", "oxide", "verdict", "reason", "withheld", "owner_view"
        )
        self.found: dict[_Key, Said] = {}
        self._by_owner: dict[tuple[_Key, str], Said] = {}
        for run, version, code, analyte, oxide, verdict, reason, ids, views in rows:
            # An evaluation of results that have changed since says nothing of those that stand now.
            if version != versions[run]:
                continue
            key = (run, code.casefold(), analyte, oxide)
            self.found[key] = self._said(run, analyte, QcVerdict(verdict), reason, ids)
            for owner, view in views.items() if owners else ():
                self._by_owner[key, owner] = self._viewed(run, analyte, view)
        self._owners = _owners({key[0] for key, _ in self._by_owner})

    def _said(self, run: UUID, analyte: str, verdict: QcVerdict, reason: str, ids: Any) -> Said:
        override = self.overrides.get((run, analyte)) or self.overrides.get((run, ""))
        if override is None or verdict not in BLOCKING:
            return Said(verdict, reason, overridden=False, items=None if ids is None else frozenset(ids))
        words = f"{reason}; overridden: {override.reason}"
        return Said(after_override(verdict, overridden=True), words, overridden=True, items=frozenset())

    def _viewed(self, run: UUID, analyte: str, view: Mapping[str, Any]) -> Said:
        """Return what an owner's view says; an override by people who know of no blind item does not cover one."""
        verdict, ids = QcVerdict(view["verdict"]), view["withheld"]
        if view["blind_failed"]:
            items = None if ids is None else frozenset(ids)
            return Said(verdict, view["reason"], overridden=False, items=items)
        return self._said(run, analyte, verdict, view["reason"], ids)

    def said(self, run: Run, one: Determination) -> Said:
        """Return what QC says of a determination; before the evaluation everything is withheld."""
        key = (run.pk, one.method_code.casefold(), one.analyte, one.oxide)
        found = self._by_owner.get((key, self._owners.get(one.item_id, ""))) or self.found.get(key)
        return found or Said(QcVerdict.NONE, NOT_YET, overridden=False, items=None)


def _owners(runs: Iterable[UUID]) -> dict[UUID, str]:
    """Return whose sample each item is, in runs with blind items; one query, none without such runs."""
    wanted = list(runs)
    if not wanted:
        return {}
    rows = RunItem.objects.filter(run__in=wanted, sample__isnull=False)
    return {item: str(owner) for item, owner in rows.values_list("pk", "sample__batch__owner")}
