"""Verbs of samples, their external numbers and their holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from lims.errors import Conflict, Invalid, Problem, conflict, invalid
from lims.ids import uuid7
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.registry import permissions, rules  # noqa: F401  # permissions register by name
from samples.registry.arguments import one_of, person_of, said
from samples.registry.drafts import (
    CORRECTABLE,
    NUMBERS,
    Draft,
    number_problems,
    problems_of,
    tag_problems,
    tidied,
)
from samples.registry.models import Batch, Correction, ExternalNumber, Hold, Sample, Tag
from samples.registry.rules import SAMPLE_TRANSITIONS, BatchState, HoldKind, NumberKind, SampleState
from samples.registry.sample_queries import kept_for_others, numbers_in, tags_by_code


@verb
def register_samples(*, actor: Actor, batch: Batch, drafts: Sequence[Draft]) -> list[Sample]:
    """Register samples of one batch, all or none. Raises `Invalid` or `Conflict` with every problem, by row.

    Codes: those of `drafts.problems_of` and `drafts.tag_problems`, "batch-closed", "external-number-once", "id-used".
    """
    permit(actor, "registry.register", batch)
    now = timezone.now()
    drafts = [tidied(draft) for draft in drafts]
    _refuse([problem for draft in drafts for problem in problems_of(draft, now=now)])
    # The batch first, so that it is not closed meanwhile; then the tags, so that each goes on one bag only.
    held = Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)
    if held.state != BatchState.OPEN:
        raise conflict(
            "batch-closed", f"{held} is closed.", "Open it again, or use another batch.", field="batch"
        )
    codes = [rules.read_tag(draft.tag) for draft in drafts]
    _lock(Tag.objects.filter(code__in=codes).order_by("code"))
    # Asked after the lock: whoever held a tag before us may have put it on a bag.
    tags = tags_by_code(Tag.objects.all(), codes)
    numbers = numbers_in(held, [getattr(draft, field) for draft in drafts for field in NUMBERS])
    kept = kept_for_others(tags.values(), person_of(actor), held)
    _refuse([*tag_problems(drafts, tags, held.owner_id, kept), *number_problems(drafts, numbers)])
    samples = Sample.objects.bulk_create(
        [_sample(draft, held, tags[code], actor) for draft, code in zip(drafts, codes, strict=True)]
    )
    ExternalNumber.objects.bulk_create(
        ExternalNumber(sample=sample, batch=held, kind=kind, number=getattr(draft, field))
        for sample, draft in zip(samples, drafts, strict=True)
        for field, kind in NUMBERS.items()
        if getattr(draft, field)
    )
    return samples


def _lock(tags: QuerySet[Tag]) -> None:
    """Lock tags in the order of the query, until the verb ends."""
    list(tags.select_for_update(no_key=True).values_list("pk"))


def _refuse(problems: Sequence[Problem]) -> None:
    """Raise what was found: a single contradiction of the record is a `Conflict`, everything else `Invalid`."""
    if problems:
        single = len(problems) == 1 and problems[0].code in {
            "tag-used",
            "tag-replaced",
            "tag-reserved",
            "external-number-once",
        }
        raise (Conflict if single else Invalid)(*problems)


def _sample(draft: Draft, batch: Batch, tag: Tag, actor: Actor) -> Sample:
    kept = {name: getattr(draft, name) for name in CORRECTABLE}
    return Sample(id=draft.id or uuid7(), batch=batch, tag=tag, registered_by=person_of(actor), **kept)


@verb
def register_sample(
    *,
    actor: Actor,
    batch: Batch,
    tag_code: str,
    mass_g: Decimal,
    collected_at: datetime,
    collector: str = "",
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    accuracy_m: Decimal | None = None,
    depth_m: Decimal | None = None,
    site: str = "",
    note: str = "",
    field_number: str = "",
    laboratory_number: str = "",
    sample_id: UUID | None = None,
) -> Sample:
    """Register one sample: mass in g, depth and accuracy in m, place in degrees (WGS 84).

    `sample_id` is a UUIDv7 that the client made, if it did. Raises as `register_samples`.
    """
    draft = Draft(
        tag=tag_code,
        mass_g=mass_g,
        collected_at=collected_at,
        collector=collector,
        latitude=latitude,
        longitude=longitude,
        accuracy_m=accuracy_m,
        depth_m=depth_m,
        site=site,
        note=note,
        field_number=field_number,
        laboratory_number=laboratory_number,
        id=sample_id,
    )
    return register_samples(actor=actor, batch=batch, drafts=[draft])[0]


@verb
def correct_sample(*, actor: Actor, sample: Sample, reason: str, changes: Mapping[str, Any]) -> Sample:
    """Correct fields of a registered sample (`CORRECTABLE`) with a reason; the checks are those of registration.

    Raises `Invalid` ("field-not-correctable", "nothing-changed", …) or `Conflict` ("sample-withdrawn").
    """
    permit(actor, "registry.correct", sample)
    why = said(reason, field="reason", most=1000)
    held = _locked(sample)
    unknown = sorted(set(changes) - set(CORRECTABLE))
    if unknown:
        raise invalid(
            "field-not-correctable",
            f"{', '.join(unknown)} cannot be corrected.",
            f"Fields: {', '.join(CORRECTABLE)}.",
            field=unknown[0],
        )
    before = {name: getattr(held, name) for name in CORRECTABLE}
    after = tidied(Draft(tag=held.tag.code, **(before | dict(changes))))
    _refuse(problems_of(after, now=timezone.now()))
    changed = [name for name in CORRECTABLE if getattr(after, name) != before[name]]
    if not changed:
        raise invalid("nothing-changed", "Everything is as it was.", "Change a value, or leave the sample.")
    for name in changed:
        setattr(held, name, getattr(after, name))
    held.save(update_fields=changed)
    Correction.objects.create(sample=held, fields=changed, reason=why, corrected_by=person_of(actor))
    return held


def _locked(sample: Sample) -> Sample:
    """Return the sample, locked and current. Raises `Conflict` ("sample-withdrawn")."""
    held = (
        Sample.objects.select_for_update(of=("self",)).select_related("tag", "batch__owner").get(pk=sample.pk)
    )
    if held.state == SampleState.WITHDRAWN:
        raise conflict(
            "sample-withdrawn", f"{held} was withdrawn: {held.withdrawn_reason}", "It stays as it is."
        )
    return held


@verb
def withdraw_sample(*, actor: Actor, sample: Sample, reason: str) -> Sample:
    """Take a sample out of its batch's count, for good, with a reason. Raises `Conflict` ("sample-withdrawn")."""
    permit(actor, "registry.withdraw", sample)
    held = _locked(sample)
    check_transition(SAMPLE_TRANSITIONS, SampleState(held.state), SampleState.WITHDRAWN)
    held.state, held.withdrawn_reason = SampleState.WITHDRAWN, said(reason, field="reason", most=1000)
    held.save(update_fields=["state", "withdrawn_reason"])
    return held


@verb
def add_external_number(*, actor: Actor, sample: Sample, kind: str, number: str) -> ExternalNumber:
    """Add a number by which certificates refer to the sample. Raises `Conflict` ("external-number-once")."""
    permit(actor, "registry.register", sample)
    held = _locked(sample)
    which = one_of(NumberKind, kind, field="kind")
    return ExternalNumber.objects.create(
        sample=held, batch_id=held.batch_id, kind=which, number=said(number, field="number", most=60)
    )


@verb
def set_hold(*, actor: Actor, sample: Sample, kind: str, reason: str) -> Hold:
    """Make a sample wait, with a reason. Raises `Conflict` ("hold-open-once", "sample-withdrawn")."""
    permit(actor, "registry.hold", sample)
    held = _locked(sample)
    which = one_of(HoldKind, kind, field="kind")
    return Hold.objects.create(
        sample=held, kind=which, reason=said(reason, field="reason", most=1000), set_by=person_of(actor)
    )


@verb
def release_hold(*, actor: Actor, hold: Hold, reason: str) -> Hold:
    """Let a sample go on, with a reason. Raises `Conflict` ("hold-released")."""
    held = Hold.objects.select_for_update(of=("self",)).select_related("sample__batch__owner").get(pk=hold.pk)
    permit(actor, "registry.hold", held.sample)
    if held.released_at is not None:
        raise conflict("hold-released", "This hold was released before.", "Look at the sample again.")
    held.released_at, held.released_by = timezone.now(), person_of(actor)
    held.release_reason = said(reason, field="reason", most=1000)
    held.save(update_fields=["released_at", "released_by", "release_reason"])
    return held
