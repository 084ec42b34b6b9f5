"""Patterns normalised to CI chondrite, and what a row of an analysis must look like to make sense. Pure.

CI chondrite: McDonough and Sun, Chemical Geology 120 (1995) 223, table 3, in ppm. Warnings: METHODS.md section 1.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: contents of many rows, ppm; NaN where nothing is given
Contents = NDArray[np.float64]

#: in the order in which a pattern is drawn: Y beside Ho, by its ionic radius
CI_CHONDRITE: Final[Mapping[str, float]] = {
    "La": 0.237, "Ce": 0.613, "Pr": 0.0928, "Nd": 0.457, "Sm": 0.148, "Eu": 0.0563, "Gd": 0.199, "Tb": 0.0361,
    "Dy": 0.246, "Y": 1.57, "Ho": 0.0546, "Er": 0.160, "Tm": 0.0247, "Yb": 0.161, "Lu": 0.0246,
}  # fmt: skip
TOTAL: Final = (98.5, 101.5)
ND_PR: Final = (0.2, 5.0)
Y_HO: Final = (20.0, 60.0)


def normalised(ppm: Mapping[str, float]) -> dict[str, float]:
    """Return contents (element → ppm) divided by those of CI chondrite, for what is given and above zero.

    >>> normalised({"La": 0.474, "Dy": 0.246})
    {'La': 2.0, 'Dy': 1.0}
    """
    return {
        element: ppm[element] / chondrite
        for element, chondrite in CI_CHONDRITE.items()
        if ppm.get(element, 0) > 0
    }


def _anomaly(ppm: Mapping[str, float], element: str, before: str, after: str) -> float | None:
    pattern = normalised(ppm)
    if not {element, before, after} <= pattern.keys():
        return None
    return pattern[element] / math.sqrt(pattern[before] * pattern[after])


def europium_anomaly(ppm: Mapping[str, float]) -> float | None:
    """Return Eu/Eu* = EuN / √(SmN · GdN); None when one of them is missing.

    >>> round(europium_anomaly({"Sm": 0.148, "Eu": 0.02815, "Gd": 0.199}), 3)
    0.5
    """
    return _anomaly(ppm, "Eu", "Sm", "Gd")


def cerium_anomaly(ppm: Mapping[str, float]) -> float | None:
    """Return Ce/Ce* = CeN / √(LaN · PrN); None when one of them is missing.

    >>> round(cerium_anomaly({"La": 0.237, "Ce": 0.613, "Pr": 0.0928}), 3)
    1.0
    """
    return _anomaly(ppm, "Ce", "La", "Pr")


def slips(ppm: Mapping[str, float]) -> list[str]:
    """Return in words what in a row (element → ppm) looks like a slip of unit or column.

    >>> slips({"Pr": 6.0, "Nd": 26200.0})
    ['Nd against Pr is 887 times what rocks have: a slip of unit (1000 times?) until it is explained.']
    """
    found = []
    pattern = normalised(ppm)
    if {"Nd", "Pr"} <= pattern.keys():
        ratio = pattern["Nd"] / pattern["Pr"]
        if not ND_PR[0] <= ratio <= ND_PR[1]:
            hint = " (1000 times?)" if ratio > 200 or ratio < 0.005 else ""
            found.append(
                f"Nd against Pr is {ratio:.3g} times what rocks have: a slip of unit{hint} until it is explained."
            )
    if {"Y", "Ho"} <= pattern.keys():
        ratio = ppm["Y"] / ppm["Ho"]
        if not Y_HO[0] <= ratio <= Y_HO[1]:
            found.append(f"Y/Ho is {ratio:.3g}; in rocks it lies between {Y_HO[0]:g} and {Y_HO[1]:g}.")
    return found


def may_slip(ppm: Mapping[str, Contents], rows: int) -> NDArray[np.bool_]:
    """Return for each of many rows (element → ppm, NaN where not given) whether `slips` has something to say of it.

    >>> may_slip({"Pr": np.array([6.0, 6.0, np.nan]), "Nd": np.array([26200.0, 26.0, 26.0])}, 3).tolist()
    [True, False, False]
    """
    found = np.zeros(rows, dtype=bool)
    # the same divisions in the same order as for one row, so that both agree to the last bit
    for above, below, scales, (least, most) in (
        ("Nd", "Pr", CI_CHONDRITE, ND_PR),
        ("Y", "Ho", {"Y": 1.0, "Ho": 1.0}, Y_HO),
    ):
        if above not in ppm or below not in ppm:
            continue
        a, b = ppm[above], ppm[below]
        given = (a > 0) & (b > 0)
        ratio = np.divide(a / scales[above], b / scales[below], out=np.ones(rows), where=given)
        found |= given & ~((ratio >= least) & (ratio <= most))
    return found


def total_off(total_pct: float) -> str:
    """Return in words that oxides and LOI do not add up (per cent), or nothing.

    >>> total_off(100.2), total_off(96.0)
    ('', 'The total is 96.00 %, outside 98.5 to 101.5 %.')
    """
    if TOTAL[0] <= total_pct <= TOTAL[1]:
        return ""
    return f"The total is {total_pct:.2f} %, outside {TOTAL[0]:g} to {TOTAL[1]:g} %."
