"""What is compared when a bag is received: seals, mass, clock; every difference opens an incident."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models.functions import Lower

from lims.transitions import check_transition
from samples.custody.checks import seal_key, seals_differ
from samples.custody.happenings import open_incident
from samples.custody.limits import limits_of
from samples.custody.mass_checks import check_mass
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
        named = {"tag": str(sample), "manifest": str(consignment)}
        open_incident(IncidentKind.UNEXPECTED_BAG, f"{sample} is not on the manifest.", facts=named, **facts)
    applied = list(Seal.objects.filter(sample=sample, state=SealState.APPLIED))
    if seals_differ([(seal.maker, seal.number) for seal in applied], found):
        detail = f"Applied: {_names(applied)}; found: {', '.join(' '.join(one) for one in found) or 'none'}."
        seals = {"applied": [str(seal) for seal in applied], "found": [" ".join(one) for one in found]}
        open_incident(IncidentKind.SEAL_MISMATCH, detail, facts=seals, **facts)
    reused = _used_elsewhere(sample, found)
    if reused:
        before = {"found": _names(reused), "applied_at": reused[0].applied_at.isoformat()}
        open_incident(IncidentKind.SEAL_REUSED, f"Used before: {_names(reused)}.", facts=before, **facts)
    if event.condition == Condition.OPENED:
        broken = {"condition": str(event.condition), "applied": [str(seal) for seal in applied]}
        open_incident(IncidentKind.SEAL_BROKEN, "The bag was found opened.", facts=broken, **facts)
        _break_seals(sample, event)
    limits = limits_of(consignment.owner_id)
    check_mass(event, sample=sample, consignment=consignment, sealed_g=item.sealed_mass_g, limits=limits)
    if consignment.dispatched_at is not None and event.at < consignment.dispatched_at:
        detail = (
            f"Received at {_minute(event.at)} UTC, before it left at {_minute(consignment.dispatched_at)}."
        )
        times = {"at": event.at.isoformat(), "dispatched_at": consignment.dispatched_at.isoformat()}
        open_incident(IncidentKind.CLOCK, detail, facts=times, **facts)


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


def _names(seals: Sequence[Seal]) -> str:
    return ", ".join(str(seal) for seal in seals) or "none"
