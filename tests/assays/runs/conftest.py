"""The bench of quality control, whose batch the laboratory tests, and runs on it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures


@pytest.fixture
def tested(bench: Any) -> Any:  # noqa: F811  # a fixture
    """Return the bench, its laboratory testing the batch."""
    from samples.registry import services  # noqa: PLC0415  # models exist only once Django is set up

    services.add_party(
        actor=bench.ground.manager,
        batch=bench.ground.batch,
        organisation=bench.laboratory,
        part="TESTER",
    )
    return bench


@pytest.fixture
def good_run(tested: Any, crm: Any, blank: Any) -> Callable[..., Any]:  # noqa: F811  # fixtures
    """Return a function that makes a reported run of two samples with QC that passes (or reads `rm` of 20 ± 1)."""

    def make(number: str = "HY26000001", *, rm: str = "20.4", state: str = "REPORTED") -> Any:
        one, two = tested.sample(), tested.sample()
        run = tested.run(number)
        rows = [
            ("RM 20", crm, {"Dy": rm, "Tb": "3"}),
            ("Limestone", blank, {"Dy": "<0.05", "Tb": "<0.01"}),
            (one.tag.code, one, {"Dy": "28.40", "Tb": "5.1"}),
            (two.tag.code, two, {"Dy": "<0.05", "Tb": "NSS"}),
        ]
        tested.report(run, rows, state=state)
        tested.evaluate(run)
        return run

    return make
