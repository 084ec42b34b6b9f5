"""Verbs of scales: added, retired, checked with a weight."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.utils import timezone

from lims.accounts.models import Organisation
from lims.errors import Invalid, conflict, invalid
from lims.ids import uuid7
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody.happenings import Here, check_here
from samples.custody.models import Scale, ScaleCheck
from samples.custody.scales import permissions  # noqa: F401  # permissions register by name
from samples.custody.scales.rules import shows_right
from samples.registry.arguments import person_of, said

#: what no bench or floor scale of ours carries, in g
LARGEST_G: Final = Decimal(1_000_000)


@verb
def add_scale(
    *, actor: Actor, owner: Organisation, name: str, division_g: Decimal, capacity_g: Decimal | None = None
) -> Scale:
    """Add a scale with the smallest step that it shows and the most that it carries, in g.

    Raises `Invalid` ("division-impossible", "capacity-impossible") or `Conflict` ("scale-name-once").
    """
    permit(actor, "custody.weigh", owner)
    if not 0 < division_g <= LARGEST_G:
        raise invalid(
            "division-impossible",
            f"A scale does not show steps of {division_g} g.",
            "Its division is printed on its plate, often as d = 5 g.",
            field="division_g",
        )
    if capacity_g is not None and not division_g < capacity_g <= LARGEST_G:
        raise invalid(
            "capacity-impossible",
            f"A scale with steps of {division_g} g does not carry {capacity_g} g at most.",
            "It is printed on its plate, often as Max 30 kg. Leave it out if it is not.",
            field="capacity_g",
        )
    return Scale.objects.create(
        owner=owner,
        name=said(name, field="name", most=60),
        division_g=division_g,
        capacity_g=capacity_g,
        created_by=person_of(actor),
    )


@verb
def retire_scale(*, actor: Actor, scale: Scale) -> Scale:
    """Let nobody choose a scale any more; what was weighed with it stays. Raises `Conflict` ("scale-retired")."""
    permit(actor, "custody.weigh", scale)
    held = _held(scale)
    held.retired_at = timezone.now()
    held.save(update_fields=["retired_at"])
    return held


@verb
def record_scale_check(
    *,
    actor: Actor,
    scale: Scale,
    nominal_g: Decimal,
    read_g: Decimal,
    at: datetime,
    check_id: UUID | None = None,
) -> ScaleCheck:
    """Record what a scale showed under a check weight, in g; `check_id` a client-made UUIDv7.

    Raises `Invalid` ("mass-not-positive", "mass-impossible", "date-in-future"), or `Conflict` ("scale-retired", "id-used").
    """
    permit(actor, "custody.weigh", scale)
    check_here(Here(at))
    if nominal_g <= 0 or nominal_g > LARGEST_G:
        raise _unfit("mass-not-positive", f"A check weight of {nominal_g} g cannot be.", "nominal_g")
    if abs(read_g) > LARGEST_G:
        raise _unfit("mass-impossible", f"The scale does not show {read_g} g.", "read_g")
    held = _held(scale)
    return ScaleCheck.objects.create(
        id=check_id or uuid7(),
        scale=held,
        nominal_g=nominal_g,
        read_g=read_g,
        passed=shows_right(nominal_g, read_g, held.division_g),
        at=at,
        checked_by=person_of(actor),
    )


def _unfit(code: str, message: str, field: str) -> Invalid:
    return invalid(code, message, "Masses are in grams.", field=field)


def _held(scale: Scale) -> Scale:
    """Return the scale, locked, if it is in use. Raises `Conflict` ("scale-retired")."""
    held = Scale.objects.select_for_update(of=("self",), no_key=True).select_related("owner").get(pk=scale.pk)
    if held.retired_at is not None:
        raise conflict("scale-retired", f"{held} is retired.", "Choose another scale.", field="scale")
    return held
