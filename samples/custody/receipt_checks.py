"""What is compared when a bag is received: seals, mass, clock; every difference opens an incident."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models.functions import Lower

from lims.transitions import check_transition
from samples.custody.checks import mass_off, seal_key, seals_differ
from samples.custody.happenings import open_incident
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent, Seal
from samples.custody.rules import SEAL_TRANSITIONS, Condition, IncidentKind, ItemState, SealState
from samples.registry.models import Sample

#: (maker, number) of each seal that was found
Seals = Sequence[tuple[str, str]]


def check_bag(consignment: Consignment, item: ConsignmentItem, event: CustodyEvent, found: Seals) -> None:
    """Open an incident for everything that is not as it was when the bag was sealed; a bag found opened ends its seals.

    `event` is its receipt: time, gross mass, condition; `found` are the seals that were on it.
    """
    sample = item.sample
    facts: dict[str, Any] = {"sample": sample, "consignment": consignment, "event": event}
    if item.state == ItemState.UNEXPECTED:
        open_incident(IncidentKind.UNEXPECTED_BAG, f"{sample} is not on the manifest.", **facts)
    applied = list(Seal.objects.filter(sample=sample, state=SealState.APPLIED))
    if seals_differ([(seal.maker, seal.number) for seal in applied], found):
        detail = f"Applied: {_names(applied)}; found: {', '.join(' '.join(one) for one in found) or 'none'}."
        open_incident(IncidentKind.SEAL_MISMATCH, detail, **facts)
    reused = _used_elsewhere(sample, found)
    if reused:
        open_incident(IncidentKind.SEAL_REUSED, f"Used before: {_names(reused)}.", **facts)
    if event.condition == Condition.OPENED:
        open_incident(IncidentKind.SEAL_BROKEN, "The bag was found opened.", **facts)
        _break_seals(sample, event)
    _check_mass(item, event, facts)
    if consignment.dispatched_at is not None and event.at < consignment.dispatched_at:
        detail = (
            f"Received at {_minute(event.at)} UTC, before it left at {_minute(consignment.dispatched_at)}."
        )
        open_incident(IncidentKind.CLOCK, detail, **facts)


def _check_mass(item: ConsignmentItem, event: CustodyEvent, facts: Mapping[str, Any]) -> None:
    """Open an incident if a bag does not weigh what it did when it was sealed, or when it was weighed last."""
    found = event.gross_mass_g
    assert found is not None
    weighed = CustodyEvent.objects.filter(sample=item.sample, gross_mass_g__isnull=False).exclude(pk=event.pk)
    last = weighed.order_by("-recorded_at", "-id").values_list("gross_mass_g", flat=True).first()
    off = [f"sealed at {_grams(item.sealed_mass_g)}"] if mass_off(found, item.sealed_mass_g) else []
    if last is not None and last != item.sealed_mass_g and mass_off(found, last):
        off.append(f"weighed last at {_grams(last)}")
    if off:
        detail = f"Received at {_grams(found)}; {', '.join(off)}."
        open_incident(IncidentKind.MASS_OUT_OF_TOLERANCE, detail, **facts)


def _used_elsewhere(sample: Sample, found: Seals) -> list[Seal]:
    """Return those of the seals found on a bag that were on another one, or were taken off or broken before."""
    keys = {seal_key(*one) for one in found}
    numbers = {number for _, number in keys}
    like = Seal.objects.annotate(plain=Lower("number")).filter(plain__in=numbers)
    others = like.exclude(sample=sample, state=SealState.APPLIED).order_by("pk")
    return [seal for seal in others if seal_key(seal.maker, seal.number) in keys]


def _break_seals(sample: Sample, event: CustodyEvent) -> None:
    """End the life of the seals on a bag that was found opened."""
    for seal in (
        Seal.objects.select_for_update().filter(sample=sample, state=SealState.APPLIED).order_by("pk")
    ):
        check_transition(SEAL_TRANSITIONS, SealState(seal.state), SealState.BROKEN)
        seal.state, seal.ended_at, seal.ended_by = SealState.BROKEN, event.at, event.recorded_by
        seal.save(update_fields=["state", "ended_at", "ended_by"])


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _grams(mass_g: Decimal) -> str:
    return f"{format(mass_g.normalize(), 'f')} g"


def _names(seals: Sequence[Seal]) -> str:
    return ", ".join(str(seal) for seal in seals) or "none"
