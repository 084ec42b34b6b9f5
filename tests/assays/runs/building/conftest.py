"""A bench with a method, a reference material near 20 ppm Dy, a blank, and pulps that wait."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture
from tests.assays.runs.portions.conftest import refusal, store  # noqa: F401  # fixtures


class Hall:
    """What runs are built from in the tests."""

    def __init__(self, made: Any, crm_: Any, blank_: Any) -> None:
        self.store, self.crm, self.blank = made, crm_, blank_
        self.technician, self.manager, self.laboratory = made.technician, made.manager, made.laboratory
        from assays.catalogue.models import Method  # noqa: PLC0415  # models exist only once Django is set up

        self.method = Method.objects.get(laboratory=made.laboratory, code="ME-MS81")

    def pulps(self, count: int) -> list[Any]:
        """Take bags up and split a pulp off each."""
        return [self.store.split(self.store.bag("500"), "PULP 500").portions.get() for _ in range(count)]

    def build(self, portions: list[Any] | int = 3, **given: Any) -> Any:
        """Build a run."""
        from assays.runs.building import services  # noqa: PLC0415  # models exist only once Django is set up

        made = self.pulps(portions) if isinstance(portions, int) else portions
        known = {"actor": self.technician, "laboratory": self.laboratory, "method": self.method, "seed": 1}
        return services.build_run(portions=made, **(known | given))

    def version(self, run: Any) -> str:
        """Return what a change of the rack is bound to."""
        from assays.runs.building.queries import rack_of  # noqa: PLC0415

        return rack_of(run).version

    def begin(self, run: Any, **given: Any) -> Any:
        """Begin a run."""
        from assays.runs.building import services  # noqa: PLC0415

        known = {"actor": self.technician, "version": self.version(run), "reason": "No coarse reject is kept"}
        return services.begin_run(run=run, **(known | given))


@pytest.fixture
def hall(store: Any, crm: Any, blank: Any) -> Hall:  # noqa: F811  # fixtures
    """Return the hall."""
    return Hall(store, crm, blank)


@pytest.fixture
def strip() -> Callable[..., list[str]]:
    """Return a function that tells what stands in a rack, in order."""

    def told(run: Any) -> list[str]:
        from assays.runs.building.queries import ordered_items  # noqa: PLC0415

        return [item.label for item in ordered_items(run)]

    return told
