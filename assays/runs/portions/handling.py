"""Verbs of a portion on the bench: prepared, weighed in, put away."""

from datetime import datetime
from decimal import Decimal

from assays.catalogue.models import Equipment
from assays.runs.models import Portion, PortionEvent, Preparation, StorePlace
from assays.runs.portions import permissions  # noqa: F401  # permissions register by name
from assays.runs.portions.arguments import check_equipment, check_moment, check_places, held, moment
from assays.runs.portions.rules import STEPS_OF, grams, sound_mass, tolerance_g
from assays.runs.rules import (
    PORTION_TRANSITIONS,
    STEP_LABELS,
    PortionEventKind,
    PortionKind,
    PortionState,
    Step,
)
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.registry.arguments import bounded, one_of, person_of, said

#: what an oven of a laboratory reaches, in °C
OVEN_C = (Decimal(20), Decimal(400))


@verb
def prepare_portion(
    *,
    actor: Actor,
    portion: Portion,
    step: str,
    before_g: Decimal,
    after_g: Decimal,
    at: datetime,
    temperature_c: Decimal | None = None,
    minutes: int | None = None,
    sieve_um: int | None = None,
    passing_pct: Decimal | None = None,
    equipment: Equipment | None = None,
    note: str = "",
    seen_g: Decimal | None = None,
) -> Preparation:
    """Record one step of preparing all that is left of a portion: masses in g before and after, °C, minutes, sieve in µm.

    What is left afterwards is `after_g`, never more than before. Raises `Invalid` ("step-impossible", "mass-balance": it does not weigh what the record says,
    "preparation-masses-in-order", "drying-temperature", "sieve-whole", …) or `Conflict` ("portion-gone", "portion-changed").
    """
    permit(actor, "portions.handle", portion)
    now = held(portion, seen_g=seen_g)
    check_moment(at, after=now.made_at)
    what = one_of(Step, step, field="step")
    if what not in STEPS_OF[PortionKind(now.kind)]:
        message = f"A {now.get_kind_display().lower()} is not {STEP_LABELS[what].lower()}."
        raise invalid("step-impossible", message, "Choose another step, or split it first.", field="step")
    _check_masses(now, before_g, after_g)
    _check_facts(what, temperature_c, sieve_um, passing_pct)
    check_equipment(equipment, now.laboratory)
    made = Preparation.objects.create(
        portion=now,
        step=what,
        before_g=before_g,
        after_g=after_g,
        temperature_c=temperature_c,
        minutes=minutes,
        sieve_um=sieve_um,
        passing_pct=passing_pct,
        equipment=equipment,
        note=bounded(" ".join(note.split()), field="note", most=500),
        at=at,
        recorded_by=person_of(actor),
    )
    now.left_g = min(after_g, now.left_g)
    now.save(update_fields=["left_g"])
    return made


def _check_masses(portion: Portion, before_g: Decimal, after_g: Decimal) -> None:
    sound_mass(before_g, field="before_g")
    sound_mass(after_g, field="after_g")
    if after_g > before_g:
        message = f"{grams(after_g)} afterwards is more than {grams(before_g)} before."
        raise invalid(
            "preparation-masses-in-order", message, "Are they the wrong way round?", field="after_g"
        )
    if abs(before_g - portion.left_g) > tolerance_g(portion.left_g):
        message = f"By the record {grams(portion.left_g)} of {portion} is there, not {grams(before_g)}."
        remedy = "Weigh it again; what was taken from it is recorded first, as used or as a part."
        raise invalid("mass-balance", message, remedy, field="before_g")


def _check_facts(
    step: Step, temperature_c: Decimal | None, sieve_um: int | None, passing_pct: Decimal | None
) -> None:
    low, high = OVEN_C
    if step == Step.DRY and temperature_c is None:
        raise invalid(
            "drying-temperature",
            "Drying has a temperature.",
            "Say at how many °C; air-dry is that of the room.",
            field="temperature_c",
        )
    if temperature_c is not None and not low <= temperature_c <= high:
        message = f"{temperature_c} °C is no temperature of an oven."
        raise invalid("drying-temperature", message, f"{low} to {high} °C.", field="temperature_c")
    whole = (sieve_um is None) == (passing_pct is None)
    if not whole or (passing_pct is not None and not (0 <= passing_pct <= 100 and sieve_um)):
        message = "A sieve has an opening in µm and a share that passed, 0 to 100 %."
        raise invalid("sieve-whole", message, "Give both, or leave both empty.", field="passing_pct")


@verb
def use_portion(
    *, actor: Actor, portion: Portion, mass_g: Decimal, reason: str, at: datetime | None = None
) -> PortionEvent:
    """Take a mass in g away from a portion for good: weighed in, spilt, used in a test; the last of it uses it up.

    Raises `Invalid` ("mass-not-positive", "field-required", …) or `Conflict` ("portion-gone", "portion-too-small").
    """
    permit(actor, "portions.handle", portion)
    sound_mass(mass_g, field="mass_g")
    why = said(reason, field="reason", most=500)
    now = held(portion)
    when = moment(at, now)
    if mass_g > now.left_g:
        message = f"{grams(now.left_g)} of {now} is left: {grams(mass_g)} cannot come from it."
        raise conflict(
            "portion-too-small", message, "Weigh it again, or take another portion.", field="mass_g"
        )
    now.left_g -= mass_g
    if not now.left_g:
        check_transition(PORTION_TRANSITIONS, PortionState(now.state), PortionState.USED_UP)
        now.state = PortionState.USED_UP
    now.save(update_fields=["left_g", "state"])
    return PortionEvent.objects.create(
        portion=now,
        kind=PortionEventKind.USED,
        mass_g=mass_g,
        reason=why,
        at=when,
        recorded_by=person_of(actor),
    )


@verb
def store_portion(
    *, actor: Actor, portion: Portion, place: StorePlace, at: datetime | None = None
) -> PortionEvent:
    """Put a portion away at a place of its laboratory.

    Raises `Invalid` ("place-elsewhere", …) or `Conflict` ("portion-gone", "place-retired").
    """
    permit(actor, "portions.handle", portion)
    now = held(portion)
    check_places([place], now.laboratory)
    when = moment(at, now)
    now.place = place
    now.save(update_fields=["place"])
    return PortionEvent.objects.create(
        portion=now, kind=PortionEventKind.STORED, place=place, at=when, recorded_by=person_of(actor)
    )
