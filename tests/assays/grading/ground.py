"""A batch of eight samples at NFC, IREL's policy in force, and certificates of any content for them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from assays.catalogue import services as catalogue
from assays.certificates import services as certificates
from assays.certificates.models import Upload
from assays.certificates.reading import read
from assays.certificates.recording import record_certificate
from assays.certificates.writing import WrittenColumn, als_csv
from assays.demonstration.catalogue import CLAY
from assays.grading import services as grading
from assays.grading.models import Policy
from assays.runs.models import Run
from lims.accounts.models import Organisation, User
from lims.verbs import SystemActor
from samples.registry import sample_services, services
from samples.registry.models import Batch, Sample
from tests.support.people import organisation, person

TESTS = SystemActor("tests")
#: Dy and Tb of samples; label, Dy and Tb of QC readings: the text of cells, ppm
Pairs = list[tuple[str, str]]
Readings = list[tuple[str, str, str]]
COLUMNS = [WrittenColumn("NFC-MS", name, "ppm") for name in ("Dy", "Tb", "Th", "U")]
#: Dy and Tb of eight samples, plainly above 25 ppm Dy2O3 and 4 ppm Tb4O7
RICH = [("28.4", "4.55"), ("31.0", "4.98"), ("25.7", "4.12"), ("33.9", "5.40"), ("29.5", "4.70"), ("27.2", "4.36"),
        ("30.8", "4.93"), ("26.6", "4.20")]  # fmt: skip
POOR = [(f"{10 + n / 4:.2f}", f"{1.4 + n / 20:.2f}") for n in range(8)]
GOOD_QC = [("CRM-7", "24.1", "4.02"), ("LIME", "<0.05", "<0.01"), ("CRM-7", "23.8", "3.97")]


@dataclass
class Ground:
    """What the tests of decisions stand on."""

    owner: Organisation
    laboratory: Organisation
    manager: User
    second: User
    technician: User
    reviewer: User
    head: User
    batch: Batch
    samples: list[Sample]
    policy: Policy
    numbers: dict[str, int] = field(default_factory=dict)

    def written(self, number: str, values: Pairs, qc: Readings, **more: Any) -> bytes:
        """Return a certificate of this batch's samples."""
        return self.content(number, [sample.tag.code for sample in self.samples], values, qc, **more)

    @staticmethod
    def content(number: str, labels: list[str], values: Pairs, qc: Readings, **more: Any) -> bytes:
        """Return a certificate: QC readings (label, Dy, Tb) around the samples' values (Dy, Tb)."""
        th_u = more.pop("th_u", ("24.0", "5.6"))
        rows = [(label, [*pair, *th_u]) for label, pair in zip(labels, values, strict=False)]
        qc_rows = [(label, [dy, tb, "1.0", "0.5"]) for label, dy, tb in qc]
        rows = [*qc_rows[:2], *rows, *qc_rows[2:]]
        dates = {"received_on": date(2026, 3, 1), "finalized_on": date(2026, 3, 9)}
        return als_csv(number=number, client="NFC", columns=COLUMNS, rows=rows, **dates, **more)

    def upload(self, content: bytes, name: str = "certificate.csv") -> Upload:
        """Bring a file in; a worker is to read it."""
        return certificates.upload_certificate(
            actor=self.technician, kept_by=self.laboratory, name=name, content=content
        )

    def commit(self, number: str, content: bytes, purpose: str = "RESULTS") -> Run:
        """Bring a certificate in and commit it without a worker; what is due of it stays due."""
        upload = self.upload(content, f"{number}.csv")
        certificates.keep_reading(actor=TESTS, upload=upload, reading=read(content))
        upload = certificates.describe_upload(
            actor=self.technician, upload=upload, laboratory=self.laboratory, number=number, purpose=purpose
        )
        # Another laboratory than the layout's own: it is read again, with that one's methods.
        upload = certificates.keep_reading(actor=TESTS, upload=upload, reading=read(content))
        upload = certificates.commit_upload(actor=self.technician, upload=upload)
        made = record_certificate(
            actor=self.technician, upload=upload, reading=read(content), tell=lambda *_: None
        )
        return Run.objects.get(pk=made.run_id)


def make_ground() -> Ground:
    """Make it all, by the verbs."""
    manager, laboratory = person("manager", "irel"), organisation("nfc")
    make_catalogue(laboratory)
    batch = _batch(manager)
    policy = make_policy(manager, batch.owner)
    return Ground(
        owner=batch.owner,
        laboratory=laboratory,
        manager=manager,
        second=person("manager", "irel", nick="second"),
        technician=person("technician", "nfc"),
        reviewer=person("reviewer", "nfc"),
        head=person("manager", "nfc"),
        batch=batch,
        samples=list(Sample.objects.filter(batch=batch).select_related("tag", "batch").order_by("tag__code")),
        policy=policy,
    )


def make_policy(manager: User, owner: Organisation) -> Policy:
    """Put a policy for clay in force: 25 ppm Dy2O3 and 4 ppm Tb4O7."""
    policy = grading.make_policy(
        actor=manager,
        owner=owner,
        name="Clay for magnets",
        material_type="ION_ADSORPTION_CLAY",
        basis="total-fusion",
        criteria=CLAY,
        rationale="Agreed with the refinery",
    )
    return grading.put_in_force(actor=manager, policy=policy)


def make_catalogue(laboratory: Organisation) -> None:
    """Add NFC's method with its limits, a reference material near the thresholds, and a blank."""
    method = catalogue.add_method(
        actor=TESTS,
        laboratory=laboratory,
        code="NFC-MS",
        name="Rare earths",
        technique="ICP-MS",
        digestion="Fusion",
        basis="total-fusion",
        bias_relative=Decimal("0.03"),
        bias_evidence="24 reference materials, 2025",
    )
    for name, lower in (("Dy", "0.05"), ("Tb", "0.01"), ("Th", "0.05"), ("U", "0.05")):
        catalogue.set_method_analyte(
            actor=TESTS, method=method, analyte=name, unit="ppm", lower_limit=Decimal(lower)
        )
    crm = catalogue.add_material(actor=TESTS, code="CRM-7", kind="CRM", description="Clay", maker="Somebody")
    catalogue.add_material(actor=TESTS, code="LIME", kind="BLANK", description="Limestone", maker="Somebody")
    for name, value, sd in (("Dy", "24", "0.6"), ("Tb", "4", "0.1")):
        catalogue.certify(
            actor=TESTS,
            material=crm,
            analyte=name,
            basis="total-fusion",
            value_ppm=Decimal(value),
            sd_ppm=Decimal(sd),
        )


def _batch(manager: User) -> Batch:
    owner = organisation("irel")
    mine = services.add_mine(
        actor=manager,
        owner=owner,
        code="M1",
        name="Site 1",
        latitude=Decimal("26.1"),
        longitude=Decimal("98.4"),
        controlling_body="KIA",
        deposit_type="Ion-adsorption clay",
    )
    batch = services.open_batch(
        actor=manager, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="November", planned_count=8
    )
    services.add_party(actor=manager, batch=batch, organisation=organisation("nfc"), part="TESTER")
    services.start_tags(actor=manager, owner=owner, prefix="KC")
    for number, tag in enumerate(services.issue_tags(actor=manager, owner=owner, count=8)):
        sample_services.register_sample(
            actor=manager,
            batch=batch,
            tag_code=tag.code,
            mass_g=Decimal(2000 + number),
            collected_at=datetime(2026, 2, 3, 8, 0, tzinfo=UTC),
            site=f"Pit {number}",
        )
    return batch
