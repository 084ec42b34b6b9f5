"""A mine, a batch, tags and people, made by the services themselves."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

COLLECTED = datetime(2026, 11, 3, 8, 50, tzinfo=UTC)


class Ground(NamedTuple):
    """What most tests stand on."""

    coordinator: Any
    manager: Any
    owner: Any
    mine: Any
    batch: Any
    tags: list[str]


@pytest.fixture
def ground(person: Callable[..., Any]) -> Ground:
    """Return a mine and an open batch of IREL's, with ten free tags."""
    from samples.registry import services  # noqa: PLC0415  # models exist only once Django is set up
    from tests.support.people import organisation  # noqa: PLC0415

    coordinator, manager = person("field_coordinator", "irel"), person("manager", "irel")
    owner = organisation("irel")
    mine = services.add_mine(
        actor=manager,
        owner=owner,
        code="PW-2",
        name="Pangwa North",
        latitude=Decimal("26.049812"),
        longitude=Decimal("98.351234"),
        controlling_body="Village cooperative",
        deposit_type="Ion-adsorption clay over granite",
        township="Chipwi",
    )
    batch = services.open_batch(
        actor=coordinator,
        mine=mine,
        material_type="ION_ADSORPTION_CLAY",
        campaign="November 2026",
        planned_count=20,
    )
    services.start_tags(actor=manager, owner=owner, prefix="kc")
    tags = [tag.code for tag in services.issue_tags(actor=coordinator, owner=owner, count=10)]
    return Ground(coordinator, manager, owner, mine, batch, tags)


@pytest.fixture
def register(ground: Ground) -> Callable[..., Any]:
    """Return a function that registers a sample with the n-th tag of the ground, changed at will."""
    from samples.registry import sample_services  # noqa: PLC0415

    def one(n: int = 0, **changed: Any) -> Any:
        given = {
            "actor": ground.coordinator,
            "batch": ground.batch,
            "tag_code": ground.tags[n],
            "mass_g": Decimal(2150),
            "collected_at": COLLECTED,
        }
        return sample_services.register_sample(**(given | changed))

    return one
