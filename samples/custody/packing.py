"""Verbs of packing: sealed bags put in and taken out again, and a consignment given up before it leaves."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from lims.errors import Invalid, Place, Problem
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.manifest import held_consignment, seals_on
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent
from samples.custody.rules import CONSIGNMENT_TRANSITIONS, ConsignmentState, EventKind, ItemState
from samples.registry.arguments import person_of, said
from samples.registry.models import Sample
from samples.registry.rules import SampleState


@verb
def pack(*, actor: Actor, consignment: Consignment, samples: Sequence[Sample]) -> list[ConsignmentItem]:
    """Put sealed bags into a consignment, all or none.

    Raises `Invalid` with a problem for each bag ("sample-not-sealed", "sample-of-another-owner", "sample-withdrawn",
    "bag-received", "bag-disposed") or `Conflict` ("sample-in-one-consignment", "consignment-item-once",
    "consignment-not-so").
    """
    permit(actor, "custody.pack", consignment)
    held = held_consignment(consignment, ConsignmentState.PACKING)
    ids = [sample.pk for sample in samples]
    found = list(
        Sample.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=ids)
        .select_related("batch", "tag")
        .order_by("pk")
    )
    sealed, received, gone = seals_on(ids), in_laboratory(ids), _disposed(ids)
    masses = sealed_masses(ids)
    problems = [
        problem
        for sample in found
        if (
            problem := _unfit(
                sample,
                held,
                is_sealed=sample.pk in sealed,
                was_received=sample.pk in received,
                is_gone=sample.pk in gone,
            )
        )
    ]
    if problems:
        raise Invalid(*problems)
    return ConsignmentItem.objects.bulk_create(
        ConsignmentItem(consignment=held, sample=sample, sealed_mass_g=masses[sample.pk]) for sample in found
    )


def sealed_masses(samples: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Return the gross mass (g) at which each bag was sealed last, by its id; one query."""
    events = CustodyEvent.objects.filter(sample__in=list(samples), kind=EventKind.SEALED)
    return {
        event.sample_id: event.gross_mass_g or Decimal(0)
        for event in events.order_by("at", "id")
        if event.sample_id is not None
    }


def in_laboratory(samples: Sequence[UUID]) -> set[UUID]:
    """Return which of these bags a laboratory has: they do not travel to one again, unless it sent them back."""
    there = [ItemState.RECEIVED, ItemState.UNEXPECTED]
    rows = ConsignmentItem.objects.filter(sample__in=list(samples), state__in=there)
    last = rows.order_by("sample", "-received_at", "-id").distinct("sample")
    return {sample for sample, back in last.values_list("sample", "consignment__returning") if not back}


def _disposed(samples: Sequence[UUID]) -> set[UUID]:
    rows = CustodyEvent.objects.filter(sample__in=list(samples), kind=EventKind.DISPOSED)
    return set(rows.values_list("sample", flat=True))


def _unfit(
    sample: Sample, consignment: Consignment, *, is_sealed: bool, was_received: bool, is_gone: bool
) -> Problem | None:
    place = Place(field="samples")
    if sample.batch.owner_id != consignment.owner_id:
        return Problem("sample-of-another-owner", f"{sample} is another owner's.", "Leave it.", place)
    if sample.state == SampleState.WITHDRAWN:
        return Problem("sample-withdrawn", f"{sample} was withdrawn.", "It travels nowhere.", place)
    if is_gone:
        return Problem("bag-disposed", f"{sample} was disposed of.", "It travels nowhere.", place)
    if was_received:
        return Problem("bag-received", f"{sample} is in a laboratory already.", "Leave it there.", place)
    if not is_sealed:
        return Problem("sample-not-sealed", f"{sample} carries no seal.", "Seal the bag first.", place)
    return None


@verb
def unpack(*, actor: Actor, item: ConsignmentItem) -> None:
    """Take a bag out of a consignment that is being packed. Raises `Conflict` ("consignment-not-so")."""
    permit(actor, "custody.pack", item.consignment)
    held_consignment(item.consignment, ConsignmentState.PACKING)
    item.delete()


@verb
def cancel_consignment(*, actor: Actor, consignment: Consignment, reason: str) -> Consignment:
    """Give a consignment up while it is being packed: its bags are free again, and its papers give back what they held.

    Raises `Invalid` ("field-required") or `Conflict` ("consignment-not-so").
    """
    permit(actor, "custody.pack", consignment)
    held = held_consignment(consignment, ConsignmentState.PACKING)
    check_transition(CONSIGNMENT_TRANSITIONS, ConsignmentState(held.state), ConsignmentState.CANCELLED)
    # A bag is in one consignment at a time; the record keeps that it was in this one.
    held.items.all().delete()
    held.state, held.cancel_reason = ConsignmentState.CANCELLED, said(reason, field="reason", most=500)
    held.cancelled_at, held.cancelled_by = timezone.now(), person_of(actor)
    held.save(update_fields=["state", "cancel_reason", "cancelled_at", "cancelled_by"])
    return held
