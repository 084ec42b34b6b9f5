"""How much QC laboratories place, beside what their rule asks for: reads with a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from assays.runs.building.queries import rates_by
from assays.runs.models import InsertionRule, Run, RunItem
from assays.runs.rules import ItemKind
from lims.accounts.models import User

#: runs that are looked into: the newest (D)
RUNS: Final = 200


def newest_runs(user: User) -> list[Run]:
    """Return the newest runs that one may see, with laboratory and method."""
    rows = Run.objects.visible_to(user).select_related("laboratory", "method")
    return list(rows.order_by("-created_at", "-id")[:RUNS])


@dataclass(frozen=True, slots=True)
class Rate:
    """QC items of a kind as a share of the routine samples, beside the share that the rule asks for (None: no rule)."""

    name: str
    count: int
    samples: int
    wanted: Decimal | None

    @property
    def share(self) -> Decimal:
        """Return the share in per cent; 0 without samples."""
        return Decimal(100 * self.count) / self.samples if self.samples else Decimal(0)

    @property
    def enough(self) -> bool:
        """Return whether the wanted share is reached, or nothing is wanted."""
        return self.wanted is None or self.share >= self.wanted


@dataclass(frozen=True, slots=True)
class RateLine:
    """The QC that a laboratory placed by one method (empty: runs that only a certificate brought) in its newest runs."""

    laboratory: str
    method: str
    runs: int
    samples: int
    rates: Sequence[Rate]
    #: which version of the laboratory's rule counts; 0: the defaults
    version: int


def insertion_report(user: User) -> list[RateLine]:
    """Return how much QC laboratories placed in their newest runs beside what their rule asks for; three queries."""
    runs = {run.pk: run for run in newest_runs(user)}
    counted: dict[tuple[UUID, UUID | None], Counter[str]] = defaultdict(Counter)
    rows = RunItem.objects.filter(run__in=list(runs)).values_list("run", "kind", "stage")
    held: dict[tuple[UUID, UUID | None], set[UUID]] = defaultdict(set)
    for pk, kind, stage in rows:
        key = (runs[pk].laboratory_id, runs[pk].method_id)
        counted[key][f"{kind} {stage}".strip()] += 1
        held[key].add(pk)
    rules = _rules(key[0] for key in counted)
    names = {run.laboratory_id: run.laboratory.name for run in runs.values()}
    methods = {run.method_id: run.method.code for run in runs.values() if run.method is not None}
    lines = [
        _rate_line(
            names[lab], methods.get(method, ""), counts, len(held[lab, method]), _rule(rules, lab, method)
        )
        for (lab, method), counts in counted.items()
    ]
    return sorted(lines, key=lambda line: (line.laboratory, line.method))


def _rules(laboratories: Iterable[UUID]) -> dict[tuple[UUID, UUID | None], InsertionRule]:
    """Return the newest version of each rule."""
    rows = InsertionRule.objects.filter(laboratory__in=set(laboratories)).order_by("version")
    return {(row.laboratory_id, row.method_id): row for row in rows}


def _rule(
    rules: Mapping[tuple[UUID, UUID | None], InsertionRule], laboratory: UUID, method: UUID | None
) -> InsertionRule | None:
    return rules.get((laboratory, method)) or rules.get((laboratory, None))


def _rate_line(
    laboratory: str, method: str, counts: Counter[str], runs: int, rule: InsertionRule | None
) -> RateLine:
    samples = counts[ItemKind.SAMPLE]
    rates_of = rates_by(rule)
    wanted = rates_of.of_kinds
    twins = sum(number for name, number in counts.items() if name.startswith(ItemKind.DUPLICATE))
    rates = [
        Rate("Reference materials", counts[ItemKind.CRM], samples, wanted[ItemKind.CRM]),
        Rate("Blanks", counts[ItemKind.BLANK], samples, wanted[ItemKind.BLANK]),
        Rate("Duplicates", twins, samples, wanted[ItemKind.DUPLICATE]),
    ]
    for stage in ("field", "coarse", "pulp"):
        share = getattr(rates_of, f"{stage}_pct")
        rates.append(
            Rate(
                f"{stage.title()} duplicates", counts[f"{ItemKind.DUPLICATE} {stage.upper()}"], samples, share
            )
        )
    return RateLine(laboratory, method, runs, samples, rates, rule.version if rule else 0)
