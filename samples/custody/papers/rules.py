"""What a document still allows, and how forms are numbered: pure."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

#: a scan of a paper
LARGEST_SCAN_BYTES: Final = 10_000_000
SCANS: Final = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
#: forms that are printed at once
MOST_FORMS: Final = 200
_NUMBER: Final = re.compile(r"F(?P<year>[0-9]{2})-(?P<count>[0-9]{6})")
LAST_NUMBER: Final = 999_999


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a document's quantity: kg and bags, None where it sets no bound; `expired` on the day asked for."""

    kg: Decimal | None
    bags: int | None
    expired: bool

    def allows(self, kg: Decimal, bags: int) -> bool:
        """Return whether so many kg and bags may still leave under it.

        >>> Left(Decimal("10"), None, False).allows(Decimal("10"), 40)
        True
        >>> Left(Decimal("10"), 3, False).allows(Decimal("9"), 4)
        False
        """
        enough = self.kg is None or kg <= self.kg
        return enough and (self.bags is None or bags <= self.bags)


def left_of(
    quantity_kg: Decimal | None,
    most_bags: int | None,
    expires_on: date | None,
    *,
    gone_kg: Decimal,
    gone_bags: int,
    on: date,
) -> Left:
    """Return what is left of a document on a day; its last day still counts.

    >>> left_of(Decimal(100), None, date(2026, 12, 1), gone_kg=Decimal("30.5"), gone_bags=9, on=date(2026, 12, 1))
    Left(kg=Decimal('69.5'), bags=None, expired=False)
    """
    return Left(
        None if quantity_kg is None else quantity_kg - gone_kg,
        None if most_bags is None else most_bags - gone_bags,
        expires_on is not None and on > expires_on,
    )


def scan_type(content: bytes) -> str | None:
    """Return the type of a scan by its content: PDF, JPEG or PNG; None for anything else.

    >>> scan_type(b"%PDF-1.7 ..."), scan_type(b"MZ")
    ('application/pdf', None)
    """
    return next((kind for beginning, kind in SCANS.items() if content.startswith(beginning)), None)


def form_number(year: int, count: int) -> str:
    """Return the number that is printed on a form.

    >>> form_number(2026, 123)
    'F26-000123'
    """
    return f"F{year % 100:02}-{count:06}"


def read_form_number(text: str) -> str | None:
    """Return a form's number as it is kept, from what was typed or scanned; None when it is none.

    >>> read_form_number(" f26 000123 "), read_form_number("F26-000123"), read_form_number("F26-12")
    ('F26-000123', 'F26-000123', None)
    """
    plain = "".join(text.split()).upper().replace("-", "")
    found = _NUMBER.fullmatch(f"{plain[:3]}-{plain[3:]}")
    return found.group() if found and plain.isascii() else None
