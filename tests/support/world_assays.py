"""One of everything from the road to the decision, IREL's in the hands of Hill Road and NFC, made by the verbs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from assays.catalogue import services as catalogue
from assays.catalogue.library import services as library
from assays.catalogue.standing.services import grant_competence
from assays.certificates import services as certificates
from assays.certificates.entry.services import open_grid
from assays.certificates.models import Upload
from assays.certificates.profiles.services import add_profile
from assays.certificates.reading import read
from assays.certificates.recording import record_certificate
from assays.certificates.writing import WrittenColumn, als_csv
from assays.demonstration.catalogue import CLAY
from assays.grading import services as grading
from assays.grading.deciding import decide_batch
from assays.grading.thresholds import thresholds_of
from assays.quality import services as quality
from assays.quality.models import Investigation
from assays.reports.models import GradeReport
from assays.reports.rules import report_code
from assays.runs import services as runs
from lims import files
from lims.verbs import SystemActor, acting
from samples.custody import incident_services, services
from samples.custody.happenings import Here
from samples.custody.rules import DocumentKind
from samples.registry.models import Sample
from tests.support.people import organisation, person

TESTS = SystemActor("tests")
SEALED = datetime(2026, 1, 4, 6, 0, tzinfo=UTC)
COLUMNS = [WrittenColumn("NFC-MS", "Dy", "ppm"), WrittenColumn("NFC-MS", "Tb", "ppm")]


def make_catalogue() -> dict[str, Any]:
    """Add NFC's method and a reference material with what it holds of Dy."""
    method = catalogue.add_method(
        actor=TESTS,
        laboratory=organisation("nfc"),
        code="NFC-MS",
        name="Rare earths",
        technique="ICP-MS",
        digestion="Fusion",
        basis="total-fusion",
    )
    catalogue.set_method_analyte(
        actor=TESTS, method=method, analyte="Dy", unit="ppm", lower_limit=Decimal("0.05")
    )
    material = catalogue.add_material(
        actor=TESTS, code="CRM-7", kind="CRM", description="Clay", maker="Somebody"
    )
    catalogue.certify(
        actor=TESTS,
        material=material,
        analyte="Dy",
        basis="total-fusion",
        value_ppm=Decimal(24),
        sd_ppm=Decimal("0.6"),
    )
    library.keep_certificate(actor=TESTS, material=material, name="CRM-7.pdf", content=b"%PDF-1.7 of CRM-7")
    competence = grant_competence(
        actor=person("manager", "nfc"),
        method=method,
        person=person("technician", "nfc"),
        able_to="ANALYSE",
        valid_from=date(2026, 1, 1),
        valid_to=date(2036, 1, 1),
        evidence="Blind sample 7",
    )
    profile = add_profile(
        actor=TESTS,
        laboratory=organisation("nfc"),
        name="Agreed",
        conventions={"below": ["BDL"]},
        rationale="Said so by the laboratory",
    )
    return {"method": method, "material": material, "competence": competence, "profile": profile}


def written(number: str, *labels: str) -> bytes:
    """Return a certificate with these labels, each with a value of Dy and of Tb."""
    return als_csv(
        number=number,
        client="NFC",
        columns=COLUMNS,
        rows=[(label, ["36.5", "5.4"]) for label in labels],
        received_on=date(2026, 1, 12),
        finalized_on=date(2026, 1, 20),
    )


def read_in(number: str, *labels: str) -> Upload:
    """Bring a certificate in as far as its preview, without a worker."""
    content, laboratory = written(number, *labels), organisation("nfc")
    technician = person("technician", "nfc")
    upload = certificates.upload_certificate(
        actor=technician, kept_by=laboratory, name=f"{number}.csv", content=content
    )
    certificates.keep_reading(actor=TESTS, upload=upload, reading=read(content))
    upload = certificates.describe_upload(
        actor=technician, upload=upload, laboratory=laboratory, number=number, purpose="RESULTS"
    )
    # Another laboratory than the layout's own: it is read again, with that one's methods.
    return certificates.keep_reading(actor=TESTS, upload=upload, reading=read(content))


def committed(number: str, *labels: str) -> Any:
    """Bring a certificate in and commit it, without a worker; return the certificate."""
    upload, technician = read_in(number, *labels), person("technician", "nfc")
    upload = certificates.commit_upload(actor=technician, upload=upload)
    reading = read(written(number, *labels))
    return record_certificate(actor=technician, upload=upload, reading=reading, tell=lambda *_: None)


def make_road(sample: Sample) -> dict[str, Any]:
    """Send a sample on its way, and let somebody report an incident of it."""
    manager = person("manager", "irel")
    services.seal_sample(
        actor=manager,
        sample=sample,
        maker="Tamtron",
        number="0000017",
        mass_g=Decimal(2163),
        here=Here(SEALED),
    )
    consignment = services.start_consignment(
        actor=manager,
        owner=organisation("irel"),
        carrier=organisation("hillroad"),
        destination=organisation("nfc"),
    )
    item = services.pack(actor=manager, consignment=consignment, samples=[sample])[0]
    for kind in DocumentKind:
        services.record_document(actor=manager, consignment=consignment, kind=kind, reference="17/2026")
    services.record_dose_rate(
        actor=manager,
        consignment=consignment,
        instrument="7",
        surface_usv_h=Decimal("0.4"),
        at_1m_usv_h=Decimal("0.1"),
    )
    services.dispatch(actor=manager, consignment=consignment, here=Here(SEALED + timedelta(hours=2)))
    incident = incident_services.report_incident(
        actor=manager, kind="OFF_ROUTE", detail="Seen on another road", sample=sample, consignment=consignment
    )
    return {"consignment": consignment, "item": item, "incident": incident}


def make_decided(sample: Sample) -> dict[str, Any]:
    """Let a sample be analysed, reviewed and decided on; leave an upload in its preview and an override proposed."""
    manager, reviewer = person("manager", "irel"), person("reviewer", "nfc")
    certificate = committed("NFC26-1", sample.tag.code)
    policy = grading.make_policy(
        actor=manager,
        owner=organisation("irel"),
        name="Clay",
        material_type="ION_ADSORPTION_CLAY",
        basis="total-fusion",
        criteria=CLAY,
        rationale="Agreed",
    )
    policy = grading.put_in_force(actor=manager, policy=policy)
    grading.pin_policy(actor=TESTS, batch=sample.batch)
    run = certificate.run
    run.refresh_from_db()
    quality.evaluate_run(actor=TESTS, run=run, thresholds=thresholds_of(run))
    review = runs.approve_run(actor=reviewer, run=run, version=run.version)
    override = quality.propose_override(actor=reviewer, run=run, reason="No reference material was at hand")
    decision = decide_batch(actor=TESTS, batch=sample.batch)
    assert decision is not None
    with acting(TESTS, verb_name="print"):
        report = GradeReport.objects.create(
            decision=decision,
            code=report_code(decision.digest, decision.number),
            sha256=files.put(b"%PDF-1.7"),
        )
        investigation = Investigation.objects.create(
            run=run, version=run.version, analyte="Dy", opened_by=reviewer, finding="No reference material"
        )
    other = person("manager", "irel", nick="second_manager")
    exclusion = grading.exclude_sample(actor=other, sample=sample, reason="Wet when it was split")
    return {
        "certificate": certificate,
        "policy": policy,
        "run": run,
        "review": review,
        "override": override,
        "investigation": investigation,
        "decision": decision,
        "report": report,
        "exclusion": exclusion,
        "upload": read_in("NFC26-2", "WHO-KNOWS"),
        "grid": open_grid(actor=person("technician", "nfc"), run=run),
    }
