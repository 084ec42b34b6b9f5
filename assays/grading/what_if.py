"""What a policy would say of batches that another one decided: on what stands now, and nothing of it is recorded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.core.cache import cache
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from assays.grading.casework import gather
from assays.grading.estimator import answer, evaluate, read_case
from assays.grading.estimator.model import Case
from assays.grading.models import Decision, Policy
from samples.registry.models import Batch

#: thresholds that are tried, as multiples of the policy's own (D)
GRID: Final = (0.5, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5, 2.0)
#: so many batches are computed while somebody waits; more are a worker's
AT_ONCE: Final = 25
#: batches whose decisions are read at a time: their cases may be large
_AT_A_TIME: Final = 50
KEPT_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Line:
    """One batch: the decision that stands, and what the policy would say instead.

    `curves` has, for each criterion, the outcome of the batch at each threshold of `GRID`, the others as they are.
    """

    batch_id: str
    batch: str
    mine: str
    decision_id: str
    before: str
    before_provisional: bool
    before_policy: dict[str, Any]
    after_policy: dict[str, Any]
    after: str
    after_provisional: bool
    sentence: str
    criteria: list[dict[str, Any]]
    curves: list[list[str]]

    @property
    def changes(self) -> bool:
        """Return whether the batch would come out otherwise."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a policy would say of every batch of its owner and material that is decided; `at` in ISO 8601."""

    policy_id: str
    at: str
    lines: list[Line]


def batches_for(policy: Policy) -> QuerySet[Batch]:
    """Return the batches that a policy could judge and that are decided, by their code."""
    decided = Exists(Decision.objects.filter(batch=OuterRef("pk")))
    found = Batch.objects.filter(decided, owner=policy.owner_id, material_type=policy.material_type)
    return found.select_related("owner", "mine").order_by("code")


def line_of(policy: Policy, batch: Batch, earlier: Sequence[Decision]) -> Line:
    """Return what a policy would say of a batch; `earlier` are its decisions, the newest first."""
    gathered = gather(batch, policy, earlier).case
    case = read_case(gathered)
    said = answer(evaluate(case))
    standing = earlier[0]
    return Line(
        batch_id=str(batch.pk),
        batch=batch.code,
        mine=batch.mine.name,
        decision_id=str(standing.pk),
        before=standing.outcome,
        before_provisional=standing.provisional,
        before_policy=standing.case["policy"],
        after_policy=gathered["policy"],
        after=said["decision"],
        after_provisional=said["provisional"],
        sentence=said["sentence"],
        criteria=said["criteria"],
        curves=[_curve(case, place) for place in range(len(case.rule.criteria))],
    )


def _curve(case: Case, place: int) -> list[str]:
    """Return the batch's outcome at each threshold of one criterion, by the estimator itself."""
    criteria = list(case.rule.criteria)
    own = criteria[place]
    found = []
    for times in GRID:
        criteria[place] = replace(own, threshold=own.threshold * times)
        found.append(str(evaluate(replace(case, rule=replace(case.rule, criteria=tuple(criteria)))).decision))
    return found


def lines(policy: Policy) -> Iterator[Line]:
    """Yield a line for each batch that a policy could judge."""
    batches = list(batches_for(policy))
    for start in range(0, len(batches), _AT_A_TIME):
        some = batches[start : start + _AT_A_TIME]
        earlier: dict[UUID, list[Decision]] = {batch.pk: [] for batch in some}
        for one in Decision.objects.filter(batch__in=some).order_by("batch", "-number"):
            earlier[one.batch_id].append(one)
        for batch in some:
            yield line_of(policy, batch, earlier[batch.pk])


def what_if(policy: Policy, *, tell: Callable[[int], None] = lambda _done: None) -> WhatIf:
    """Return what a policy would say of all its batches; `tell` hears how many are done. Writes nothing."""
    found = []
    for line in lines(policy):
        found.append(line)
        tell(len(found))
    return WhatIf(str(policy.pk), timezone.now().isoformat(), found)


def remember(found: WhatIf) -> None:
    """Keep what a worker computed for whoever asked: for an hour, and not in the database."""
    cache.set(f"what-if:{found.policy_id}", asdict(found), KEPT_S)


def remembered(policy: Policy) -> WhatIf | None:
    """Return what a worker computed within the last hour; None when nobody asked, or Valkey is away."""
    kept = cache.get(f"what-if:{policy.pk}")
    return None if kept is None else WhatIf(**{**kept, "lines": [Line(**one) for one in kept["lines"]]})
