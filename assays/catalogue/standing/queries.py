"""Reads of what a laboratory stands on, on a day."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from assays.catalogue.models import (
    Accreditation,
    Calibration,
    Competence,
    Equipment,
    Method,
    Validation,
)
from assays.catalogue.rules import CompetentTo
from assays.catalogue.standing.rules import SOON_DAYS, Lapse, lapse_of
from lims.accounts.models import Organisation, User


def competent(user: User, method: Method, able_to: CompetentTo, on: date) -> bool:
    """Return whether a person was found able to do something by a method on a day (ISO/IEC 17025:2017, 6.2).

    Where nobody's competence was ever recorded for the method and the act, nobody is kept out: gating begins with the
    first record (D).
    """
    known = Competence.objects.filter(method=method, able_to=able_to)
    valid = known.filter(person=user, withdrawn_at=None, valid_from__lte=on, valid_to__gte=on)
    return valid.exists() or not known.exists()


def incompetent_for(user: User, methods: QuerySet[Method], able_to: CompetentTo, on: date) -> list[Method]:
    """Return which of these methods a person was not found able for, where somebody's competence is recorded. Two queries."""
    known = Competence.objects.filter(able_to=able_to)
    valid = known.filter(person=user, withdrawn_at=None, valid_from__lte=on, valid_to__gte=on)
    gated = methods.filter(pk__in=known.values("method")).exclude(pk__in=valid.values("method"))
    return list(gated.order_by("code"))


def calibration_warning(equipment: Equipment, on: date) -> str:
    """Return why results of equipment are warned of on a day; "" while its calibration holds (ISO/IEC 17025:2017, 6.4)."""
    last = (
        Calibration.objects.filter(equipment=equipment, calibrated_on__lte=on)
        .order_by("-calibrated_on", "-id")
        .first()
    )
    return _warned(equipment, last, on)


def _warned(equipment: Equipment, last: Calibration | None, on: date) -> str:
    if not equipment.needs_calibration:
        return ""
    if last is None:
        return f"{equipment} has no calibration on record."
    if not last.passed:
        return f"{equipment} failed its calibration of {last.calibrated_on:%Y-%m-%d}."
    if last.valid_until < on:
        return f"The calibration of {equipment} ran out on {last.valid_until:%Y-%m-%d}."
    return ""


def accredited(method: Method, analyte: str, ppm: Decimal | None, on: date) -> Lapse:
    """Return how a value (ppm of its form; None: no number) stands to the method's accreditation on a day."""
    return lapse_of(Accreditation.objects.filter(method=method), analyte, [ppm], on)


def validation_of(method: Method, analyte: str, oxide: str = "") -> Validation | None:
    """Return what a method was shown to do for an analyte in a form; the newest record counts."""
    rows = Validation.objects.filter(method=method, analyte=analyte, oxide=oxide)
    return rows.order_by("-validated_on", "-id").first()


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece of equipment with its last calibration; `words` say what is wrong or due, `tone` how bad that is."""

    equipment: Equipment
    last: Calibration | None
    words: str
    tone: str


def equipment_in(laboratory: Organisation, on: date) -> list[Kept]:
    """Return a laboratory's equipment in use with its last calibrations, what is due first. Two queries."""
    newest = Calibration.objects.filter(equipment=OuterRef("pk"), calibrated_on__lte=on)
    rows = list(
        Equipment.objects.filter(Q(retired_on=None) | Q(retired_on__gt=on), laboratory=laboratory).annotate(
            last_id=Subquery(newest.order_by("-calibrated_on", "-id").values("pk")[:1])
        )
    )
    last = Calibration.objects.in_bulk([row.last_id for row in rows if row.last_id])
    found = [_kept(row, last.get(row.last_id), on) for row in rows]
    order = {"bad": 0, "warn": 1, "good": 2, "neutral": 3}
    return sorted(found, key=lambda one: (order[one.tone], one.equipment.code.casefold()))


def _kept(equipment: Equipment, last: Calibration | None, on: date) -> Kept:
    wrong = _warned(equipment, last, on)
    if wrong:
        return Kept(equipment, last, wrong, "bad")
    if not equipment.needs_calibration:
        return Kept(equipment, last, "needs none", "neutral")
    assert last is not None
    soon = last.valid_until <= on + timedelta(days=SOON_DAYS)
    return Kept(equipment, last, "due soon" if soon else "calibrated", "warn" if soon else "good")


def state_between(start: date, end: date, on: date) -> tuple[str, str]:
    """Return in words, with a tone, how a day stands to a time.

    >>> state_between(date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    ('lapsed', 'bad')
    """
    if on < start:
        return "not yet in force", "neutral"
    if on > end:
        return "lapsed", "bad"
    return ("ends soon", "warn") if end <= on + timedelta(days=SOON_DAYS) else ("in force", "good")


def validations_in(laboratory: Organisation) -> QuerySet[Validation]:
    """Return the validations of a laboratory's methods, the first due for review first."""
    rows = Validation.objects.filter(method__laboratory=laboratory).select_related("method")
    return rows.order_by("review_on", "method__code", "analyte")


def accreditations_in(laboratory: Organisation) -> QuerySet[Accreditation]:
    """Return the accreditations of a laboratory's methods, the last to end first."""
    rows = Accreditation.objects.filter(method__laboratory=laboratory).select_related("method")
    return rows.order_by("-valid_to", "method__code")


def competences_in(laboratory: Organisation) -> QuerySet[Competence]:
    """Return who was found able to do what by a laboratory's methods: what stands first."""
    rows = Competence.objects.filter(method__laboratory=laboratory)
    rows = rows.select_related("method", "person", "granted_by")
    return rows.order_by(F("withdrawn_at").asc(nulls_first=True), "method__code", "person__name", "-valid_to")
