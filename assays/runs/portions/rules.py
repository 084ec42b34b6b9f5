"""Rules of portions: what may be split from what, whether masses balance, how fine is fine. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from assays.runs.rules import PortionKind, Step
from lims.errors import invalid

#: weighings of one splitting agree within the larger of these: relative to what went in, and in g (D)
BALANCE_RELATIVE: Final = Decimal("0.005")
BALANCE_G: Final = Decimal("0.1")
#: a pulp is fine enough when this share in per cent passes a sieve of this opening in µm (D; usual in exploration)
FINE_PCT: Final = Decimal(85)
FINE_UM: Final = 75
#: parts of one splitting: a rotary divider has at most sixteen cups
MOST_PARTS: Final = 16
LABEL_LENGTH: Final = 40
#: masses are kept to a tenth of a milligram
STEP_G: Final = Decimal("0.0001")

#: no bag is heavier
LARGEST_G: Final = Decimal(100_000)

#: a tag as people read it, with what comes after it
_SHOWN: Final = re.compile(r"([A-Z]{2})-([0-9]{6})-([0-9A-Z])((?:-.*)?)")

LETTERS: Final[Mapping[PortionKind, str]] = {
    PortionKind.COARSE: "C",
    PortionKind.PULP: "P",
    PortionKind.ALIQUOT: "A",
}
#: what may be split from what: nothing grows coarser
PARTS_OF: Final[Mapping[PortionKind, frozenset[PortionKind]]] = {
    PortionKind.BAG: frozenset({PortionKind.COARSE, PortionKind.PULP, PortionKind.ALIQUOT}),
    PortionKind.COARSE: frozenset({PortionKind.COARSE, PortionKind.PULP, PortionKind.ALIQUOT}),
    PortionKind.PULP: frozenset({PortionKind.PULP, PortionKind.ALIQUOT}),
    PortionKind.ALIQUOT: frozenset({PortionKind.ALIQUOT}),
}
#: which steps a portion goes through: what is pulverised is crushed no more, an aliquot is weighed in as it is
STEPS_OF: Final[Mapping[PortionKind, frozenset[Step]]] = {
    PortionKind.BAG: frozenset(Step),
    PortionKind.COARSE: frozenset(Step),
    PortionKind.PULP: frozenset(Step) - {Step.CRUSH},
    PortionKind.ALIQUOT: frozenset({Step.DRY, Step.HOMOGENISE}),
}


@dataclass(frozen=True, slots=True)
class Balance:
    """One splitting in g: what went in, what came out as parts, what was said to be lost, and how far that is apart."""

    in_g: Decimal
    parts_g: Decimal
    said_loss_g: Decimal
    tolerance_g: Decimal

    @property
    def difference_g(self) -> Decimal:
        """Return what is not accounted for; below zero when more came out than went in."""
        return self.in_g - self.parts_g - self.said_loss_g

    @property
    def loss_g(self) -> Decimal:
        """Return the loss that goes on record: with the parts it adds up to what went in, exactly."""
        return self.in_g - self.parts_g

    @property
    def loss_pct(self) -> Decimal:
        """Return the loss in per cent of what went in."""
        return percent(self.loss_g, self.in_g)

    @property
    def holds(self) -> bool:
        """Return whether the difference lies within what weighing explains."""
        return abs(self.difference_g) <= self.tolerance_g


def sound_mass(mass_g: Decimal, *, field: str, row: int | None = None, zero: bool = False) -> None:
    """Raise `Invalid` ("mass-not-positive", "mass-too-large", "mass-too-fine") for a mass in g that no balance shows.

    >>> sound_mass(Decimal("0.2513"), field="mass_g")
    """
    where = {"field": field, "row": row}
    if not mass_g.is_finite() or mass_g < 0 or (not mass_g and not zero):
        raise invalid("mass-not-positive", f"The mass is {mass_g} g.", "Weigh it again.", **where)
    if mass_g > LARGEST_G:
        message = f"The mass is {mass_g} g, over 100 kg."
        raise invalid("mass-too-large", message, "Was it entered in mg?", **where)
    if mass_g != mass_g.quantize(STEP_G):
        message = f"{mass_g} g has more than four decimals."
        raise invalid("mass-too-fine", message, "Masses are kept to 0.0001 g: round it.", **where)


def grams(mass_g: Decimal) -> str:
    """Return a mass as it stands in a sentence, without zeros at its end.

    >>> grams(Decimal("250.0000")), grams(Decimal("0.2513"))
    ('250 g', '0.2513 g')
    """
    return f"{mass_g.normalize():f} g"


def tolerance_g(mass_g: Decimal) -> Decimal:
    """Return how far two weighings of a mass may be apart, in g: 0.5 % of it, at least 0.1 g (D).

    >>> tolerance_g(Decimal(2000)), tolerance_g(Decimal(2))
    (Decimal('10.000'), Decimal('0.1'))
    """
    return max(mass_g * BALANCE_RELATIVE, BALANCE_G)


def balance(in_g: Decimal, parts_g: Iterable[Decimal], loss_g: Decimal) -> Balance:
    """Return how a splitting adds up; masses in g.

    >>> found = balance(Decimal(1000), [Decimal(740), Decimal(250)], Decimal(8))
    >>> found.difference_g, found.loss_g, found.holds
    (Decimal('2'), Decimal('10'), True)
    """
    return Balance(in_g, sum(parts_g, Decimal(0)), loss_g, tolerance_g(in_g))


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """Return a share in per cent to two decimals, half to even; zero of nothing.

    >>> percent(Decimal(3), Decimal(8))
    Decimal('37.50')
    """
    if not whole:
        return Decimal("0.00")
    return (part * 100 / whole).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)


def next_labels(parent: str, kinds: Sequence[PortionKind], taken: Iterable[str]) -> list[str]:
    """Return the labels of new parts: the parent's, a letter for the kind and the next number of that letter.

    >>> next_labels("KC000123J", [PortionKind.COARSE, PortionKind.PULP, PortionKind.PULP], ["KC000123J-P1"])
    ['KC000123J-C1', 'KC000123J-P2', 'KC000123J-P3']
    """
    last = dict.fromkeys(LETTERS.values(), 0)
    for label in taken:
        head, _, tail = label.rpartition("-")
        if head == parent and tail[:1] in last and tail[1:].isascii() and tail[1:].isdecimal():
            last[tail[:1]] = max(last[tail[:1]], int(tail[1:]))
    labels = []
    for kind in kinds:
        letter = LETTERS[kind]
        last[letter] += 1
        labels.append(f"{parent}-{letter}{last[letter]}")
    return labels


def read_label(text: str) -> str:
    """Return the label of a portion as it is kept, from how it was typed or scanned: the tag in it without hyphens.

    >>> read_label(" kc-000123-j-p1 "), read_label("KC000123J-P1-A2"), read_label("KC-000123-J")
    ('KC000123J-P1', 'KC000123J-P1-A2', 'KC000123J')
    """
    words = text.strip().upper()
    found = _SHOWN.fullmatch(words)
    return "".join(found.groups()) if found else words


def fineness_warning(step: Step, sieve_um: int | None, passing_pct: Decimal | None) -> str:
    """Return why a pulverised portion is not known to be fine enough, "" when it is (85 % below 75 µm, D).

    >>> fineness_warning(Step.PULVERISE, 75, Decimal("81.5"))
    '81.5 % passed 75 µm: less than 85 %. Pulverise it longer, or say in the report that it is coarse.'
    >>> fineness_warning(Step.PULVERISE, 75, Decimal(91)), fineness_warning(Step.CRUSH, None, None)
    ('', '')
    """
    if step != Step.PULVERISE:
        return ""
    if sieve_um is None or passing_pct is None:
        return f"Nobody sieved it: whether {FINE_PCT} % passes {FINE_UM} µm is not known."
    if sieve_um > FINE_UM:
        return f"Sieved at {sieve_um} µm: whether {FINE_PCT} % passes {FINE_UM} µm is not known."
    if passing_pct >= FINE_PCT:
        return ""
    shown = f"{passing_pct.normalize():f}"
    if sieve_um < FINE_UM:
        return f"{shown} % passed {sieve_um} µm: whether {FINE_PCT} % passes {FINE_UM} µm is not known."
    return (
        f"{shown} % passed {FINE_UM} µm: less than {FINE_PCT} %. "
        "Pulverise it longer, or say in the report that it is coarse."
    )


def moisture_pct(wet_g: Decimal, dry_g: Decimal) -> Decimal:
    """Return the moisture in per cent of the wet mass, (wet - dry) / wet.

    >>> moisture_pct(Decimal("50.00"), Decimal("43.10"))
    Decimal('13.80')
    """
    return percent(wet_g - dry_g, wet_g)


def loi_pct(dry_g: Decimal, ignited_g: Decimal) -> Decimal:
    """Return the loss on ignition in per cent of the dry mass, (dry - ignited) / dry; below zero where mass was gained.

    >>> loi_pct(Decimal("2.0000"), Decimal("1.7536")), loi_pct(Decimal("2.0000"), Decimal("2.0100"))
    (Decimal('12.32'), Decimal('-0.50'))
    """
    return percent(dry_g - ignited_g, dry_g)


def corrected_g(mass_g: Decimal, before_g: Decimal, after_g: Decimal) -> Decimal:
    """Return a mass as it is after drying or ignition, by the masses (g) of the test portion before and after.

    >>> corrected_g(Decimal(2150), Decimal("50.00"), Decimal("43.10"))
    Decimal('1853.3000')
    """
    return (mass_g * after_g / before_g).quantize(STEP_G, rounding=ROUND_HALF_EVEN)


def first_day(made_on: date, days: int | None) -> date | None:
    """Return the first day on which a portion may be thrown away by a rule of so many days; None without a rule.

    >>> first_day(date(2026, 11, 3), 90)
    datetime.date(2027, 2, 1)
    """
    return None if days is None else made_on + timedelta(days=days)


def later(*days: date | None) -> date | None:
    """Return the latest of the days that are known; None when none is.

    >>> later(None, date(2027, 2, 1), date(2027, 1, 1))
    datetime.date(2027, 2, 1)
    """
    return max((day for day in days if day is not None), default=None)
