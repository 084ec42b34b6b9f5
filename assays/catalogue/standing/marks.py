"""What is said beside results whose method was not accredited for them on their day (ISO/IEC 17025:2017, 7.8)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from assays.catalogue.models import Accreditation
from assays.catalogue.standing.rules import LAPSE_LABELS, Lapse, lapse_of

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Measured:
    """Values of an analyte by a method on a day: ppm of their form, or the lowest and the highest of them."""

    method: UUID
    code: str
    analyte: str
    ppm: tuple[Decimal | None, ...]
    on: date


def standing_marks(measured: Mapping[Key, Iterable[Measured]]) -> dict[Key, list[str]]:
    """Return in words, by whatever the values were grouped by, which of them their method was not accredited for. One query.

    Of methods for which no accreditation was ever recorded nothing is said: nobody claims one.
    """
    groups = {key: list(found) for key, found in measured.items()}
    scopes: dict[UUID, list[Accreditation]] = defaultdict(list)
    methods = {one.method for found in groups.values() for one in found}
    for row in Accreditation.objects.filter(method__in=methods):
        scopes[row.method_id].append(row)
    return {key: _words(found, scopes) for key, found in groups.items()}


def _words(found: Iterable[Measured], scopes: Mapping[UUID, list[Accreditation]]) -> list[str]:
    wrong: dict[tuple[str, Lapse], set[str]] = defaultdict(set)
    for one in found:
        known = scopes.get(one.method)
        lapse = lapse_of(known, one.analyte, one.ppm, one.on) if known else Lapse.IN_SCOPE
        if lapse != Lapse.IN_SCOPE:
            wrong[one.code, lapse].add(one.analyte)
    return [
        f"{code}: {LAPSE_LABELS[lapse]} ({', '.join(sorted(analytes))})"
        for (code, lapse), analytes in sorted(wrong.items())
    ]
