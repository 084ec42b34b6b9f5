"""Verbs of blocks: reserved for a coordinator who takes them along, and given back."""

import rules
from django.utils import timezone

from lims.accounts.models import Organisation, User
from lims.errors import conflict, invalid, not_permitted
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry import permissions  # noqa: F401  # permissions register by name
from samples.registry.arguments import bounded, person_of
from samples.registry.models import Tag, TagBlock
from samples.registry.services import issue_tags


@verb
def reserve_tags(
    *, actor: Actor, owner: Organisation, coordinator: User, count: int, note: str = ""
) -> TagBlock:
    """Issue an owner's next `count` tags (1 to 1000) for one coordinator: nobody else puts them on bags until released.

    Raises as `issue_tags`, and `Invalid` ("coordinator-unfit", "text-too-long").
    """
    permit(actor, "registry.manage", owner)
    if not rules.has_perm("registry.register", coordinator, owner):
        raise invalid(
            "coordinator-unfit",
            f"{coordinator.name} registers no samples for {owner}.",
            "Choose one of the owner's coordinators.",
            field="coordinator",
        )
    words = bounded(" ".join(note.split()), field="note", most=200)
    tags = issue_tags(actor=actor, owner=owner, count=count)
    block = TagBlock.objects.create(
        owner=owner,
        coordinator=coordinator,
        first=tags[0].code,
        last=tags[-1].code,
        count=count,
        note=words,
        reserved_by=person_of(actor),
    )
    Tag.objects.filter(pk__in=[tag.pk for tag in tags]).update(block=block)
    return block


@verb
def release_block(*, actor: Actor, block: TagBlock) -> TagBlock:
    """Let everybody of the owner's use the rest of a block: by its coordinator, or a manager of the owner's.

    Raises `Conflict` ("block-released") or `NotPermitted`.
    """
    permit(actor, "registry.manage", block.owner)
    user = person_of(actor)
    own = user is not None and block.coordinator_id == user.pk
    if user is not None and not own and not rules.has_perm("registry.any_tags", user, block.owner):
        raise not_permitted(
            "not-permitted",
            f"The block is reserved for {block.coordinator.name}.",
            "Ask them, or a manager, to release it.",
        )
    held = TagBlock.objects.select_for_update(of=("self",), no_key=True).get(pk=block.pk)
    if held.released_at is not None:
        raise conflict("block-released", f"{held} was released before.", "Its tags are everybody's already.")
    held.released_at, held.released_by = timezone.now(), user
    held.save(update_fields=["released_at", "released_by"])
    return held
