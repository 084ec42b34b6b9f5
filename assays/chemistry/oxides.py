"""Elements, oxides, and the factors between them, computed from the atomic weights. Pure.

Standard atomic weights, abridged to five figures: IUPAC, "Standard atomic weights of the elements 2021", Pure Appl.
Chem. 94 (2022) 573.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from lims.errors import invalid

FACTORS_VERSION: Final = "IUPAC 2021"
ATOMIC_WEIGHTS: Final[Mapping[str, float]] = {
    "O": 15.999, "H": 1.008, "Li": 6.94, "Be": 9.0122, "B": 10.81, "C": 12.011, "N": 14.007, "F": 18.998,
    "Na": 22.990, "Mg": 24.305, "Al": 26.982, "Si": 28.085, "P": 30.974, "S": 32.06, "Cl": 35.45, "K": 39.098,
    "Ca": 40.078, "Sc": 44.956, "Ti": 47.867, "V": 50.942, "Cr": 51.996, "Mn": 54.938, "Fe": 55.845, "Co": 58.933,
    "Ni": 58.693, "Cu": 63.546, "Zn": 65.38, "Ga": 69.723, "Ge": 72.630, "As": 74.922, "Se": 78.971, "Br": 79.904,
    "Rb": 85.468, "Sr": 87.62, "Y": 88.906, "Zr": 91.224, "Nb": 92.906, "Mo": 95.95, "Ru": 101.07, "Rh": 102.91,
    "Pd": 106.42, "Ag": 107.87, "Cd": 112.41, "In": 114.82, "Sn": 118.71, "Sb": 121.76, "Te": 127.60, "I": 126.90,
    "Cs": 132.91, "Ba": 137.33, "La": 138.91, "Ce": 140.12, "Pr": 140.91, "Nd": 144.24, "Sm": 150.36, "Eu": 151.96,
    "Gd": 157.25, "Tb": 158.93, "Dy": 162.50, "Ho": 164.93, "Er": 167.26, "Tm": 168.93, "Yb": 173.05, "Lu": 174.97,
    "Hf": 178.49, "Ta": 180.95, "W": 183.84, "Re": 186.21, "Os": 190.23, "Ir": 192.22, "Pt": 195.08, "Au": 196.97,
    "Hg": 200.59, "Tl": 204.38, "Pb": 207.2, "Bi": 208.98, "Th": 232.04, "U": 238.03,
}  # fmt: skip
#: the rare earths in the order of their atomic numbers, Y beside Ho where a pattern is drawn
LANTHANIDES: Final = ("La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu")
#: the oxides that files name; the named one decides, never the element
OXIDES: Final = frozenset(
    [
        "La2O3",
        "CeO2",
        "Ce2O3",
        "Pr6O11",
        "Pr2O3",
        "Nd2O3",
        "Sm2O3",
        "Eu2O3",
        "Gd2O3",
        "Tb4O7",
        "Tb2O3",
        "Dy2O3",
        "Ho2O3",
        "Er2O3",
        "Tm2O3",
        "Yb2O3",
        "Lu2O3",
        "Y2O3",
        "Sc2O3",
        "ThO2",
        "U3O8",
        "UO2",
        "SiO2",
        "Al2O3",
        "Fe2O3",
        "FeO",
        "CaO",
        "MgO",
        "Na2O",
        "K2O",
        "Cr2O3",
        "TiO2",
        "MnO",
        "MnO2",
        "P2O5",
        "SrO",
        "BaO",
        "SO3",
        "ZrO2",
        "HfO2",
        "Nb2O5",
        "Ta2O5",
        "V2O5",
        "WO3",
        "NiO",
        "CoO",
        "CuO",
        "ZnO",
        "PbO",
        "SnO2",
        "Ga2O3",
        "Li2O",
        "Rb2O",
        "Cs2O",
        "BeO",
        "B2O3",
        "As2O3",
        "CO2",
        "Co3O4",
        "MoO3",
    ]
)
#: the oxide in which an element's grade is counted unless a policy names another
USUAL: Final[Mapping[str, str]] = {
    **{element: f"{element}2O3" for element in (*LANTHANIDES, "Y", "Sc")},
    "Ce": "CeO2",
    "Pr": "Pr6O11",
    "Tb": "Tb4O7",
    "Th": "ThO2",
    "U": "U3O8",
}
_OXIDE: Final = re.compile(r"([A-Z][a-z]?)([1-9][0-9]?)?O([1-9][0-9]?)?")


@cache
def _parts(oxide: str) -> tuple[str, int, int]:
    """Return element, its count, and oxygen's count. Raises `Invalid` ("oxide-unknown")."""
    found = _OXIDE.fullmatch(oxide)
    if found is None or found[1] not in ATOMIC_WEIGHTS or found[1] == "O":
        raise invalid(
            "oxide-unknown", f"“{oxide[:20]}” is no oxide known here.", "For example Dy2O3.", field="oxide"
        )
    return found[1], int(found[2] or 1), int(found[3] or 1)


def element_of(oxide: str) -> str:
    """Return the element of an oxide. Raises `Invalid` ("oxide-unknown").

    >>> element_of("Tb4O7")
    'Tb'
    """
    return _parts(oxide)[0]


def factor(oxide: str) -> float:
    """Return mass of oxide per mass of its element, (a·M + b·O) / (a·M), at full precision.

    Raises `Invalid` ("oxide-unknown").

    >>> round(factor("Dy2O3"), 4), round(factor("Tb4O7"), 4)
    (1.1477, 1.1762)
    """
    element, atoms, oxygen = _parts(oxide)
    metal = atoms * ATOMIC_WEIGHTS[element]
    return (metal + oxygen * ATOMIC_WEIGHTS["O"]) / metal


def oxide_of(element: str) -> str:
    """Return the oxide in which an element's grade is usually counted. Raises `Invalid` ("oxide-unknown").

    >>> oxide_of("Dy"), oxide_of("Tb")
    ('Dy2O3', 'Tb4O7')
    """
    found = USUAL.get(element)
    if found is None:
        raise invalid(
            "oxide-unknown", f"{element[:8]} has no usual oxide here.", "Name the oxide.", field="oxide"
        )
    return found
