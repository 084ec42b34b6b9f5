"""The verb of ignition: what a dried sample lost in the furnace."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from assays.runs.models import Ignition
from assays.runs.portions.arguments import check_moment
from assays.runs.portions.rules import grams, sound_mass
from assays.runs.services import DECIDE
from lims.errors import invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from lims.work.services import request
from samples.registry.arguments import person_of
from samples.registry.models import Sample

#: what a muffle furnace is set to for a loss on ignition, in °C
FURNACE_C: Final = (Decimal(300), Decimal(1300))


@verb
def record_ignition(
    *,
    actor: Actor,
    sample: Sample,
    dry_g: Decimal,
    ignited_g: Decimal,
    temperature_c: Decimal,
    measured_at: datetime,
) -> Ignition:
    """Record what a sample, dried before, lost on ignition: masses in g, temperature in °C; the newest record counts.

    The ignited mass may be above the dry one: iron takes up oxygen. Raises `Invalid` ("mass-not-positive", "ignition-masses-sensible", "furnace-temperature", "date-in-future").
    """
    permit(actor, "runs.weigh", sample)
    check_moment(measured_at, field="measured_at")
    sound_mass(dry_g, field="dry_g")
    sound_mass(ignited_g, field="ignited_g")
    if ignited_g > dry_g * 2:
        message = f"{grams(ignited_g)} ignited is more than twice {grams(dry_g)} dry."
        raise invalid("ignition-masses-sensible", message, "Is the crucible in it?", field="ignited_g")
    low, high = FURNACE_C
    if not low <= temperature_c <= high:
        message = f"{temperature_c} °C is no temperature of a furnace."
        raise invalid("furnace-temperature", message, f"{low} to {high} °C.", field="temperature_c")
    made = Ignition.objects.create(
        sample=sample,
        dry_g=dry_g,
        ignited_g=ignited_g,
        temperature_c=temperature_c,
        measured_at=measured_at,
        recorded_by=person_of(actor),
    )
    request(DECIDE, key=sample.batch_id)
    return made
