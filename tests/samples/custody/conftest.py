"""Bags of IREL's on their road to the Hyderabad laboratory, made by the services themselves."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.samples.registry import conftest as registry

ground, register = registry.ground, registry.register
#: the bags are sealed, leave, and arrive
SEALED = datetime(2026, 11, 4, 6, 0, tzinfo=UTC)
LEFT = SEALED + timedelta(hours=8)
CAME = SEALED + timedelta(days=5)


@pytest.fixture
def sealed(ground: Any, register: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that registers the n-th bag and seals it with "Acme A-<n>", at 2 150 g unless told."""
    from samples.custody import services  # noqa: PLC0415  # models exist only once Django is set up
    from samples.custody.happenings import Here  # noqa: PLC0415

    def one(n: int = 0, *, mass_g: int = 2150, **changed: Any) -> Any:
        sample = register(n, **changed)
        services.seal_sample(
            actor=ground.coordinator,
            sample=sample,
            maker="Acme",
            number=f"A-{n}",
            mass_g=Decimal(mass_g),
            here=Here(SEALED),
        )
        return sample

    return one


@pytest.fixture
def packing(ground: Any) -> Any:
    """Return a consignment that is being packed, with nothing in it."""
    from samples.custody import services  # noqa: PLC0415
    from tests.support.people import organisation  # noqa: PLC0415

    return services.start_consignment(
        actor=ground.coordinator,
        owner=ground.owner,
        carrier=organisation("hillroad"),
        destination=organisation("nfc"),
        planned_arrival=CAME,
    )


@pytest.fixture
def ready(ground: Any, packing: Any, sealed: Callable[..., Any]) -> Any:
    """Return a consignment with three sealed bags and all that it needs to leave."""
    from samples.custody import services  # noqa: PLC0415

    services.pack(actor=ground.coordinator, consignment=packing, samples=[sealed(n) for n in range(3)])
    complete(ground, packing)
    packing.refresh_from_db()
    return packing


def complete(ground: Any, consignment: Any) -> None:
    """Give a consignment its papers and a harmless dose rate."""
    from samples.custody import services  # noqa: PLC0415
    from samples.custody.rules import DocumentKind  # noqa: PLC0415

    for kind in DocumentKind:
        services.record_document(
            actor=ground.coordinator, consignment=consignment, kind=kind, reference=f"No. {kind[:3]}-17"
        )
    services.record_dose_rate(
        actor=ground.coordinator,
        consignment=consignment,
        instrument="RadEye 7",
        surface_usv_h=Decimal("0.31"),
        at_1m_usv_h=Decimal("0.12"),
    )


@pytest.fixture
def on_road(ground: Any, ready: Any) -> Any:
    """Return a consignment of three bags on the road."""
    from samples.custody import services  # noqa: PLC0415
    from samples.custody.happenings import Here  # noqa: PLC0415

    return services.dispatch(actor=ground.coordinator, consignment=ready, here=Here(LEFT))


@pytest.fixture
def receptionist(person: Callable[..., Any]) -> Any:
    """Return who receives bags at the laboratory."""
    return person("receptionist", "nfc")


@pytest.fixture
def custodian(person: Callable[..., Any]) -> Any:
    """Return who drives."""
    return person("custodian", "hillroad")


@pytest.fixture
def receive(ground: Any, receptionist: Any) -> Callable[..., Any]:
    """Return a function that receives the n-th bag of the ground as it was sealed, changed at will."""
    from samples.custody import receiving  # noqa: PLC0415
    from samples.custody.happenings import Here  # noqa: PLC0415

    def one(consignment: Any, n: int = 0, **changed: Any) -> Any:
        given = {
            "actor": receptionist,
            "tag": ground.tags[n],
            "mass_g": Decimal(2150),
            "seals": [("Acme", f"A-{n}")],
            "condition": "INTACT",
            "here": Here(CAME),
        }
        return receiving.receive_bag(consignment=consignment, **(given | changed))

    return one
