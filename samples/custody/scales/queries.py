"""Scales as they are chosen and looked at; constant queries."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from lims.accounts.models import User
from lims.errors import NotFound, Place, Problem
from samples.custody.models import Scale, ScaleCheck
from samples.custody.scales.rules import HOLDS


@dataclass(frozen=True, slots=True)
class SeenScale:
    """A scale with its last check: masses in g; `unfit` says why it should not be used now, empty if nothing does."""

    id: UUID
    name: str
    owner: str
    division_g: Decimal
    capacity_g: Decimal | None
    retired: bool
    checked_at: datetime | None
    passed: bool | None
    unfit: str


def scales_for(user: User) -> QuerySet[Scale]:
    """Return the scales that a person may see."""
    return Scale.objects.visible_to(user).select_related("owner")


def usable_scales(user: User) -> QuerySet[Scale]:
    """Return the scales that a person may weigh with: those of one's own organisations that are in use."""
    mine = [membership.organisation_id for membership in user.roles]
    return (
        Scale.objects.filter(owner__in=mine, retired_at=None).select_related("owner").order_by("name", "id")
    )


def scale_for(user: User, pk: UUID) -> Scale:
    """Return one scale that a person may see. Raises `NotFound` ("scale-unknown")."""
    found = scales_for(user).filter(pk=pk).first()
    if found is None:
        remedy = "Choose one from the list."
        raise NotFound(Problem("scale-unknown", "There is no such scale.", remedy, Place(field="scale")))
    return found


def unfit(checked_at: datetime | None, *, passed: bool | None, at: datetime) -> str:
    """Return why a scale should not be used at a time, after its last check; empty if nothing speaks against it.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 11, 4, 8, tzinfo=UTC)
    >>> unfit(None, passed=None, at=now)
    'It was never checked.'
    >>> unfit(now - timedelta(hours=24), passed=True, at=now)
    ''
    """
    if checked_at is None:
        return "It was never checked."
    if not passed:
        return "Its last check failed."
    return "" if at - checked_at <= HOLDS else "It was not checked in the last 24 hours."


def scale_unfit(scale: Scale, at: datetime) -> str:
    """Return why a scale should not be used at a time: a warning, never a refusal; empty if nothing speaks against it."""
    last = ScaleCheck.objects.filter(scale=scale, at__lte=at).order_by("-at", "-id").first()
    if last is None:
        return unfit(None, passed=None, at=at)
    return unfit(last.at, passed=last.passed, at=at)


def seen_scales(rows: QuerySet[Scale], *, at: datetime | None = None) -> list[SeenScale]:
    """Return scales with their last checks. One query."""
    now = at or timezone.now()
    last = ScaleCheck.objects.filter(scale=OuterRef("pk"), at__lte=now).order_by("-at", "-id")
    found = rows.annotate(
        checked_at=Subquery(last.values("at")[:1]), passed=Subquery(last.values("passed")[:1])
    )
    return [
        SeenScale(
            id=one.pk,
            name=one.name,
            owner=one.owner.name,
            division_g=one.division_g,
            capacity_g=one.capacity_g,
            retired=one.retired_at is not None,
            checked_at=one.checked_at,
            passed=one.passed,
            unfit="It is retired."
            if one.retired_at is not None
            else unfit(one.checked_at, passed=one.passed, at=now),
        )
        for one in found
    ]
