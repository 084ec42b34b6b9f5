"""The road of the demonstration's bags: sealed, packed, dispatched, handed on, received, by the verbs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from lims.accounts.models import Organisation, User
from samples.custody import receiving, road_services, services
from samples.custody.happenings import Here
from samples.custody.models import Consignment, Seal
from samples.custody.rules import DocumentKind
from samples.registry.models import Sample

#: invented places on the way: degrees north and east
PASS = (Decimal("25.861000"), Decimal("97.745000"))
BORDER = (Decimal("27.210000"), Decimal("96.120000"))


@dataclass(frozen=True, slots=True)
class Hands:
    """Through whose hands the bags go."""

    coordinator: User
    custodian: User
    receptionist: User
    owner: Organisation
    carrier: Organisation
    laboratory: Organisation


def seal_all(samples: Sequence[Sample], hands: Hands, first: int, at: datetime) -> None:
    """Seal every bag, a minute each, with seals numbered from `first`."""
    for count, sample in enumerate(samples):
        services.seal_sample(
            actor=hands.coordinator,
            sample=sample,
            maker="Tamtron",
            number=f"{first + count:07d}",
            mass_g=sample.mass_g + Decimal(12),
            here=Here(at + timedelta(minutes=count)),
        )


def packed(samples: Sequence[Sample], hands: Hands, arrival: datetime) -> Consignment:
    """Pack sealed bags with all their papers."""
    made = services.start_consignment(
        actor=hands.coordinator,
        owner=hands.owner,
        carrier=hands.carrier,
        destination=hands.laboratory,
        planned_arrival=arrival,
    )
    services.pack(actor=hands.coordinator, consignment=made, samples=samples)
    for count, kind in enumerate(DocumentKind):
        services.record_document(
            actor=hands.coordinator,
            consignment=made,
            kind=kind,
            reference=f"{made.code}/{count + 1} (invented)",
        )
    return services.record_dose_rate(
        actor=hands.coordinator,
        consignment=made,
        instrument="Survey meter 7 (invented)",
        surface_usv_h=Decimal("0.42"),
        at_1m_usv_h=Decimal("0.11"),
    )


def sent(samples: Sequence[Sample], hands: Hands, first_seal: int, started: datetime) -> Consignment:
    """Seal, pack and dispatch bags; they pass a checkpoint and the border."""
    seal_all(samples, hands, first_seal, started)
    made = packed(samples, hands, started + timedelta(days=6))
    left = started + timedelta(hours=8)
    services.dispatch(actor=hands.coordinator, consignment=made, here=Here(left))
    for kind, place, hours in (("CHECKPOINT", PASS, 9), ("BORDER_CROSSED", BORDER, 52)):
        at = left + timedelta(hours=hours)
        if at < timezone.now():
            here = Here(at, *place, accuracy_m=Decimal(12))
            road_services.record_event(actor=hands.custodian, consignment=made, kind=kind, here=here)
    return made


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
        )
    receiving.finish_receipt(
        actor=hands.receptionist,
        consignment=consignment,
        here=Here(at + timedelta(minutes=len(here_now) + 1)),
    )
