"""Portions on the demonstration's bench: bags taken up, dried, crushed, split, pulverised, thrown away, by the verbs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from django.utils import timezone

from assays.catalogue.models import Equipment
from assays.runs import services as runs
from assays.runs.models import Portion, StorePlace
from assays.runs.portions import services
from lims.accounts.models import Organisation, User
from samples.registry.models import Sample

#: kind of portion → days for which the laboratory keeps it, and why
RETENTION: Final = {
    "BAG": (30, "Until the pulps are there and reviewed (invented)."),
    "COARSE": (21, "Three weeks, unless the owner asks for longer (invented)."),
    "PULP": (180, "Half a year, for re-assays and umpires (invented)."),
}
#: moisture of the clays in per cent of the wet mass, in turns
MOISTURE: Final = ("12.4", "13.1", "11.8", "14.6", "12.9")
#: how much of each pulp passes 75 µm, in turns: one is too coarse
PASSING: Final = ("91", "88.5", "93", "81.5", "90")
PULP_G: Final = Decimal(250)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where portions are made, and with what."""

    technician: User
    equipment: Mapping[str, Equipment]
    shelf: StorePlace
    box: StorePlace


def set_up(
    laboratory: Organisation, technician: User, manager: User, equipment: Mapping[str, Equipment]
) -> Bench:
    """Say how long portions are kept, and where they stand."""
    for kind, (days, why) in RETENTION.items():
        services.set_retention_rule(actor=manager, laboratory=laboratory, kind=kind, days=days, rationale=why)
    room = services.add_place(actor=technician, laboratory=laboratory, name="Sample store")
    shelf, box = (
        services.add_place(actor=technician, laboratory=laboratory, name=name, inside=room)
        for name in ("Shelf 3, coarse rejects", "Box 12, pulps")
    )
    return Bench(technician, equipment, shelf, box)


def prepared(samples: Sequence[Sample], bench: Bench, at: datetime) -> list[tuple[Portion, Portion]]:
    """Take bags up, half an hour each, down to a coarse reject and a pulp; return these two of each."""
    return [
        _prepared(sample, bench, at + timedelta(minutes=30 * count), count)
        for count, sample in enumerate(samples)
    ]


def _prepared(sample: Sample, bench: Bench, at: datetime, count: int) -> tuple[Portion, Portion]:
    who = bench.technician
    bag = services.take_up_bag(actor=who, sample=sample, mass_g=sample.mass_g - 3, at=at)
    dry = _tenths(bag.made_g * (100 - Decimal(MOISTURE[count % len(MOISTURE)])) / 100)
    services.prepare_portion(
        actor=who,
        portion=bag,
        step="DRY",
        before_g=bag.made_g,
        after_g=dry,
        at=at + timedelta(hours=14),
        temperature_c=Decimal(60),
        minutes=720,
        equipment=bench.equipment["OVEN-1"],
    )
    crushed = dry - Decimal("3.5")
    services.prepare_portion(
        actor=who,
        portion=bag,
        step="CRUSH",
        before_g=dry,
        after_g=crushed,
        at=at + timedelta(hours=15),
        sieve_um=2000,
        passing_pct=Decimal(94),
    )
    split = services.split_portion(
        actor=who,
        portion=bag,
        parts=[
            services.Part("COARSE", crushed - PULP_G - 2, bench.shelf),
            services.Part("PULP", PULP_G, bench.box),
        ],
        loss_g=Decimal(2),
        at=at + timedelta(hours=16),
        method="Riffle, 12 chutes",
    )
    coarse, pulp = split.portions.order_by("label")
    services.prepare_portion(
        actor=who,
        portion=pulp,
        step="PULVERISE",
        before_g=PULP_G,
        after_g=PULP_G - Decimal("1.2"),
        at=at + timedelta(hours=17),
        minutes=4,
        sieve_um=75,
        passing_pct=Decimal(PASSING[count % len(PASSING)]),
        equipment=bench.equipment["MILL-4"],
    )
    return coarse, pulp


def _tenths(mass_g: Decimal) -> Decimal:
    return mass_g.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)


def old_ones(samples: Sequence[Sample], bench: Bench, at: datetime) -> None:
    """Prepare bags of a job that is over: one coarse reject was thrown away, one pulp went back, the rest may go."""
    made = prepared(samples, bench, at)
    day = timedelta(days=1)
    services.dispose_portion(
        actor=bench.technician,
        portion=made[0][0],
        reason="Its time was over; the pulp is kept (invented).",
        at=timezone.now() - 2 * day,
    )
    services.return_portion(
        actor=bench.technician,
        portion=made[1][1],
        reason="The owner wants it for leaching tests (invented).",
        at=timezone.now() - 3 * day,
    )


def weigh(sample: Sample, technician: User, at: datetime) -> None:
    """Record moisture and loss on ignition of a test portion of a sample."""
    runs.record_moisture(
        actor=technician,
        sample=sample,
        wet_g=Decimal("50.00"),
        dry_g=Decimal("43.55"),
        temperature_c=Decimal(105),
        measured_at=at,
    )
    services.record_ignition(
        actor=technician,
        sample=sample,
        dry_g=Decimal("2.0000"),
        ignited_g=Decimal("1.7756"),
        temperature_c=Decimal(1000),
        measured_at=at + timedelta(hours=4),
    )
