"""Named sums of oxides; the same sample's HREO differs sixfold by convention, so each has a version. Pure."""

from collections.abc import Mapping
from typing import Final

from assays.chemistry.oxides import LANTHANIDES, oxide_of

AGGREGATES_VERSION: Final = "2026.1"
#: name → its elements; each counts as the oxide of `oxides.USUAL` (METHODS.md section 1, D)
AGGREGATES: Final[Mapping[str, tuple[str, ...]]] = {
    "TREO": (*LANTHANIDES, "Y"),
    "MREO": ("Pr", "Nd", "Tb", "Dy"),
    "HREO": (*LANTHANIDES[LANTHANIDES.index("Eu") :], "Y"),
    "LREO": LANTHANIDES[: LANTHANIDES.index("Eu")],
}


def members(name: str) -> tuple[str, ...]:
    """Return the elements of an aggregate; none for what is no aggregate.

    >>> members("MREO"), members("Dy")
    (('Pr', 'Nd', 'Tb', 'Dy'), ())
    """
    return AGGREGATES.get(name, ())


def definition(name: str) -> str:
    """Return an aggregate's definition in words, as it is printed wherever it appears.

    >>> definition("MREO")
    'MREO = Pr6O11 + Nd2O3 + Tb4O7 + Dy2O3'
    """
    return f"{name} = " + " + ".join(oxide_of(element) for element in members(name))
