"""Reads of blocks and of what a tag is on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import rules
from django.db.models import Count, Q, QuerySet

from lims.accounts.models import User
from lims.errors import NotFound, Problem, invalid
from samples.registry.finding import called
from samples.registry.models import Sample, Tag, TagBlock
from samples.registry.queries import samples_for
from samples.registry.rules import read_tag, show_tag
from samples.registry.tags.rules import MOST_LABELS


@dataclass(frozen=True, slots=True)
class SeenBlock:
    """A block of tags: how many are on bags (or were), and whether its reader may give the rest back."""

    id: UUID
    owner: str
    first: str
    last: str
    count: int
    used: int
    coordinator: str
    note: str
    reserved_at: datetime
    reserved_by: str
    released_at: datetime | None
    released_by: str
    may_release: bool

    @property
    def unused(self) -> int:
        """Return how many are on no bag yet."""
        return self.count - self.used

    @property
    def percent(self) -> int:
        """Return how much of the block is used, in per cent."""
        return 100 * self.used // self.count


def blocks_for(user: User) -> QuerySet[TagBlock]:
    """Return the blocks that `user` may see, each with the number of its tags that are, or were, on a bag."""
    spent = Q(tags__sample__isnull=False) | Q(tags__replaced_at__isnull=False)
    rows = TagBlock.objects.visible_to(user).annotate(used=Count("tags", filter=spent))
    return rows.select_related("owner", "coordinator", "reserved_by", "released_by")


def block_for(user: User, pk: UUID | str) -> TagBlock:
    """Return one block that `user` may see. Raises `NotFound` ("block-unknown")."""
    found = blocks_for(user).filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem("block-unknown", "There is no such block of tags.", "Look at the page of tags.")
        )
    return found


def seen_blocks(user: User, blocks: Iterable[TagBlock]) -> list[SeenBlock]:
    """Return blocks as `user` sees them."""
    return [_seen(user, block) for block in blocks]


def _seen(user: User, block: TagBlock) -> SeenBlock:
    own = block.coordinator_id == user.pk and rules.has_perm("registry.manage", user, block.owner)
    may = own or rules.has_perm("registry.any_tags", user, block.owner)
    return SeenBlock(
        id=block.pk,
        owner=block.owner.name,
        first=show_tag(block.first),
        last=show_tag(block.last),
        count=block.count,
        used=block.used,  # type: ignore[attr-defined]  # annotated by blocks_for
        coordinator=block.coordinator.name,
        note=block.note,
        reserved_at=block.reserved_at,
        reserved_by=block.reserved_by.name if block.reserved_by else "",
        released_at=block.released_at,
        released_by=block.released_by.name if block.released_by else "",
        may_release=may and block.released_at is None,
    )


def tags_to_print(
    user: User, *, block: UUID | str | None = None, first: str = "", last: str = ""
) -> list[Tag]:
    """Return the tags of a block, or from one code to another, in order: those that were not replaced, with owners.

    Raises `NotFound` ("block-unknown", "tag-unknown") or `Invalid` ("tags-not-chosen", "count-out-of-range", …).
    """
    tags = Tag.objects.visible_to(user).filter(replaced_at=None).select_related("owner").order_by("code")
    if block:
        tags = tags.filter(block=block_for(user, block))
    elif first.strip():
        begin = read_tag(first)
        end = read_tag(last) if last.strip() else begin
        tags = tags.filter(code__gte=begin, code__lte=end, code__startswith=begin[:2])
    else:
        message = "Which tags shall be printed?"
        raise invalid(
            "tags-not-chosen", message, "Choose a block, or the first and the last tag.", field="first"
        )
    found = list(tags[: MOST_LABELS + 1])
    if not found:
        raise NotFound(Problem("tag-unknown", "None of these tags is yours.", "Look at the page of tags."))
    if len(found) > MOST_LABELS:
        message = f"More than {MOST_LABELS} labels at once."
        raise invalid("count-out-of-range", message, "Print them in parts.", field="last")
    return found


@dataclass(frozen=True, slots=True)
class TagOnBag:
    """What a tag is on, as far as one may know: its sample, or no bag yet; `formerly` when another took its place."""

    code: str
    sample: Sample | None
    formerly: bool


def look_up(user: User, text: str) -> TagOnBag:
    """Return what the tag in `text` (scanned or typed) is on. Raises `Invalid` (see `read_tag`) or `NotFound`.

    "tag-unknown" says the same of a tag that was never issued and of a bag that one may not see.
    """
    code = read_tag(text)
    sample = samples_for(user).filter(called(code)).first()
    if sample is not None:
        return TagOnBag(code, sample, formerly=sample.tag.code != code)
    if not Tag.objects.visible_to(user).filter(code=code, sample=None, replaced_at=None).exists():
        message = f"No bag that you know of has the tag {show_tag(code)}."
        raise NotFound(Problem("tag-unknown", message, "Ask whoever gave you the bag."))
    return TagOnBag(code, None, formerly=False)
