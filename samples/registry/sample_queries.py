"""Reads of what hangs on samples: numbers and holds as their reader may see them; tags and numbers that are taken."""

from collections.abc import Iterable
from typing import Any

import rules
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from lims.accounts.models import User
from lims.errors import DomainError
from samples.registry.models import Batch, ExternalNumber, Hold, Sample, Tag
from samples.registry.rules import HOLD_LABELS, HoldKind, NumberKind, read_tag
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


def sites_in(batches: QuerySet[Batch], *, most: int = 200) -> list[str]:
    """Return the sites that samples of these batches were taken at, each once; at most `most`, one query."""
    rows = Sample.objects.filter(batch__in=batches.order_by().values("pk")).exclude(site="")
    return list(rows.order_by("site").values_list("site", flat=True).distinct()[:most])


def tags_by_code(tags: QuerySet[Tag], codes: Iterable[str]) -> dict[str, Tag]:
    """Return those of `tags` that have one of these codes, by code, each with its sample and its block, if any."""
    found = tags.filter(code__in=list(codes)).select_related("sample", "block__coordinator")
    needed = ("code", "owner", "replaced_at", "block__coordinator__name", "block__released_at", "sample__tag")
    return {tag.code: tag for tag in found.only(*needed)}


def kept_for_others(tags: Iterable[Tag], user: User | None, batch: Batch) -> dict[str, str]:
    """Return, by code, the coordinators for whom tags are reserved that `user` may not put on a bag of this batch.

    A part of the system (None) and whoever may use everybody's tags are refused none.
    """
    kept = {
        tag.code: tag.block.coordinator.name
        for tag in tags
        if tag.block is not None and tag.block.released_at is None and tag.block.coordinator_id != _id(user)
    }
    if not kept or user is None or rules.has_perm("registry.any_tags", user, batch):
        return {}
    return kept


def _id(user: User | None) -> Any:
    return user.pk if user else None


def numbers_in(batch: Batch, numbers: Iterable[str]) -> set[tuple[str, str]]:
    """Return which of these numbers samples of the batch have, each as kind and number in lower case; one query."""
    wanted = {number.lower() for number in numbers if number}
    if not wanted:
        return set()
    rows = ExternalNumber.objects.filter(batch=batch).annotate(lower=Lower("number"))
    return set(rows.filter(lower__in=wanted).values_list("kind", "lower"))


def samples_by_label(batches: QuerySet[Batch], labels: Iterable[str]) -> dict[str, list[Sample]]:
    """Return the samples of `batches` that each label names, by tag or external number in any case; two queries.

    Labels that name none are not among the keys. Each sample comes with its tag and batch.
    """
    wanted = list(dict.fromkeys(labels))
    codes = {label: code for label in wanted if (code := _tag_code(label))}
    numbers = {label: " ".join(label.split()).lower() for label in wanted}
    inside = batches.values("pk")
    rows = ExternalNumber.objects.filter(batch__in=inside).annotate(lower=Lower("number"))
    named: dict[str, set[Any]] = {}
    for sample, number in rows.filter(lower__in=set(numbers.values())).values_list("sample", "lower"):
        named.setdefault(number, set()).add(sample)
    known = Sample.objects.filter(batch__in=inside).select_related("tag", "batch")
    ids = {pk for found in named.values() for pk in found}
    samples = list(known.filter(Q(tag__code__in=set(codes.values())) | Q(pk__in=ids)).order_by("pk"))
    by_code = {sample.tag.code: sample for sample in samples}
    by_id = {sample.pk: sample for sample in samples}
    found: dict[str, list[Sample]] = {}
    for label in wanted:
        ids = set(named.get(numbers[label], ()))
        if codes.get(label) in by_code:
            ids.add(by_code[codes[label]].pk)
        if ids:
            found[label] = [by_id[pk] for pk in sorted(ids)]
    return found


def _tag_code(label: str) -> str | None:
    try:
        return read_tag(label)
    except DomainError:
        return None
