"""A bench: a laboratory with methods and reference materials, and runs whose certificates say what a test wants."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.utils import timezone

from tests.samples.registry.conftest import Ground, ground, register  # noqa: F401  # fixtures

#: Dy in element form against 25 ppm Dy2O3 is 21.78 ppm
DY = {"Dy": ("Dy2O3", Decimal(25))}


class Bench:
    """The laboratory of the tests; rows of its certificates are (label, what it is, {"Dy": "28.4", "Tb@XRF": "<5"})."""

    def __init__(self, people: Callable[..., Any], site: Ground, registered: Callable[..., Any]) -> None:
        from lims.verbs import SystemActor  # noqa: PLC0415  # models exist only once Django is set up
        from tests.support.people import organisation  # noqa: PLC0415

        self.people, self.ground, self.registered = people, site, registered
        self.laboratory = organisation("nfc")
        self.technician, self.reviewer = people("technician", "nfc"), people("reviewer", "nfc")
        self.manager = people("manager", "nfc")
        self.system = SystemActor("tests")
        self.samples: list[Any] = []

    def sample(self) -> Any:
        """Register one more sample of the batch."""
        made = self.registered(len(self.samples))
        self.samples.append(made)
        return made

    def method(self, code: str = "ME-MS81", lod: str = "0.05", **given: Any) -> Any:
        """Add a method that reports Dy as the element, with a detection limit in ppm."""
        from assays.catalogue import services  # noqa: PLC0415

        known = {"name": code, "technique": "ICP-MS", "digestion": "Lithium borate", "basis": "total-fusion"}
        made = services.add_method(actor=self.manager, laboratory=self.laboratory, code=code, **known | given)
        if lod:
            services.set_method_analyte(
                actor=self.manager, method=made, analyte="Dy", unit="ppm", lower_limit=Decimal(lod)
            )
        return made

    def material(self, code: str, kind: str, basis: str = "total-fusion", **values: tuple[str, str]) -> Any:
        """Add a reference material or blank with certified values and standard deviations in ppm, by analyte."""
        from assays.catalogue import services  # noqa: PLC0415

        actor = self.people("administrator", "irel")
        made = services.add_material(actor=actor, code=code, kind=kind, description=code, maker="Nobody")
        for name, (value, sd) in values.items():
            named = {"analyte": name[:2], "oxide": name if "O" in name else ""}
            services.certify(
                actor=actor, material=made, basis=basis, value_ppm=Decimal(value), sd_ppm=Decimal(sd), **named
            )
        return made

    def run(self, number: str = "HY26000001") -> Any:
        """Open a run by its number."""
        from assays.runs.models import Run  # noqa: PLC0415
        from lims.verbs import acting  # noqa: PLC0415

        with acting(self.system, verb_name="open_run"):
            return Run.objects.create(number=number, laboratory=self.laboratory, kept_by=self.laboratory)

    def report(
        self,
        run: Any,
        rows: Sequence[tuple[str, Any, Mapping[str, str]]],
        *,
        purpose: str = "RESULTS",
        method: str = "ME-MS81",
        state: str = "APPROVED",
        ordered: bool | None = None,
    ) -> Any:
        """Record a certificate of a run; a second one of the same purpose supersedes the first."""
        from assays.certificates.models import Certificate, Determination  # noqa: PLC0415
        from lims.verbs import acting  # noqa: PLC0415

        with acting(self.system, verb_name="record"):
            old = Certificate.objects.standing().filter(run=run, purpose=purpose).first()
            version = old.version + 1 if old else 1
            made = Certificate.objects.create(
                run=run,
                purpose=purpose,
                number=run.number,
                version=version,
                supersedes=old,
                preliminary=False,
                layout="als-csv",
                file_name="x.csv",
                sha256=sha256(f"{run.pk}{purpose}{version}".encode()).hexdigest(),
                rows=len(rows),
                determination_count=sum(len(values) for _, _, values in rows),
                digest="0" * 64,
                committed_by=self.technician,
            )
            placed = purpose == "RESULTS" if ordered is None else ordered
            for number, (label, thing, values) in enumerate(rows, 1):
                item = self._item(run, label, thing, number if placed else None)
                Determination.objects.bulk_create(
                    _determination(made, item, cell, method, number, column)
                    for column, cell in enumerate(values.items(), 2)
                )
            self._submit(run, state)
        return made

    def _item(self, run: Any, label: str, thing: Any, position: int | None) -> Any:
        from assays.runs.models import RunItem  # noqa: PLC0415
        from samples.registry.models import Sample  # noqa: PLC0415

        twin = isinstance(thing, tuple)
        sample = thing[0] if twin else thing
        if isinstance(sample, Sample):
            what = {"kind": "DUPLICATE" if twin else "SAMPLE", "sample": sample}
        else:
            what = {"kind": thing.kind, "material": thing}
        place = {"position": position} | what
        return RunItem.objects.get_or_create(run=run, label=label, defaults=place)[0]

    def _submit(self, run: Any, state: str) -> None:
        from assays.certificates.queries import version_of  # noqa: PLC0415

        run.version, run.submitted_by, run.submitted_at = version_of(run), self.technician, timezone.now()
        for after in ("REPORTED", state):
            if run.state != after:
                run.state = after
                run.save(update_fields=["state", "version", "submitted_by", "submitted_at"])
        run.save(update_fields=["version"])

    def evaluate(self, run: Any, thresholds: Any = None) -> dict[str, Any]:
        """Evaluate a run and return what was found, by oxide or analyte."""
        from assays.quality.services import evaluate_run  # noqa: PLC0415

        found = evaluate_run(actor=self.system, run=run, thresholds=DY if thresholds is None else thresholds)
        return {one.oxide or one.analyte: one for one in found}


def _determination(
    certificate: Any, item: Any, cell: tuple[str, str], method: str, row: int, column: int
) -> Any:
    from assays.certificates.models import Determination  # noqa: PLC0415
    from assays.chemistry.oxides import OXIDES  # noqa: PLC0415

    name, _, code = cell[0].partition("@")
    raw = cell[1]
    sign = raw[0] if raw[0] in "<>" else ""
    numeric = raw[-1].isdigit()
    number = Decimal(raw.lstrip("<>")) if numeric else None
    is_oxide = name in OXIDES
    return Determination(
        certificate=certificate,
        item=item,
        sample=item.sample,
        analyte=name[:2].rstrip("2") if is_oxide else name,
        form="" if name in {"LOI", "Total"} else "oxide" if is_oxide else "element",
        oxide=name if is_oxide else "",
        method_code=code or method,
        raw=raw,
        qualifier=sign if numeric else "insufficient",
        value=None if sign else number,
        limit=number if sign else None,
        unit="%" if name in {"LOI", "Total"} else "ppm",
        ppm=None if sign or name in {"LOI", "Total"} else number,
        limit_ppm=number if sign else None,
        row=row,
        column=column,
    )


@pytest.fixture
def bench(person: Callable[..., Any], ground: Ground, register: Callable[..., Any]) -> Bench:  # noqa: F811  # fixtures
    """Return the bench, with the method ME-MS81 (LOD of Dy 0.05 ppm), a reference material and a limestone blank."""
    made = Bench(person, ground, register)
    made.method()
    return made


@pytest.fixture
def crm(bench: Bench) -> Any:
    """Return a reference material with 20 ± 1 ppm Dy."""
    return bench.material("RM 20", "CRM", Dy=("20", "1"))


@pytest.fixture
def blank(bench: Bench) -> Any:
    """Return a limestone whose own level of Dy nobody has certified."""
    return bench.material("Limestone", "BLANK")
