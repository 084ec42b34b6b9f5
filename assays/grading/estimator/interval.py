"""The arithmetic of one reading: weighted mean, its uncertainty and bounds (METHODS.md section 4). All float64.

Effective degrees of freedom after Welch and Satterthwaite (JCGM 100:2008, G.4); the jackknife of a ratio after Tukey
(1958). Weights are normalised here, so masses may be given in any unit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from scipy.special import stdtrit

from assays.grading.estimator.model import Bias, Prior

#: a spread below this part of the mean is the arithmetic's noise: there is none
NOISE: Final = 1e-13
#: a unit with all but this part of the weight stands alone: a spread would be the arithmetic's noise
ALONE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Spread:
    """A mean and what its uncertainty is made of.

    mean and s in the unit of the values; q is the sum of squared weights (1 / n_eff); df_s of s; bias is b times the
    mean, in the unit of the values, with its degrees of freedom.
    """

    n: int
    n_eff: float
    mean: float
    s: float
    variance: float
    df_s: float
    bias: float
    df_bias: float
    #: how many degrees of freedom of s one more unit brings
    df_each: float = 1.0

    @property
    def u(self) -> float:
        """Return the standard uncertainty of the mean."""
        return math.sqrt(self.variance + self.bias**2)

    @property
    def df(self) -> float | None:
        """Return the effective degrees of freedom; None when nothing is uncertain.

        u⁴ / (v²/df_s + bias⁴/df_bias), with v and bias² as shares of u², so that no power under- or overflows.
        """
        square = self.variance + self.bias**2
        if square <= 0:
            return None
        sampling, systematic = self.variance / square, self.bias**2 / square
        return 1 / (sampling**2 / self.df_s + systematic**2 / self.df_bias)

    def margin(self, alpha: float) -> float:
        """Return t(1 − alpha, df) · u; taken from the lower tail, where a small alpha keeps its digits."""
        return 0.0 if self.df is None else -float(stdtrit(self.df, alpha)) * self.u

    def grown(self, more: int) -> "Spread":
        """Return the spread with `more` units like those that there are: mean and s stay."""
        size = self.n + more
        return replace(
            self,
            n=size,
            n_eff=self.n_eff * size / self.n,
            variance=self.variance * self.n / size,
            df_s=self.df_s + more * self.df_each,
        )

    def endless(self) -> "Spread":
        """Return what no number of samples makes smaller: the uncertainty of the bias alone."""
        return replace(self, variance=0.0)


def grade(
    values: Sequence[float],
    weights: Sequence[float],
    bias: Bias,
    prior: Prior | None = None,
    repeatability: float | None = None,
) -> Spread | None:
    """Return the spread of a weighted mean, in the unit of the values; None when fewer than two units carry weight.

    >>> spread = grade([30.0, 33.0, 27.0], [1, 1, 1], Bias(0.03, 20))
    >>> round(spread.mean, 6), round(spread.s, 6), round(spread.u, 6), round(spread.df, 6)
    (30.0, 3.0, 1.951922, 3.202454)
    """
    n = len(values)
    if n < 2:
        return None
    w = _normalised(weights)
    mean = math.fsum(a * x for a, x in zip(w, values, strict=True))
    q = math.fsum(a * a for a in w)
    if 1 - q < ALONE:
        return None
    square = math.fsum(a * (x - mean) ** 2 for a, x in zip(w, values, strict=True)) / (1 - q)
    df = float(n - 1)
    if square <= (NOISE * mean) ** 2:
        square = 0.0
    if prior is not None:
        pooled = ((n - 1) * square + prior.df * (prior.relative * mean) ** 2) / (n - 1 + prior.df)
        if pooled > square:
            square, df = pooled, n - 1 + prior.df
    if repeatability is not None:
        square = max(square, (repeatability * mean) ** 2)
    return Spread(n, 1 / q, mean, math.sqrt(square), square * q, df, bias.relative * abs(mean), bias.df)


def share(
    numerators: Sequence[float], denominators: Sequence[float], weights: Sequence[float], bias: Bias
) -> Spread | None:
    """Return the spread of a ratio of weighted sums, as a fraction; None when fewer than two units carry a denominator.

    >>> spread = share([3.0, 4.0, 5.0], [100.0, 100.0, 100.0], [1, 1, 1], Bias(0.03, 20))
    >>> round(spread.mean, 6), round(spread.s, 6), round(spread.n_eff, 6)
    (0.04, 0.01, 3.0)
    """
    n = len(numerators)
    w = _normalised(weights)
    x = [a * v for a, v in zip(w, numerators, strict=True)]
    y = [a * v for a, v in zip(w, denominators, strict=True)]
    all_x, all_y = math.fsum(x), math.fsum(y)
    if n < 2 or all_y <= 0 or all_y - max(y) < ALONE * all_y:
        return None
    ratio = all_x / all_y
    n_eff = all_y**2 / math.fsum(part * part for part in y)
    without = [(all_x - a) / (all_y - b) for a, b in zip(x, y, strict=True)]
    middle = math.fsum(without) / n
    v = (n - 1) / n * math.fsum((one - middle) ** 2 for one in without)
    if v <= (NOISE * ratio) ** 2:
        v = 0.0
    relative = (1 - ratio) * math.sqrt(2) * bias.relative
    return Spread(n, n_eff, ratio, math.sqrt(n * v), v, n_eff - 1, relative * ratio, bias.df, n_eff / n)


def effective(weights: Sequence[float]) -> float | None:
    """Return how many equal units weigh as much: (Σw)² / Σw²; None when nothing weighs.

    >>> effective([2.0, 2.0, 2.0]), effective([])
    (3.0, None)
    """
    if not any(weights):
        return None
    return 1 / math.fsum(weight * weight for weight in _normalised(weights))


def _normalised(weights: Sequence[float]) -> list[float]:
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def horwitz(mass_fraction: float) -> float:
    """Return the relative standard deviation between laboratories at a mass fraction: 2^(1 − 0.5·log10 C) per cent.

    Horwitz, Kamps and Boyer, J. AOAC 63 (1980) 1344: the last resort where a method has no history.

    >>> round(horwitz(1e-6), 4)
    0.16
    """
    return math.pow(2.0, 1 - 0.5 * math.log10(mass_fraction)) / 100
