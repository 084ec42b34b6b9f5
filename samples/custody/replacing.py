"""A tag that was lost, or a bag that was filled into another: old tag to new tag, before two witnesses; the history follows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from lims.errors import Conflict, Invalid, Place, Problem, conflict, invalid
from lims.ids import uuid7
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.happenings import Here, check_here
from samples.custody.models import Outsider, TagReplacement
from samples.registry.arguments import bounded, person_of, said
from samples.registry.drafts import Draft, tag_problems
from samples.registry.finding import FORMERLY
from samples.registry.models import Photograph, Sample, Tag
from samples.registry.photographs import keep_photograph
from samples.registry.rules import SampleState, read_tag
from samples.registry.sample_queries import kept_for_others, tags_by_code

WITNESSES = 2


@verb
def replace_tag(
    *,
    actor: Actor,
    sample: Sample,
    new_tag: str,
    reason: str,
    witnesses: Sequence[tuple[str, str]],
    photograph: Photograph,
    here: Here,
    replacement_id: UUID | None = None,
) -> TagReplacement:
    """Put another of the owner's free tags on a bag; the old one is never used again. `witnesses`: name, document number.

    Raises `Invalid` ("witnesses-two", "field-required", "tag-unknown", "photograph-of-another-owner", …) or `Conflict`
    ("tag-used", "tag-reserved", "tag-replaced", "tag-same", "sample-withdrawn", "id-used", "replaced-before").
    """
    permit(actor, "custody.explain", sample)
    check_here(here)
    why, people = said(reason, field="reason", most=1000), _witnesses(witnesses)
    code = _code(new_tag)
    # The bag first, then the tag: whoever wants the same tag waits here, and finds it used.
    held = (
        Sample.objects.select_for_update(of=("self",), no_key=True)
        .select_related("tag", "batch__owner")
        .get(pk=sample.pk)
    )
    _check_bag(held, photograph, here.at)
    old, new = held.tag, _free(actor, held, code)
    held.tag = new
    held.save(update_fields=["tag"])
    old.replaced_at = here.at
    old.save(update_fields=["replaced_at"])
    first, second = (Outsider.objects.create(name=name, document=document) for name, document in people)
    return TagReplacement.objects.create(
        id=replacement_id or uuid7(),
        sample=held,
        old_tag=old,
        new_tag=new,
        reason=why,
        witness_one=first,
        witness_two=second,
        photograph=photograph,
        at=here.at,
        recorded_by=person_of(actor),
    )


@verb
def replace_tag_with_picture(
    *,
    actor: Actor,
    sample: Sample,
    new_tag: str,
    reason: str,
    witnesses: Sequence[tuple[str, str]],
    content: bytes,
    here: Here,
) -> TagReplacement:
    """Keep a photograph (JPEG or PNG) of the bag and replace its tag, both or neither. Raises as `replace_tag`."""
    permit(actor, "custody.explain", sample)
    kept = keep_photograph(
        actor=actor, owner=sample.batch.owner, sample=sample, content=content, taken_at=here.at
    )
    return replace_tag(
        actor=actor,
        sample=sample,
        new_tag=new_tag,
        reason=reason,
        witnesses=witnesses,
        photograph=kept,
        here=here,
    )


def _witnesses(told: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return names and document numbers of two people, tidy. Raises `Invalid`."""
    people = [
        (
            said(name, field="witnesses"),
            bounded(" ".join(document.split()), field="witnesses", most=100),
        )
        for name, document in told
    ]
    if len({(name.casefold(), document.casefold()) for name, document in people}) != WITNESSES:
        raise invalid(
            "witnesses-two",
            "A tag is replaced before two witnesses.",
            "Name two people who saw the old tag go and the new one on.",
            field="witnesses",
        )
    return people


def _code(text: str) -> str:
    try:
        return read_tag(text)
    except Invalid as error:
        raise Invalid(
            *(replace(problem, place=Place(field="new_tag")) for problem in error.problems)
        ) from error


def _check_bag(held: Sample, photograph: Photograph, at: datetime) -> None:
    if held.state == SampleState.WITHDRAWN:
        raise conflict("sample-withdrawn", f"{held} was withdrawn.", "It stays as it is.", field="sample")
    if photograph.owner_id != held.batch.owner_id:
        raise invalid(
            "photograph-of-another-owner",
            "The photograph was kept for another owner.",
            "Take one of this bag with its new tag.",
            field="photograph",
        )
    # What a phone tells late must not undo what came after it.
    later = TagReplacement.objects.filter(sample=held, at__gte=at).select_related("new_tag").first()
    if later is not None:
        message = f"The tag of this bag was replaced by {later.new_tag} at {later.at:%Y-%m-%d %H:%M} UTC."
        raise conflict("replaced-before", message, "Look at the bag: which tag is on it?", field="at")


def _free(actor: Actor, held: Sample, code: str) -> Tag:
    """Return the tag to put on, locked. Raises `Conflict` or `Invalid` if it cannot go on this bag."""
    if code == held.tag.code:
        raise conflict("tag-same", f"{held} has this tag.", "Take a free one.", field="new_tag")
    list(Tag.objects.select_for_update(no_key=True).filter(code=code).values_list("pk"))
    tags = tags_by_code(Tag.objects.all(), [code])
    kept = kept_for_others(tags.values(), person_of(actor), held.batch)
    asked = Draft(tag=code, mass_g=held.mass_g, collected_at=held.collected_at)
    found: list[Problem] = [
        replace(problem, place=Place(field="new_tag"))
        for problem in tag_problems([asked], tags, held.batch.owner_id, kept)
    ]
    if found:
        raise (Invalid if found[0].code == "tag-unknown" else Conflict)(*found)
    return tags[code]


def formerly(code: str) -> Q:
    """Return which samples had the tag with this code before."""
    return Q(pk__in=TagReplacement.objects.filter(old_tag__code=code).values("sample"))


FORMERLY.append(formerly)
