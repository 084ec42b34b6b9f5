"""Photographs kept and shown: the verb, and who may see which."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from lims import files
from lims.accounts.models import Organisation, User
from lims.errors import NotFound, Place, Problem, invalid
from lims.ids import uuid7
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry import permissions  # noqa: F401  # permissions register by name
from samples.registry.arguments import person_of
from samples.registry.models import Photograph, Sample
from samples.registry.pictures import tidy

#: what else lets a person see a photograph; higher floors add theirs (a consignment that one carries)
REACHES: Final[list[Callable[[User], Q]]] = []


def visible_photographs(user: User) -> QuerySet[Photograph]:
    """Return the photographs that a person may see: those of one's samples, and where a higher floor's facts reach."""
    rows = Photograph.objects.visible_to(user)
    if user.oversees:
        return rows
    reached = Q(added_by=user)
    for reach in REACHES:
        reached |= reach(user)
    return Photograph.objects.filter(
        Q(pk__in=rows.values("pk")) | Q(pk__in=Photograph.objects.filter(reached).values("pk"))
    )


@verb
def keep_photograph(
    *,
    actor: Actor,
    owner: Organisation,
    content: bytes,
    sample: Sample | None = None,
    taken_at: datetime | None = None,
    photograph_id: UUID | None = None,
) -> Photograph:
    """Keep a picture (JPEG or PNG) for an owner, of a bag or of something else; `photograph_id` a client-made UUIDv7.

    It is kept within 1600 px and 400 kB and without EXIF: what is larger or tells a place is made anew.
    Raises `Invalid` ("photograph-empty", "photograph-too-large", "photograph-unreadable", "sample-of-another-owner")
    or `Conflict` ("id-used").
    """
    permit(actor, "registry.photograph", owner)
    if sample is not None and sample.batch.owner_id != owner.pk:
        raise invalid(
            "sample-of-another-owner", f"{sample} is another owner's.", "Name its owner.", field="sample"
        )
    picture = tidy(content)
    return Photograph.objects.create(
        id=photograph_id or uuid7(),
        owner=owner,
        sample=sample,
        sha256=files.put(picture.content),
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        size=len(picture.content),
        taken_at=taken_at,
        added_by=person_of(actor),
    )


def photograph_for(user: User, photograph: UUID) -> Photograph:
    """Return a photograph that the person may see. Raises `NotFound` ("photograph-unknown")."""
    found = visible_photographs(user).filter(pk=photograph).first()
    if found is None:
        raise NotFound(
            Problem(
                "photograph-unknown",
                "There is no such photograph.",
                "Look at the bag again.",
                Place(field="id"),
            )
        )
    return found
