"""Invented contents of invented rocks: patterns of rare earths, spread from site to site, and analytical noise."""

import math
import random
from collections.abc import Mapping
from typing import Final

from assays.certificates.writing import WrittenColumn

#: element → ppm of a typical sample of each material; majors in per cent
PATTERNS: Final[Mapping[str, Mapping[str, float]]] = {
    "ION_ADSORPTION_CLAY": {
        "La": 214, "Ce": 168, "Pr": 41.2, "Nd": 148, "Sm": 31.6, "Eu": 4.1, "Gd": 30.4, "Tb": 5.1, "Dy": 31.0, "Ho": 6.3,
        "Er": 18.4, "Tm": 2.65, "Yb": 17.2, "Lu": 2.5, "Y": 196, "Th": 24.0, "U": 5.6,
        "SiO2": 52.4, "Al2O3": 27.6, "Fe2O3": 5.9, "CaO": 0.12, "K2O": 2.4, "LOI": 11.2,
    },
    "WEATHERED_GRANITE": {
        "La": 96, "Ce": 152, "Pr": 21.0, "Nd": 74, "Sm": 14.2, "Eu": 1.6, "Gd": 12.6, "Tb": 2.0, "Dy": 12.4, "Ho": 2.5,
        "Er": 7.4, "Tm": 1.1, "Yb": 7.3, "Lu": 1.08, "Y": 78, "Th": 31.0, "U": 6.8,
        "SiO2": 68.9, "Al2O3": 17.4, "Fe2O3": 3.1, "CaO": 0.31, "K2O": 4.6, "LOI": 5.3,
    },
    "LEACH_PRECIPITATE": {
        "La": 52_000, "Ce": 9_400, "Pr": 12_900, "Nd": 47_500, "Sm": 10_600, "Eu": 1_350, "Gd": 12_400, "Tb": 2_050,
        "Dy": 12_300, "Ho": 2_450, "Er": 6_900, "Tm": 970, "Yb": 5_900, "Lu": 850, "Y": 84_000, "Th": 118.0, "U": 41.0,
        "SiO2": 1.1, "Al2O3": 2.3, "Fe2O3": 0.4, "CaO": 3.2, "K2O": 0.1, "LOI": 31.5,
    },
    "MIXED_CONCENTRATE": {
        "La": 118_000, "Ce": 96_000, "Pr": 26_000, "Nd": 92_000, "Sm": 15_800, "Eu": 1_900, "Gd": 11_200, "Tb": 1_150,
        "Dy": 5_300, "Ho": 850, "Er": 1_900, "Tm": 240, "Yb": 1_350, "Lu": 180, "Y": 24_000, "Th": 640.0, "U": 95.0,
        "SiO2": 2.4, "Al2O3": 1.2, "Fe2O3": 0.9, "CaO": 2.2, "K2O": 0.1, "LOI": 14.0,
    },
}  # fmt: skip
MAJORS: Final = ("SiO2", "Al2O3", "Fe2O3", "CaO", "K2O")
#: element → limit of detection of the invented method, in ppm (majors in per cent)
LIMITS: Final[Mapping[str, float]] = {
    "La": 0.1, "Ce": 0.1, "Pr": 0.02, "Nd": 0.1, "Sm": 0.03, "Eu": 0.02, "Gd": 0.05, "Tb": 0.01, "Dy": 0.05, "Ho": 0.01,
    "Er": 0.03, "Tm": 0.01, "Yb": 0.03, "Lu": 0.01, "Y": 0.1, "Th": 0.05, "U": 0.05,
    "SiO2": 0.01, "Al2O3": 0.01, "Fe2O3": 0.01, "CaO": 0.01, "K2O": 0.01, "LOI": 0.01,
}  # fmt: skip
TRACES: Final = tuple(name for name in LIMITS if name not in MAJORS and name != "LOI")


def columns(traces: str, majors: str, ignition: str) -> list[WrittenColumn]:
    """Return the columns of a certificate by three methods' codes."""
    return [
        *(WrittenColumn(traces, name, "ppm") for name in TRACES),
        *(WrittenColumn(majors, name, "%") for name in MAJORS),
        WrittenColumn(ignition, "LOI", "%"),
    ]


def site(material: str, richness: float, dice: random.Random, *, spread: float = 0.22) -> dict[str, float]:
    """Return the contents of one site: all rare earths go together, each with a little of its own."""
    together = richness * dice.lognormvariate(-(spread**2) / 2, spread)
    made = {}
    for name, typical in PATTERNS[material].items():
        rare = name in TRACES and name not in {"Th", "U"}
        own = dice.lognormvariate(0, 0.04)
        made[name] = typical * own * (together if rare else 1.0)
    return made


def measured(contents: Mapping[str, float], name: str, dice: random.Random, *, noise: float = 0.015) -> str:
    """Return what a laboratory writes for a content: three or four figures, `<` below the limit."""
    value = contents[name] * dice.gauss(1, noise)
    limit = LIMITS[name]
    if value < limit:
        return f"<{limit:g}"
    if name in MAJORS or name == "LOI":
        return f"{value:.2f}"
    digits = max(0, 3 - math.floor(math.log10(value)) - 1) if value > 0 else 2
    return f"{value:.{min(digits, 2)}f}"


def row(contents: Mapping[str, float], dice: random.Random, *, noise: float = 0.015) -> list[str]:
    """Return the cells of a row, in the order of `columns`."""
    return [measured(contents, name, dice, noise=noise) for name in (*TRACES, *MAJORS, "LOI")]
