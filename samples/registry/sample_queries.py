"""Reads of what hangs on samples: numbers and holds as their reader may see them; tags and numbers that are taken."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.db.models.functions import Lower

from lims.accounts.models import User
from samples.registry.models import Batch, ExternalNumber, Hold, Sample, Tag
from samples.registry.rules import HOLD_LABELS, HoldKind, NumberKind
from samples.registry.seen import SeenHold
from samples.registry.sight import Sight, sight_of


def numbers_for(user: User, sample: Sample) -> list[ExternalNumber]:
    """Return the numbers by which a sample goes; a laboratory sees laboratories' numbers, not the field's."""
    numbers = sample.external_numbers.order_by("id")
    if sight_of(user, sample.batch) <= Sight.BLIND:
        numbers = numbers.filter(kind=NumberKind.LABORATORY)
    return list(numbers)


def holds_for(user: User, sample: Sample) -> list[SeenHold]:
    """Return the holds of a sample, the last one first; a laboratory sees that and when, not who and why.

    A reason is free text: it may name the road or the mine.
    """
    told = sight_of(user, sample.batch) > Sight.BLIND
    holds = sample.holds.select_related("set_by", "released_by").order_by("-id")
    return [_seen_hold(hold, told=told) for hold in holds]


def _seen_hold(hold: Hold, *, told: bool) -> SeenHold:
    return SeenHold(
        id=hold.pk,
        kind=hold.kind,
        label=HOLD_LABELS[HoldKind(hold.kind)],
        set_at=hold.set_at,
        released_at=hold.released_at,
        reason=hold.reason if told else "",
        release_reason=hold.release_reason if told else "",
        set_by=hold.set_by.name if told and hold.set_by else "",
        released_by=hold.released_by.name if told and hold.released_by else "",
    )


def tags_by_code(tags: QuerySet[Tag], codes: Iterable[str]) -> dict[str, Tag]:
    """Return those of `tags` that have one of these codes, by code, each with its sample if it is on a bag."""
    found = tags.filter(code__in=list(codes)).select_related("sample")
    return {tag.code: tag for tag in found}


def field_numbers_in(batch: Batch, numbers: Iterable[str]) -> set[str]:
    """Return which of these field numbers samples of the batch have, in lower case."""
    wanted = {number.lower() for number in numbers if number}
    if not wanted:
        return set()
    rows = ExternalNumber.objects.filter(batch=batch, kind=NumberKind.FIELD).annotate(lower=Lower("number"))
    return set(rows.filter(lower__in=wanted).values_list("lower", flat=True))
