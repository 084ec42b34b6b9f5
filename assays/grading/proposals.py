"""What our own data propose for a policy: b of methods from their reference materials, the spread of earlier batches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from assays.catalogue.models import CertifiedValue, Method
from assays.chemistry.oxides import factor
from assays.grading.casework import analytes_of
from assays.grading.estimator import evaluate, read_case
from assays.grading.estimator.model import Case
from assays.grading.models import Decision, Policy
from assays.grading.rules import Outcome
from assays.grading.uncertainty import Components, components, pooled_spread
from assays.quality.charting.queries import charts_for
from assays.quality.charting.rules import ControlChart
from assays.quality.control import Point
from lims.accounts.models import User


@dataclass(frozen=True, slots=True)
class BiasProposal:
    """b of one method and analyte as one reference material tells it; `suggested` for the one nearest the threshold."""

    method: UUID
    code: str
    laboratory: str
    analyte: str
    material: str
    certified_ppm: Decimal
    made_of: Components
    #: whether the material's U95 is known; its standard deviation stands in where it is not
    u95_known: bool
    first_on: date
    last_on: date
    suggested: bool = False

    @property
    def key(self) -> str:
        """Return what a form calls it."""
        return f"{self.method}|{self.analyte}|{self.material}"

    def adopted(self, review_on: date) -> dict[str, Any]:
        """Return it as a policy keeps it: plain data, with its evidence and the day of its review."""
        return {
            "method": str(self.method),
            "code": self.code,
            "laboratory": self.laboratory,
            "analyte": self.analyte,
            "material": self.material,
            **asdict(self.made_of),
            "df": self.made_of.df,
            "relative": self.made_of.relative(),
            "from": self.first_on.isoformat(),
            "to": self.last_on.isoformat(),
            "review_on": review_on.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class PriorProposal:
    """The between-site spread of a deposit's earlier batches, as a fraction, with degrees of freedom and evidence."""

    mine: UUID
    name: str
    relative: float
    df: int
    analyte: str
    batches: tuple[str, ...]
    first_on: date
    last_on: date

    def adopted(self, review_on: date) -> dict[str, Any]:
        """Return it as a policy keeps it: plain data, with its evidence and the day of its review."""
        return {
            "mine": str(self.mine),
            "name": self.name,
            "relative": self.relative,
            "df": self.df,
            "analyte": self.analyte,
            "batches": list(self.batches),
            "from": self.first_on.isoformat(),
            "to": self.last_on.isoformat(),
            "review_on": review_on.isoformat(),
        }


def _by_run(points: Iterable[Point]) -> list[list[float]]:
    runs: dict[str, list[float]] = defaultdict(list)
    for one in points:
        # A result of which only a limit was read tells no deviation.
        if not one.qualifier and one.certified_ppm > 0:
            runs[one.run].append(float((one.ppm - one.certified_ppm) / one.certified_ppm))
    return list(runs.values())


def _u95s(charts: Sequence[ControlChart]) -> dict[tuple[str, str, str], Decimal]:
    """Return U95/C of materials by code, analyte and oxide, the newest lot's; one query."""
    rows = CertifiedValue.objects.filter(
        material__code__in={one.key.material for one in charts}, u95_ppm__isnull=False, value_ppm__gt=0
    ).order_by("material__created_at", "id")
    names = ("material__code", "analyte", "oxide", "value_ppm", "u95_ppm")
    return {(code, name, oxide): u95 / value for code, name, oxide, value, u95 in rows.values_list(*names)}


def bias_proposals(user: User, policy: Policy) -> list[BiasProposal]:
    """Return what reference materials say of b for the policy's analytes, by laboratory, method, analyte and material.

    Of the methods of the policy's basis, from results that the person may see; a constant number of queries.
    """
    needed = analytes_of(policy.criteria)
    charts = [one.chart for one in charts_for(user) if one.chart.key.analyte in needed]
    known = {
        (one.laboratory_id, one.code.casefold()): one
        for one in Method.objects.filter(
            basis=policy.basis, laboratory__in={one.key.laboratory for one in charts}
        )
    }
    u95s = _u95s(charts)
    found = []
    for chart in charts:
        method = known.get((chart.key.laboratory, chart.key.method.casefold()))
        made = None if method is None else _proposal(chart, method, u95s)
        if made is not None:
            found.append(made)
    return _suggested(found, policy)


def _proposal(
    chart: ControlChart, method: Method, u95s: Mapping[tuple[str, str, str], Decimal]
) -> BiasProposal | None:
    points = [one.point for one in chart.points]
    newest, key = points[-1], chart.key
    if newest.certified_ppm <= 0:
        return None
    u95 = u95s.get((key.material, key.analyte, key.oxide))
    reference = newest.sd_ppm / newest.certified_ppm if u95 is None else u95 / 2
    made_of = components(_by_run(points), float(reference))
    if made_of is None:
        return None
    return BiasProposal(
        method=method.pk,
        code=method.code,
        laboratory=chart.laboratory,
        analyte=key.analyte,
        material=key.material,
        certified_ppm=newest.certified_ppm,
        made_of=made_of,
        u95_known=u95 is not None,
        first_on=points[0].on,
        last_on=newest.on,
    )


def _suggested(found: Sequence[BiasProposal], policy: Policy) -> list[BiasProposal]:
    """Mark for each method and analyte the material nearest the threshold; the largest b where there is none."""
    near = {
        one["analyte"]: Decimal(str(one["threshold_ppm"])) / Decimal(factor(one["oxide"]))
        for one in policy.criteria
        if one["metric"] == "grade" and one["oxide"] != one["analyte"]
    }

    def rank(one: BiasProposal) -> tuple[float, float]:
        threshold = near.get(one.analyte)
        off = 0.0 if threshold is None else abs(float((one.certified_ppm / threshold).ln()))
        return off, -one.made_of.relative()

    best: dict[tuple[UUID, str], BiasProposal] = {}
    for one in found:
        key = (one.method, one.analyte)
        if key not in best or rank(one) < rank(best[key]):
            best[key] = one
    chosen = {one.key for one in best.values()}
    return [replace(one, suggested=one.key in chosen) for one in found]


def _spreads(case: Case) -> Iterable[tuple[str, float, int]]:
    """Yield (analyte, coefficient of variation, units) of a case's grades, by the data alone."""
    bare = replace(case, rule=replace(case.rule, prior=None, repeatability=None))
    for one in evaluate(bare).results:
        numbers = one.numbers
        if one.criterion.is_share or one.censored or not numbers.mean or numbers.s is None:
            continue
        yield one.criterion.analyte, numbers.s / numbers.mean, numbers.n


def prior_proposals(policy: Policy) -> list[PriorProposal]:
    """Return what earlier batches of each deposit say of its spread, by the mine's name; one query for all.

    Final decisions of the policy's owner on its material and basis. Of several analytes the one that spreads most.
    """
    rows = (
        Decision.objects.filter(
            batch__owner=policy.owner_id,
            batch__material_type=policy.material_type,
            policy__basis=policy.basis,
            provisional=False,
        )
        .exclude(outcome=Outcome.BLOCKED_DATA)
        .order_by("batch", "-number")
        .distinct("batch")
        .select_related("batch__mine")
    )
    by_mine: dict[UUID, list[Decision]] = defaultdict(list)
    for one in rows:
        by_mine[one.batch.mine_id].append(one)
    found = [made for decisions in by_mine.values() if (made := _prior(decisions)) is not None]
    return sorted(found, key=lambda one: (one.name, str(one.mine)))


def _prior(decisions: Sequence[Decision]) -> PriorProposal | None:
    spreads: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for one in decisions:
        for analyte, cv, n in _spreads(read_case(one.case)):
            spreads[analyte].append((cv, n))
    pooled = {name: found for name, some in spreads.items() if (found := pooled_spread(some)) is not None}
    if not pooled:
        return None
    analyte = max(sorted(pooled), key=lambda name: pooled[name].relative)
    days = sorted(one.decided_at.date() for one in decisions)
    mine = decisions[0].batch.mine
    return PriorProposal(
        mine=mine.pk,
        name=mine.name,
        relative=pooled[analyte].relative,
        df=pooled[analyte].df,
        analyte=analyte,
        batches=tuple(sorted(one.batch.code for one in decisions)),
        first_on=days[0],
        last_on=days[-1],
    )
