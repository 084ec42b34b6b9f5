"""Error rates of the decision, by simulation: how often it is wrong when the truth is known.

Sites have lognormal grades around a true mean; a batch is some sites with one or several samples each. The true mean
is put exactly on the threshold, where a flag and a rejection are both wrong, and where both are most frequent. The
bounds are those of METHODS.md section 4, computed for many batches at once; the test beside this file holds them
against the estimator itself, batch by batch.

`python -m tests.assays.grading.estimator.simulation` prints the table as JSON.
"""

import json
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Array = NDArray[np.float64]
ALPHA, ALPHA_REJECT = 0.05, 0.01
BIAS, BIAS_DF = 0.03, 20.0
#: limit of detection of the censored runs, as a part of the threshold
LIMIT = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """How batches are drawn: sites, samples per site, and spread of grades (coefficients of variation)."""

    sites: int
    per_site: int
    cv: float
    #: within a site, between its bags
    cv_within: float = 0.15
    #: of the method: the batch's common relative error is drawn from it
    bias: float = BIAS

    @property
    def name(self) -> str:
        """Return the plan in words."""
        return f"{self.sites} sites × {self.per_site}, CV {100 * self.cv:.0f} %"


PLANS = tuple(
    Plan(sites, per_site, cv) for per_site in (1, 3) for sites in (3, 5, 8, 12, 20) for cv in (0.2, 0.4, 0.8)
)


def lognormal(random: np.random.Generator, cv: float, shape: tuple[int, ...]) -> Array:
    """Return draws with mean 1 and this coefficient of variation."""
    sigma = np.sqrt(np.log1p(cv**2))
    return random.lognormal(-(sigma**2) / 2, sigma, shape)


def draw(random: np.random.Generator, plan: Plan, batches: int, *, mean: float) -> Array:
    """Return grades (batch × site × sample) of batches whose true mean is `mean`; a batch's bias is common to it."""
    between = lognormal(random, plan.cv, (batches, plan.sites, 1))
    within = lognormal(random, plan.cv_within, (batches, plan.sites, plan.per_site))
    bias = 1 + plan.bias * random.standard_normal((batches, 1, 1))
    return mean * between * within * bias


def bounds(
    grades: Array, *, as_sites: bool = True, alpha: float = ALPHA, alpha_reject: float = ALPHA_REJECT
) -> tuple[Array, Array]:
    """Return lower and upper bounds of many batches, by METHODS.md; `as_sites` False mistakes bags for sites."""
    units = grades.mean(axis=2) if as_sites else grades.reshape(len(grades), -1)
    n = units.shape[1]
    mean = units.mean(axis=1)
    variance = units.var(axis=1, ddof=1) / n
    bias = (BIAS * mean) ** 2
    square = variance + bias
    parts = variance**2 / (n - 1) + bias**2 / BIAS_DF
    # A batch of nothing but values below detection has no spread at all: its bounds are its mean.
    df = np.divide(square**2, parts, out=np.ones_like(parts), where=parts > 0)
    u = np.sqrt(square)
    return mean + stdtrit(df, alpha) * u, mean - stdtrit(df, alpha_reject) * u


@dataclass(frozen=True, slots=True)
class Rates:
    """How often batches with the true mean on the threshold come to a wrong answer, in per cent."""

    plan: Plan
    batches: int
    false_flagged: float
    false_not_flagged: float
    #: the same if bags counted as sites
    false_flagged_bags: float
    #: the same, as it is, when all below half the threshold is reported as below detection
    false_flagged_censored: float


def rates(plan: Plan, batches: int, seed: int) -> Rates:
    """Return the error rates of a plan; the same seed gives the same rates."""
    random = np.random.default_rng([seed, plan.sites, plan.per_site, round(100 * plan.cv)])
    grades = draw(random, plan, batches, mean=1.0)
    lower, upper = bounds(grades)
    naive, _ = bounds(grades, as_sites=False)
    return Rates(
        plan,
        batches,
        100 * float(np.mean(lower >= 1)),
        100 * float(np.mean(upper < 1)),
        100 * float(np.mean(naive >= 1)),
        100 * float(np.mean(bounds(np.where(grades < LIMIT, 0.0, grades))[0] >= 1)),
    )


def looking(batches: int, seed: int, *, halving: bool, cv: float = 0.4) -> float:
    """Return how often (per cent) a batch on the threshold is flagged at some look, when sites are added until it is.

    Looks at 5, 8, 11, 14, 17 and 20 sites; `halving` gives look k alpha / 2^k, as the decision does.
    """
    random = np.random.default_rng(seed)
    grades = draw(random, Plan(20, 1, cv, bias=0.0), batches, mean=1.0)
    flagged = np.zeros(batches, dtype=bool)
    for look, sites in enumerate((5, 8, 11, 14, 17, 20), 1):
        alpha = ALPHA / 2**look if halving else ALPHA
        flagged |= _no_bias(grades[:, :sites], alpha) >= 1
    return 100 * float(np.mean(flagged))


def _no_bias(grades: Array, alpha: float) -> Array:
    """Return lower bounds where the method is known to have no bias: what looking often does is seen alone."""
    units = grades.mean(axis=2)
    n = units.shape[1]
    return units.mean(axis=1) + stdtrit(n - 1, alpha) * units.std(axis=1, ddof=1) / np.sqrt(n)


def table(batches: int = 40_000, seed: int = 20261123) -> list[Rates]:
    """Return the rates of every plan."""
    return [rates(plan, batches, seed) for plan in PLANS]


def main() -> None:
    """Print the table as JSON, one plan a line."""
    rows = [
        {
            "sites": one.plan.sites,
            "samples_per_site": one.plan.per_site,
            "cv_pct": round(100 * one.plan.cv),
            "batches": one.batches,
            "false_flagged_pct": round(one.false_flagged, 2),
            "false_not_flagged_pct": round(one.false_not_flagged, 2),
            "false_flagged_censored_pct": round(one.false_flagged_censored, 2),
            "false_flagged_if_bags_counted_pct": round(one.false_flagged_bags, 2),
        }
        for one in table()
    ]
    sys.stdout.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
