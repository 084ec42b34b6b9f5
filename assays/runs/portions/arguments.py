"""What the verbs of portions make of their arguments: a locked portion, a place, a moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from assays.catalogue.models import Equipment
from assays.runs.models import Portion, StorePlace
from assays.runs.portions.rules import grams
from assays.runs.rules import PORTION_STATE_LABELS, PortionState
from lims.accounts.models import Organisation
from lims.errors import conflict, invalid
from samples.registry.rules import CLOCK_SKEW, EARLIEST


def check_moment(at: datetime, *, after: datetime | None = None, field: str = "at") -> None:
    """Raise `Invalid` ("date-in-future", "date-too-old", "date-before-portion") for a time at which it was not done."""
    if at > timezone.now() + CLOCK_SKEW:
        message = f"{at:%Y-%m-%d %H:%M} has not come yet."
        raise invalid("date-in-future", message, "Check the year and the clock.", field=field)
    if at < EARLIEST:
        raise invalid("date-too-old", f"{at:%Y-%m-%d} is before 2000.", "Check the year.", field=field)
    if after is not None and at < after:
        message = f"At {at:%Y-%m-%d %H:%M} the portion was not there yet."
        raise invalid("date-before-portion", message, "Check the time.", field=field)


def moment(at: datetime | None, portion: Portion) -> datetime:
    """Return when something was done to a portion: now, unless a time is given. Raises as `check_moment`."""
    # A portion may be younger than now by what clocks differ.
    when = at or max(timezone.now(), portion.made_at)
    check_moment(when, after=portion.made_at)
    return when


def locked(portions: Sequence[Portion]) -> list[Portion]:
    """Return the portions, locked in key order, as they stand now."""
    rows = Portion.objects.select_for_update(of=("self",), no_key=True)
    ids = [portion.pk for portion in portions]
    return list(rows.select_related("laboratory", "sample__tag").filter(pk__in=ids).order_by("pk"))


def held(portion: Portion, *, seen_g: Decimal | None = None) -> Portion:
    """Return the portion, locked, if it is there. Raises `Conflict` ("portion-gone", "portion-changed").

    `seen_g` is what the person saw to be left, in g: if it is another mass by now, somebody else has worked on it.
    """
    now = locked([portion])[0]
    check_there(now)
    if seen_g is not None and seen_g != now.left_g:
        message = f"{grams(now.left_g)} of {now} is left, not {grams(seen_g)} as you saw."
        raise conflict("portion-changed", message, "Look at what was done to it.", field="left_g")
    return now


def check_there(portion: Portion) -> None:
    """Raise `Conflict` ("portion-gone") for a portion that is used up, returned or thrown away."""
    state = PortionState(portion.state)
    if state != PortionState.HELD:
        message = f"{portion} is {PORTION_STATE_LABELS[state].lower()}."
        raise conflict("portion-gone", message, "Look at what became of it.", field="portion")


def check_places(places: Iterable[StorePlace | None], laboratory: Organisation) -> None:
    """Lock places where something is to stand, in key order, so that nobody retires them meanwhile.

    Raises `Invalid` ("place-elsewhere") or `Conflict` ("place-retired").
    """
    ids = {place.pk for place in places if place is not None}
    if not ids:
        return
    rows = StorePlace.objects.select_for_update(no_key=True).filter(pk__in=ids)
    for place in rows.order_by("pk"):
        if place.laboratory_id != laboratory.pk:
            message = f"{place} is a place of another laboratory."
            raise invalid("place-elsewhere", message, "Choose one of yours.", field="place")
        if place.retired_at is not None:
            message = f"{place} is no longer used."
            raise conflict("place-retired", message, "Choose another place.", field="place")


def check_equipment(equipment: Equipment | None, laboratory: Organisation) -> None:
    """Raise `Invalid` ("equipment-elsewhere") or `Conflict` ("equipment-retired")."""
    if equipment is None:
        return
    if equipment.laboratory_id != laboratory.pk:
        message = f"{equipment} is another laboratory's."
        raise invalid("equipment-elsewhere", message, "Choose yours.", field="equipment")
    if equipment.retired_on is not None:
        message = f"{equipment} is no longer used."
        raise conflict("equipment-retired", message, "Choose another.", field="equipment")
