"""A run of the laboratory that waits for results, and two technicians who type them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.assays.certificates.conftest import commas, desk, elsewhere, refused  # noqa: F401  # fixtures
from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture


class Typing:
    """A run with a reference material and samples, its method, and what people type."""

    def __init__(self, stand: Any, material: Any, samples: int) -> None:
        from assays.catalogue import services  # noqa: PLC0415  # models exist only once Django is set up
        from assays.catalogue.models import Method  # noqa: PLC0415
        from assays.runs.models import RunItem  # noqa: PLC0415
        from lims.verbs import acting  # noqa: PLC0415
        from tests.support.people import person  # noqa: PLC0415

        self.bench, self.technician, self.laboratory = stand, stand.technician, stand.laboratory
        self.other = person("technician", "nfc", nick="second")
        self.method = Method.objects.get(code="ME-MS81")
        for analyte, oxide in (("Ho", ""), ("Nd", "Nd2O3")):
            services.set_method_analyte(
                actor=stand.manager,
                method=self.method,
                analyte=analyte,
                oxide=oxide,
                unit="%" if oxide else "ppm",
                lower_limit=Decimal("0.01"),
                upper_limit=Decimal(1000) if not oxide else Decimal(50),
            )
        self.run = stand.run("R-7")
        with acting(stand.system, verb_name="build"):
            self.items = [
                RunItem.objects.create(
                    run=self.run, label="R-7-01", kind="CRM", material=material, position=1
                )
            ]
            for place in range(2, samples + 2):
                # A batch of the tests has few samples; what else is in the rack are bottles of the same material.
                what = {"sample": stand.sample()} if place < 6 else {"material": material}
                known = {"kind": "SAMPLE" if "sample" in what else "CRM", "position": place, **what}
                self.items.append(RunItem.objects.create(run=self.run, label=f"R-7-{place:02}", **known))

    def begun(self, **given: Any) -> Any:
        """Begin to type the run's results."""
        from assays.certificates.entry.services import open_grid  # noqa: PLC0415

        return open_grid(actor=self.technician, run=self.run, **{"method": self.method} | given)

    def type(self, grid: Any, *cells: str, actor: Any = None, seen: int = 0) -> Any:
        """Save cells that are written as "row column text", both from 1."""
        from assays.certificates.entry.rules import Typed  # noqa: PLC0415
        from assays.certificates.entry.services import save_cells  # noqa: PLC0415

        typed = []
        for cell in cells:
            row, column, *text = cell.split(" ", 2)
            typed.append(Typed(self.items[int(row) - 1].pk, int(column) - 1, "".join(text), seen))
        return save_cells(actor=actor or self.technician, grid=grid, cells=typed)

    def submit(self, grid: Any, **given: Any) -> Any:
        """Submit what stands."""
        from assays.certificates.entry.committing import submit_grid  # noqa: PLC0415
        from assays.certificates.models import Grid  # noqa: PLC0415

        version = Grid.objects.get(pk=grid.pk).version
        return submit_grid(**{"actor": self.technician, "grid": grid, "version": version} | given)

    def texts(self, grid: Any) -> dict[tuple[str, int], str]:
        """Return what stands in the grid, by label and column (from 1)."""
        from assays.certificates.models import GridCell  # noqa: PLC0415

        rows = GridCell.objects.filter(grid=grid).select_related("item")
        return {(one.item.label, one.column + 1): one.raw for one in rows}


@pytest.fixture
def typing(tested: Any, crm: Any) -> Callable[..., Typing]:  # noqa: F811  # fixtures
    """Return a function that makes a run of so many samples to type results for."""
    return lambda samples=3: Typing(tested, crm, samples)
