"""Uncertainty from our own data: b of a method from its reference materials, and the spread that a deposit has shown.

METHODS.md section 4. Pure.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

#: runs with the material that a proposal needs (D): fewer say nothing about how runs differ
LEAST_RUNS: Final = 5
#: degrees of freedom of b at most (D, METHODS.md section 4)
MOST_DF: Final = 20
#: units that earlier batches need together before they say anything about the spread (D)
LEAST_PRIOR_DF: Final = 4


@dataclass(frozen=True, slots=True)
class Components:
    """What b of one method and analyte is made of, as fractions of the content; from one reference material.

    `bias` is the mean of (x − C)/C, `u_reference` is U95/2C, `s_run` between runs, `s_within` within a run; `runs` is
    K_history and `results` n_CRM.
    """

    bias: float
    u_reference: float
    s_run: float
    s_within: float
    runs: int
    results: int

    def relative(self, runs_of_batch: int = 1) -> float:
        """Return b, as a fraction, of a batch that sits in so many runs (METHODS.md section 4).

        >>> round(Components(0.02, 0.01, 0.015, 0.01, 25, 50).relative(), 6)
        0.027129
        """
        return math.hypot(
            self.bias,
            self.u_reference,
            self.s_run * math.sqrt(1 / runs_of_batch + 1 / self.runs),
            self.s_within / math.sqrt(self.results),
        )

    @property
    def df(self) -> int:
        """Return the degrees of freedom of b: those of the runs, and never more than the default."""
        return min(self.runs - 1, MOST_DF)


def components(by_run: Iterable[Sequence[float]], u_reference: float) -> Components | None:
    """Return what b is made of, from the relative deviations (x − C)/C of one material, run by run.

    One-way analysis of variance with runs of unequal size (ISO 5725-2:2019, 7.4). Where every run has one result, the
    scatter within a run is part of that between runs. None below `LEAST_RUNS` runs.

    >>> found = components([[0.03, 0.05], [-0.02, 0.0], [0.02, 0.02], [0.0, 0.02], [0.03, 0.01]], 0.01)
    >>> round(found.bias, 4), round(found.s_within, 4), round(found.s_run, 4), found.runs, found.results
    (0.016, 0.0126, 0.0158, 5, 10)
    """
    runs = [list(one) for one in by_run if one]
    if len(runs) < LEAST_RUNS:
        return None
    sizes, total = [len(one) for one in runs], sum(len(one) for one in runs)
    means = [math.fsum(one) / len(one) for one in runs]
    mean = math.fsum(math.fsum(one) for one in runs) / total
    between = math.fsum(n * (m - mean) ** 2 for n, m in zip(sizes, means, strict=True)) / (len(runs) - 1)
    if total == len(runs):
        return Components(mean, u_reference, math.sqrt(between), 0.0, len(runs), total)
    squares = math.fsum((x - m) ** 2 for one, m in zip(runs, means, strict=True) for x in one)
    within = squares / (total - len(runs))
    typical = (total - sum(n * n for n in sizes) / total) / (len(runs) - 1)
    s_run = math.sqrt(max(0.0, (between - within) / typical))
    return Components(mean, u_reference, s_run, math.sqrt(within), len(runs), total)


@dataclass(frozen=True, slots=True)
class Spread:
    """The between-site coefficient of variation of earlier batches, as a fraction, with its degrees of freedom."""

    relative: float
    df: int


def pooled_spread(batches: Iterable[tuple[float, int]]) -> Spread | None:
    """Return r0 of a deposit from earlier batches, each (coefficient of variation, units): pooled by their freedom.

    None when they have fewer than `LEAST_PRIOR_DF` degrees of freedom together, or no spread at all.

    >>> pooled_spread([(0.4, 9), (0.6, 5)])
    Spread(relative=0.47609522856952335, df=12)
    """
    known = [(cv, n - 1) for cv, n in batches if n > 1]
    df = sum(one for _, one in known)
    if df < LEAST_PRIOR_DF:
        return None
    relative = math.sqrt(math.fsum(cv * cv * one for cv, one in known) / df)
    return Spread(relative, df) if relative > 0 else None


def adopted_b(
    lines: Iterable[Mapping[str, Any]], method: str, analyte: str, runs: int
) -> tuple[float, int] | None:
    """Return b and its degrees of freedom of a method (its id) and analyte, of what a policy has adopted.

    `runs` is how many the batch sits in. None when the policy has adopted nothing for them.
    """
    for one in lines:
        if (one["method"], one["analyte"]) == (method, analyte):
            found = Components(**{name: one[name] for name in Components.__slots__})
            return found.relative(runs), one["df"]
    return None


def adopted_prior(lines: Iterable[Mapping[str, Any]], mine: str, batch: str) -> dict[str, Any] | None:
    """Return the prior of a deposit (its mine's id) as a case has it, of what a policy has adopted.

    None for another deposit, and for a batch (its code) that is itself among the evidence: it would count twice.
    """
    for one in lines:
        if one["mine"] == mine and batch not in one["batches"]:
            return {"relative": one["relative"], "df": one["df"]}
    return None
