"""The road of the demonstration's bags: sealed, packed, dispatched, handed on, received, by the verbs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from assays.demonstration.equipment import FERRY, PASS, check_scale
from assays.demonstration.pictures import bag, sheet
from lims.accounts.models import Organisation, User
from samples.custody import receiving, road_services, services
from samples.custody.happenings import Here
from samples.custody.models import Consignment, Document, PaperForm, Route, Scale, Seal
from samples.custody.papers import form_services
from samples.custody.rules import DocumentKind
from samples.registry.models import Sample
from samples.registry.photographs import keep_photograph
from samples.registry.rules import show_tag

#: of how many bags one is photographed, the last of each batch among them
EVERY = 8


@dataclass(frozen=True, slots=True)
class Hands:
    """Through whose hands the bags go."""

    coordinator: User
    custodian: User
    receptionist: User
    owner: Organisation
    carrier: Organisation
    laboratory: Organisation
    route: Route
    field_scale: Scale
    door_scale: Scale
    papers: Mapping[DocumentKind, Document]
    #: filled in by hand at the ferry, where there is no network
    form: PaperForm


def seal_all(samples: Sequence[Sample], hands: Hands, first: int, at: datetime) -> None:
    """Seal every bag, a minute each, with seals numbered from `first`, on a scale that was checked in the morning."""
    check_scale(hands.coordinator, hands.field_scale, at - timedelta(minutes=20))
    for count, sample in enumerate(samples):
        services.seal_sample(
            actor=hands.coordinator,
            sample=sample,
            maker="Tamtron",
            number=f"{first + count:07d}",
            mass_g=sample.mass_g + Decimal(12),
            here=Here(at + timedelta(minutes=count)),
            scale=hands.field_scale,
        )
        if (len(samples) - 1 - count) % EVERY == 0:
            keep_photograph(
                actor=hands.coordinator,
                owner=hands.owner,
                sample=sample,
                content=bag(show_tag(sample.tag.code), f"{first + count:07d}", sample.batch.material_type),
                taken_at=at + timedelta(minutes=count),
            )


def packed(samples: Sequence[Sample], hands: Hands, arrival: datetime) -> Consignment:
    """Pack sealed bags with all their papers."""
    made = services.start_consignment(
        actor=hands.coordinator,
        owner=hands.owner,
        carrier=hands.carrier,
        destination=hands.laboratory,
        planned_arrival=arrival,
        route=hands.route,
    )
    services.pack(actor=hands.coordinator, consignment=made, samples=samples)
    for count, kind in enumerate(DocumentKind):
        document = hands.papers.get(kind)
        services.record_document(
            actor=hands.coordinator,
            consignment=made,
            kind=kind,
            reference="" if document else f"{made.code}/{count + 1} (invented)",
            document=document,
        )
    return services.record_dose_rate(
        actor=hands.coordinator,
        consignment=made,
        instrument="Survey meter 7 (invented)",
        surface_usv_h=Decimal("0.42"),
        at_1m_usv_h=Decimal("0.11"),
    )


def sent(
    samples: Sequence[Sample], hands: Hands, first_seal: int, started: datetime, *, on_paper: bool = False
) -> Consignment:
    """Seal, pack and dispatch bags; they pass the ferry and the border. `on_paper`: handed on at the ferry, on a form."""
    seal_all(samples, hands, first_seal, started)
    made = packed(samples, hands, started + timedelta(days=6))
    left = started + timedelta(hours=8)
    services.dispatch(actor=hands.coordinator, consignment=made, here=Here(left))
    now, ferry, border = timezone.now(), left + timedelta(hours=9), left + timedelta(hours=52)
    if ferry < now:
        here = Here(ferry, *FERRY, accuracy_m=Decimal(12), place="N'Mai ferry")
        road_services.record_event(actor=hands.custodian, consignment=made, kind="CHECKPOINT", here=here)
    if ferry < now and on_paper:
        _handed_on_paper(made, hands, ferry + timedelta(minutes=25), len(samples))
    if border < now:
        here = Here(border, *PASS, accuracy_m=Decimal(12), place="Pangsau Pass")
        road_services.record_event(actor=hands.custodian, consignment=made, kind="BORDER_CROSSED", here=here)
    return made


def _handed_on_paper(consignment: Consignment, hands: Hands, at: datetime, bags: int) -> None:
    """Key in the form of a hand-over at the ferry, beside its photograph."""
    lines = (
        ("Consignment", consignment.code),
        ("From", hands.custodian.name),
        ("To", "Sai Lin Htet"),
        ("Document", "ferry permit 0417"),
        ("Place", "N'Mai ferry"),
        ("Time", f"{timezone.localtime(at):%d %b %Y, %H:%M}"),
        ("Bags, seals whole", str(bags)),
    )
    picture = keep_photograph(
        actor=hands.coordinator,
        owner=hands.owner,
        content=sheet("Custody form", hands.form.number, lines),
        taken_at=at,
    )
    form_services.enter_form(
        actor=hands.coordinator,
        paper=hands.form,
        photograph=picture,
        consignment=consignment,
        kind="HANDED_OVER",
        here=Here(at, place="N'Mai ferry", note="Keyed in from the form; names are invented."),
        to_name="Sai Lin Htet",
        to_document="ferry permit 0417",
        condition="INTACT",
    )


def received(
    consignment: Consignment,
    samples: Sequence[Sample],
    hands: Hands,
    at: datetime,
    *,
    light: Sequence[int] = (),
    missing: int = 0,
) -> None:
    """Receive the bags one by one; those numbered in `light` weigh less than they did, the last `missing` are not there."""
    here_now = list(samples)[: len(samples) - missing]
    check_scale(hands.receptionist, hands.door_scale, at - timedelta(minutes=30))
    for count, sample in enumerate(here_now):
        seal = Seal.objects.get(sample=sample)
        receiving.receive_bag(
            actor=hands.receptionist,
            consignment=consignment,
            tag=sample.tag.code,
            mass_g=sample.mass_g + Decimal(12) - Decimal(160 if count in light else 3),
            seals=[(seal.maker, seal.number)],
            condition="INTACT",
            here=Here(at + timedelta(minutes=count)),
            scale=hands.door_scale,
        )
    receiving.finish_receipt(
        actor=hands.receptionist,
        consignment=consignment,
        here=Here(at + timedelta(minutes=len(here_now) + 1)),
    )
