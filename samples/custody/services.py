"""Verbs of sealing, packing, dispatch and the road; those of receiving and of incidents have modules of their own."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind
from lims.errors import Conflict, Invalid, Place, Problem, conflict, invalid
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.happenings import Here, check_here, happened
from samples.custody.manifest import against_dispatch, held_consignment, manifest_digest, seals_on
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent, DocumentCheck, Seal
from samples.custody.rules import (
    CONSIGNMENT_TRANSITIONS,
    ConsignmentState,
    DocumentKind,
    EventKind,
    ItemState,
)
from samples.registry.arguments import one_of, person_of, said
from samples.registry.models import BatchParty, Sample
from samples.registry.rules import Part, SampleState, check_mass


@verb
def seal_sample(
    *, actor: Actor, sample: Sample, maker: str, number: str, mass_g: Decimal, here: Here
) -> Seal:
    """Put a numbered seal on a bag and record its sealed gross mass (g).

    Raises `Invalid` ("mass-not-positive", "date-in-future", …) or `Conflict` ("seal-used", "seal-one-on-a-bag",
    "sample-withdrawn").
    """
    permit(actor, "custody.pack", sample)
    check_here(here)
    check_mass(mass_g)
    held = Sample.objects.select_for_update(of=("self",)).select_related("batch", "tag").get(pk=sample.pk)
    if held.state == SampleState.WITHDRAWN:
        raise conflict("sample-withdrawn", f"{held} was withdrawn.", "It travels nowhere.", field="sample")
    seal = Seal.objects.create(
        maker=" ".join(said(maker, field="maker", most=60).split()),
        number="".join(said(number, field="number", most=60).split()),
        sample=held,
        applied_at=here.at,
        applied_by=person_of(actor),
    )
    happened(
        EventKind.SEALED,
        here,
        sample=held,
        to_organisation_id=held.batch.owner_id,
        to_person=person_of(actor),
        gross_mass_g=mass_g,
        seals_found=[[seal.maker, seal.number]],
        recorded_by=person_of(actor),
    )
    return seal


@verb
def start_consignment(
    *,
    actor: Actor,
    owner: Organisation,
    carrier: Organisation,
    destination: Organisation,
    planned_arrival: datetime | None = None,
) -> Consignment:
    """Begin to pack a consignment for a carrier and a laboratory. Raises `Invalid` ("part-does-not-fit")."""
    permit(actor, "custody.pack", owner)
    for organisation, kind, field in (
        (carrier, OrganisationKind.CARRIER, "carrier"),
        (destination, OrganisationKind.LABORATORY, "destination"),
    ):
        if organisation.kind != kind:
            message = f"{organisation} is no {kind.lower()}."
            raise invalid("part-does-not-fit", message, "Choose one.", field=field)
    return Consignment.objects.create(
        code=_next_code(),
        owner=owner,
        carrier=carrier,
        destination=destination,
        planned_arrival=planned_arrival,
        created_by=person_of(actor),
    )


def _next_code() -> str:
    """Return the next code of the year; whoever comes second waits until the first has committed."""
    year = f"C{timezone.now():%y}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('custody.consignment_code'))")
    rows = Consignment.objects.filter(code__startswith=year).order_by("-code")
    last = rows.values_list("code", flat=True).first()
    return f"{year}{int(last.removeprefix(year)) + 1 if last else 1:04d}"


@verb
def pack(*, actor: Actor, consignment: Consignment, samples: Sequence[Sample]) -> list[ConsignmentItem]:
    """Put sealed bags into a consignment, all or none.

    Raises `Invalid` with a problem for each bag ("sample-not-sealed", "sample-of-another-owner", "sample-withdrawn",
    "bag-received") or `Conflict` ("sample-in-one-consignment", "consignment-item-once", "consignment-not-so").
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
    sealed = seals_on(ids)
    received = _received(ids)
    events = CustodyEvent.objects.filter(sample__in=found, kind=EventKind.SEALED)
    masses = {event.sample_id: event.gross_mass_g or Decimal(0) for event in events.order_by("at", "id")}
    problems = [
        problem
        for sample in found
        if (
            problem := _unfit(sample, held, is_sealed=sample.pk in sealed, was_received=sample.pk in received)
        )
    ]
    if problems:
        raise Invalid(*problems)
    return ConsignmentItem.objects.bulk_create(
        ConsignmentItem(consignment=held, sample=sample, sealed_mass_g=masses[sample.pk]) for sample in found
    )


def _received(samples: Sequence[UUID]) -> set[UUID]:
    """Return which of these bags a laboratory has: they do not travel to one again."""
    there = [ItemState.RECEIVED, ItemState.UNEXPECTED]
    rows = ConsignmentItem.objects.filter(sample__in=samples, state__in=there)
    return set(rows.values_list("sample", flat=True))


def _unfit(
    sample: Sample, consignment: Consignment, *, is_sealed: bool, was_received: bool
) -> Problem | None:
    place = Place(field="samples")
    if sample.batch.owner_id != consignment.owner_id:
        return Problem("sample-of-another-owner", f"{sample} is another owner's.", "Leave it.", place)
    if sample.state == SampleState.WITHDRAWN:
        return Problem("sample-withdrawn", f"{sample} was withdrawn.", "It travels nowhere.", place)
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
def record_document(*, actor: Actor, consignment: Consignment, kind: str, reference: str) -> DocumentCheck:
    """Say that a paper is there, with its number. Raises `Conflict` ("document-once", "consignment-not-so")."""
    permit(actor, "custody.pack", consignment)
    held = held_consignment(consignment, ConsignmentState.PACKING)
    return DocumentCheck.objects.create(
        consignment=held,
        kind=one_of(DocumentKind, kind, field="kind"),
        reference=said(reference, field="reference", most=100),
        given_by=person_of(actor),
    )


@verb
def record_dose_rate(
    *, actor: Actor, consignment: Consignment, instrument: str, surface_usv_h: Decimal, at_1m_usv_h: Decimal
) -> Consignment:
    """Record the dose rate at the surface and at 1 m, in µSv/h. Raises `Invalid` ("dose-rate-impossible")."""
    permit(actor, "custody.pack", consignment)
    held = held_consignment(consignment, ConsignmentState.PACKING)
    if not 0 <= at_1m_usv_h <= surface_usv_h < 10_000:
        raise invalid(
            "dose-rate-impossible",
            f"{surface_usv_h} µSv/h at the surface and {at_1m_usv_h} at 1 m cannot both be.",
            "It falls with distance: measure again.",
            field="surface_usv_h",
        )
    held.dose_surface_usv_h, held.dose_1m_usv_h = surface_usv_h, at_1m_usv_h
    held.dose_instrument = said(instrument, field="instrument", most=100)
    held.save(update_fields=["dose_surface_usv_h", "dose_1m_usv_h", "dose_instrument"])
    return held


@verb
def dispatch(*, actor: Actor, consignment: Consignment, here: Here) -> Consignment:
    """Lock the manifest and hand the consignment to its carrier.

    Raises `Conflict` with everything that stands against it (see `against_dispatch`).
    """
    permit(actor, "custody.pack", consignment)
    check_here(here)
    held = held_consignment(consignment, ConsignmentState.PACKING)
    # Nobody withdraws or opens a bag while it is being sent off.
    bags = Sample.objects.select_for_update(of=("self",), no_key=True)
    list(bags.filter(consignment_items__consignment=held).order_by("pk").values_list("pk"))
    items = list(held.items.select_related("sample__tag", "sample__batch").order_by("sample__tag__code"))
    problems = against_dispatch(held, items)
    if problems:
        raise Conflict(*problems)
    check_transition(CONSIGNMENT_TRANSITIONS, ConsignmentState(held.state), ConsignmentState.DISPATCHED)
    held.state, held.manifest_sha256 = ConsignmentState.DISPATCHED, manifest_digest(items)
    held.dispatched_at, held.dispatched_by = here.at, person_of(actor)
    held.save(update_fields=["state", "manifest_sha256", "dispatched_at", "dispatched_by"])
    _let_see(held, items)
    facts: dict[str, Any] = {"consignment": held, "recorded_by": person_of(actor)}
    happened(EventKind.HANDED_OVER, here, from_organisation=held.owner, to_organisation=held.carrier, **facts)
    after = Here(here.at, here.latitude, here.longitude, here.accuracy_m)
    happened(EventKind.DEPARTED, after, from_organisation=held.carrier, to_organisation=held.carrier, **facts)
    return held


def _let_see(consignment: Consignment, items: Sequence[ConsignmentItem]) -> None:
    """Let carrier and laboratory see the batches whose bags they get."""
    for batch in sorted({item.sample.batch_id for item in items}):
        for organisation, part in (
            (consignment.carrier, Part.HOLDER),
            (consignment.destination, Part.TESTER),
        ):
            BatchParty.objects.get_or_create(batch_id=batch, organisation=organisation, part=part)
