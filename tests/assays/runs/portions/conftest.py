"""A technician at the bench of a laboratory that tests the batch, with a bag taken up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.assays.quality.conftest import bench, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture

TAKEN = datetime(2026, 11, 10, 9, 30, tzinfo=UTC)


class Store:
    """What the tests of portions stand on: the bench, and verbs in the technician's hands."""

    def __init__(self, made: Any) -> None:
        self.bench, self.technician, self.manager = made, made.technician, made.manager
        self.laboratory, self.owner = made.laboratory, made.ground.manager

    def bag(self, mass_g: str = "2000", **given: Any) -> Any:
        """Register a sample and take its bag up."""
        from assays.runs.portions import services  # noqa: PLC0415  # models exist only once Django is set up

        known = {"actor": self.technician, "mass_g": Decimal(mass_g), "at": TAKEN}
        sample = given.pop("sample", None) or self.bench.sample()
        return services.take_up_bag(sample=sample, **(known | given))

    def split(self, portion: Any, *parts: str, loss_g: str = "0", **given: Any) -> Any:
        """Split a portion; parts are written as "PULP 250"."""
        from assays.runs.portions import services  # noqa: PLC0415

        told = [part.split() for part in parts]
        known = {"actor": self.technician, "loss_g": Decimal(loss_g), "at": TAKEN + timedelta(hours=1)}
        return services.split_portion(
            portion=portion,
            parts=[services.Part(kind, Decimal(mass)) for kind, mass in told],
            **(known | given),
        )

    def place(self, name: str = "Shelf 1", **given: Any) -> Any:
        """Add a store place."""
        from assays.runs.portions import services  # noqa: PLC0415

        return services.add_place(actor=self.technician, laboratory=self.laboratory, name=name, **given)

    def rule(self, kind: str, days: int) -> Any:
        """Set how long portions of a kind are kept."""
        from assays.runs.portions import services  # noqa: PLC0415

        return services.set_retention_rule(
            actor=self.manager,
            laboratory=self.laboratory,
            kind=kind,
            days=days,
            rationale="Agreed with the owners.",
        )


@pytest.fixture
def store(tested: Any) -> Store:  # noqa: F811  # a fixture
    """Return the bench of portions."""
    return Store(tested)


@pytest.fixture
def refusal() -> Callable[..., str]:
    """Return a function that gives the code with which a verb refuses."""
    from lims.errors import DomainError  # noqa: PLC0415

    def code(verb: Callable[..., Any], /, *args: Any, **given: Any) -> str:
        with pytest.raises(DomainError) as told:
            verb(*args, **given)
        return told.value.problems[0].code

    return code
