"""Verbs of sealing, papers and dispatch; those of packing, the road, receiving and incidents have modules of their own."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind
from lims.errors import Conflict, conflict, invalid
from lims.ids import uuid7
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.happenings import Here, check_here, happened
from samples.custody.manifest import against_dispatch, held_consignment, let_see, manifest_digest, next_code
from samples.custody.models import (
    Consignment,
    Document,
    DocumentCheck,
    Route,
    Scale,
    Seal,
)
from samples.custody.packing import cancel_consignment, pack, unpack
from samples.custody.papers.drawdown import against_documents
from samples.custody.routes.legs import start_legs
from samples.custody.rules import CONSIGNMENT_TRANSITIONS, ConsignmentState, DocumentKind, EventKind
from samples.custody.whole_mass import check_drying
from samples.registry.arguments import one_of, person_of, said
from samples.registry.models import Sample
from samples.registry.rules import SampleState, check_mass

__all__ = [
    "cancel_consignment",
    "dispatch",
    "pack",
    "record_document",
    "record_dose_rate",
    "seal_sample",
    "start_consignment",
    "unpack",
]


@verb
def seal_sample(
    *,
    actor: Actor,
    sample: Sample,
    maker: str,
    number: str,
    mass_g: Decimal,
    here: Here,
    scale: Scale | None = None,
    drying_loss_g: Decimal | None = None,
) -> Seal:
    """Put a numbered seal on a bag and record its sealed gross mass (g), weighed on which scale.

    `drying_loss_g` is what the bag lost by drying since it was weighed last, as declared.

    Raises `Invalid` ("mass-not-positive", "date-in-future", …) or `Conflict` ("seal-used", "seal-one-on-a-bag",
    "sample-withdrawn").
    """
    permit(actor, "custody.pack", sample)
    check_here(here)
    check_mass(mass_g)
    check_drying(drying_loss_g)
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
        scale=scale,
        drying_loss_g=drying_loss_g,
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
    consignment_id: UUID | None = None,
    route: Route | None = None,
) -> Consignment:
    """Begin to pack a consignment for a carrier and a laboratory, on a route; `consignment_id` a client-made UUIDv7.

    Raises `Invalid` ("part-does-not-fit", "route-of-another-owner", "route-retired") or `Conflict` ("id-used").
    """
    permit(actor, "custody.pack", owner)
    for organisation, kind, field in (
        (carrier, OrganisationKind.CARRIER, "carrier"),
        (destination, OrganisationKind.LABORATORY, "destination"),
    ):
        if organisation.kind != kind:
            message = f"{organisation} is no {kind.lower()}."
            raise invalid("part-does-not-fit", message, "Choose one.", field=field)
    _check_route(route, owner)
    return Consignment.objects.create(
        id=consignment_id or uuid7(),
        code=next_code(),
        owner=owner,
        carrier=carrier,
        destination=destination,
        planned_arrival=planned_arrival,
        route=route,
        created_by=person_of(actor),
    )


def _check_route(route: Route | None, owner: Organisation) -> None:
    if route is None:
        return
    if route.owner_id != owner.pk:
        message = f"{route} is a route of somebody else."
        raise invalid("route-of-another-owner", message, "Choose one of the owner's.", field="route")
    if route.retired_at is not None:
        raise invalid("route-retired", f"{route} is no longer in use.", "Choose another.", field="route")


@verb
def record_document(
    *,
    actor: Actor,
    consignment: Consignment,
    kind: str,
    reference: str = "",
    document: Document | None = None,
) -> DocumentCheck:
    """Say that a paper is there, with its number; a recorded document is drawn down at dispatch.

    Raises `Invalid` ("choice-unknown", "field-required", "document-of-another-owner", "document-other-kind") or
    `Conflict` ("document-once", "consignment-not-so").
    """
    permit(actor, "custody.pack", consignment)
    held = held_consignment(consignment, ConsignmentState.PACKING)
    what = one_of(DocumentKind, kind, field="kind")
    if document is not None:
        if document.owner_id != held.owner_id:
            message = f"{document.number} is a document of somebody else."
            raise invalid(
                "document-of-another-owner", message, "Choose one of the owner's.", field="document"
            )
        if document.kind != what:
            message = f"{document.number} is another paper: {document.get_kind_display()}."
            raise invalid("document-other-kind", message, "Choose one of this kind.", field="document")
        reference = document.number
    return DocumentCheck.objects.create(
        consignment=held,
        kind=what,
        reference=said(reference, field="reference", most=100),
        document=document,
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

    Raises `Conflict` with everything that stands against it (see `against_dispatch` and `against_documents`).
    """
    permit(actor, "custody.pack", consignment)
    check_here(here)
    held = held_consignment(consignment, ConsignmentState.PACKING)
    # Nobody withdraws or opens a bag while it is being sent off.
    bags = Sample.objects.select_for_update(of=("self",), no_key=True)
    list(bags.filter(consignment_items__consignment=held).order_by("pk").values_list("pk"))
    items = list(held.items.select_related("sample__tag", "sample__batch").order_by("sample__tag__code"))
    problems = against_dispatch(held, items) + against_documents(held, items, at=here.at, lock=True)
    if problems:
        raise Conflict(*problems)
    check_transition(CONSIGNMENT_TRANSITIONS, ConsignmentState(held.state), ConsignmentState.DISPATCHED)
    held.state, held.manifest_sha256 = ConsignmentState.DISPATCHED, manifest_digest(items)
    held.dispatched_at, held.dispatched_by = here.at, person_of(actor)
    held.save(update_fields=["state", "manifest_sha256", "dispatched_at", "dispatched_by"])
    let_see(held, items)
    facts: dict[str, Any] = {"consignment": held, "recorded_by": person_of(actor)}
    happened(EventKind.HANDED_OVER, here, from_organisation=held.owner, to_organisation=held.carrier, **facts)
    start_legs(held, here.at)
    after = replace(here, id=None, note="")
    happened(EventKind.DEPARTED, after, from_organisation=held.carrier, to_organisation=held.carrier, **facts)
    return held
