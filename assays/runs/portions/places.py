"""Verbs of store places: named rooms, shelves and boxes of a laboratory."""

from django.utils import timezone

from assays.runs.models import StorePlace
from assays.runs.portions import permissions  # noqa: F401  # permissions register by name
from assays.runs.portions.arguments import check_places
from assays.runs.rules import PortionState
from lims.accounts.models import Organisation
from lims.errors import conflict
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry.arguments import said


@verb
def add_place(
    *, actor: Actor, laboratory: Organisation, name: str, inside: StorePlace | None = None
) -> StorePlace:
    """Add a place of a laboratory, inside another of its places or not.

    Raises `Invalid` ("place-elsewhere", "field-required", …) or `Conflict` ("store-place-once", "place-retired").
    """
    permit(actor, "portions.handle", laboratory)
    words = said(name, field="name", most=60)
    if inside is not None:
        check_places([inside], laboratory)
    return StorePlace.objects.create(laboratory=laboratory, name=words, inside=inside)


@verb
def retire_place(*, actor: Actor, place: StorePlace) -> StorePlace:
    """Let nothing be put into a place any more. Raises `Conflict` ("place-retired", "place-not-empty")."""
    permit(actor, "portions.handle", place)
    held = StorePlace.objects.select_for_update(of=("self",)).get(pk=place.pk)
    if held.retired_at is not None:
        raise conflict("place-retired", f"{held} is no longer used.", "There is nothing to do.")
    standing = held.portions.filter(state=PortionState.HELD).count()
    inside = held.places.filter(retired_at=None).count()
    if standing or inside:
        message = f"{standing} portions and {inside} places are in {held}."
        raise conflict("place-not-empty", message, "Put them elsewhere first.", field="place")
    held.retired_at = timezone.now()
    held.save(update_fields=["retired_at"])
    return held
