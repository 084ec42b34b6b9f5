"""How much QC is placed: shares of the routine samples, in per cent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from assays.runs.rules import ItemKind

#: names of the shares, as columns of a rule, with how people call them
SHARES: Final = {
    "crm_pct": "Reference materials",
    "blank_pct": "Blanks",
    "field_pct": "Field duplicates",
    "coarse_pct": "Coarse duplicates",
    "pulp_pct": "Pulp duplicates",
    "umpire_pct": "Umpire",
}


@dataclass(frozen=True, slots=True)
class Rates:
    """Least shares of QC items, in per cent of the routine samples.

    Field duplicates are bags of their own that the mine takes, and umpire pulps go to another laboratory: both are
    asked for here, and neither is placed in a rack by the laboratory.
    """

    crm_pct: Decimal
    blank_pct: Decimal
    field_pct: Decimal
    coarse_pct: Decimal
    pulp_pct: Decimal
    umpire_pct: Decimal

    @property
    def of_kinds(self) -> Mapping[ItemKind, Decimal]:
        """Return what a laboratory's rack holds of each kind, in per cent: its duplicates are coarse and pulp ones."""
        return {
            ItemKind.CRM: self.crm_pct,
            ItemKind.BLANK: self.blank_pct,
            ItemKind.DUPLICATE: self.coarse_pct + self.pulp_pct,
        }


#: until a laboratory has a rule of its own (D, METHODS.md section 3: the lower end of each range)
DEFAULT_RATES: Final = Rates(Decimal(5), Decimal(3), Decimal(4), Decimal(2), Decimal(2), Decimal(3))


def least(routine: int, share_pct: Decimal) -> int:
    """Return how many items a share of `routine` samples asks for: rounded up, so that the share is reached.

    >>> least(20, Decimal(5)), least(21, Decimal(5)), least(40, Decimal(0))
    (1, 2, 0)
    """
    return int((Decimal(routine) * share_pct / 100).to_integral_value(ROUND_CEILING))
