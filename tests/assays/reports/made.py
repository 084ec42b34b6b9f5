"""Decisions as a worker leaves them: made by the estimator from a case, stored with their certificates."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from assays.certificates.models import Certificate, Determination
from assays.chemistry.normalisation import CI_CHONDRITE
from assays.grading.estimator import answer, evaluate, read_case
from assays.grading.models import Decision, PinnedPolicy, Policy
from assays.runs.models import Run, RunItem
from lims.verbs import SystemActor, acting
from samples.registry import sample_services, services
from tests.support.people import organisation, person

COLLECTED = datetime(2026, 11, 3, 8, 50, tzinfo=UTC)
CRITERIA = [
    {"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3", "threshold_ppm": 25},
    {"analyte": "Tb", "metric": "grade", "oxide": "Tb4O7", "threshold_ppm": 4.0},
]
#: Dy and Tb of six samples, ppm of the element
GOOD = [
    ("30.1", "5.31"),
    ("28.4", "4.98"),
    ("33.0", "5.60"),
    ("31.2", "5.25"),
    ("29.5", "5.40"),
    ("32.3", "5.11"),
]
SHA = "a1" * 32


def ground(code: str = "PW-2") -> Any:
    """Return an open batch of IREL's at a mine of its own."""
    manager, owner = person("manager", "irel"), organisation("irel")
    mine = services.add_mine(
        actor=manager,
        owner=owner,
        code=code,
        name=f"Pangwa {code}",
        latitude=Decimal("26.049812"),
        longitude=Decimal("98.351234"),
        controlling_body="Village cooperative",
        deposit_type="Ion-adsorption clay over granite",
    )
    return services.open_batch(
        actor=manager, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="November 2026"
    )


def bags(batch: Any, count: int) -> list[Any]:
    """Return so many registered samples of 2.15 kg."""
    from samples.registry.models import TagSeries  # noqa: PLC0415

    manager = person("manager", "irel")
    if not TagSeries.objects.filter(owner=batch.owner).exists():
        services.start_tags(actor=manager, owner=batch.owner, prefix="KC")
    tags = services.issue_tags(actor=manager, owner=batch.owner, count=count)
    return [
        sample_services.register_sample(
            actor=manager, batch=batch, tag_code=tag.code, mass_g=Decimal(2150), collected_at=COLLECTED
        )
        for tag in tags
    ]


def policy(batch: Any, *, state: str = "IN_FORCE", criteria: Any = None, **changed: Any) -> Policy:
    """Return a policy of the batch's owner, in force unless told otherwise, and pinned to the batch."""
    given = {
        "owner": batch.owner,
        "name": "Clay, demonstration",
        "version": 1,
        "material_type": batch.material_type,
        "state": state,
        "basis": "total-fusion",
        "criteria": criteria or CRITERIA,
        "alpha": Decimal("0.05"),
        "alpha_reject": Decimal("0.01"),
        "rationale": "Agreed with the owner in October 2026.",
        "in_force_at": None if state == "DRAFT" else datetime(2026, 10, 1, tzinfo=UTC),
        "made_by": person("manager", "irel"),
    }
    with acting(SystemActor("tests"), verb_name="make_policy"):
        found = Policy.objects.filter(owner=batch.owner, name="Clay, demonstration", version=1).first()
        made = found or Policy.objects.create(**(given | changed))
        PinnedPolicy.objects.create(batch=batch, policy=made, at_receipt=True)
    return made


def case_of(samples: list[Any], values: list[tuple[str, str]], **changed: Any) -> dict[str, Any]:
    """Return the case of samples with their Dy and Tb (ppm of the element, or <limit)."""
    case: dict[str, Any] = {
        "policy": {
            "criteria": CRITERIA,
            "alpha": 0.05,
            "alpha_reject": 0.01,
            "weighting": "equal",
            "basis": "total-fusion",
            "bias": {"relative": 0.03, "df": 20},
        },
        "samples": [
            {
                "id": sample.tag.code,
                "site": f"pit {number + 1}",
                "basis": "total-fusion",
                "values": {"Dy": f"{dy} ppm", "Tb": f"{tb} ppm"},
            }
            for number, (sample, (dy, tb)) in enumerate(zip(samples, values, strict=True))
        ],
        "qc": {"Dy": "pass", "Tb": "pass"},
        "preliminary": False,
    }
    return case | changed


def certificate(samples: list[Any], number: str = "VA26000001") -> Certificate:
    """Return a certificate with all rare earths of these samples at 40 times chondrite, Tm below detection."""
    laboratory, technician = organisation("nfc"), person("technician", "nfc")
    with acting(SystemActor("tests"), verb_name="make_certificate"):
        run = Run.objects.create(laboratory=laboratory, kept_by=laboratory, number=number)
        made = Certificate.objects.create(
            run=run,
            purpose="RESULTS",
            number=number,
            version=1,
            preliminary=False,
            layout="als-csv",
            file_name=f"{number}.csv",
            sha256=SHA,
            rows=len(samples),
            determination_count=len(samples) * len(CI_CHONDRITE),
            digest="0" * 64,
            committed_by=technician,
        )
        for row, sample in enumerate(samples):
            item = RunItem.objects.create(run=run, label=sample.tag.code, kind="SAMPLE", sample=sample)
            Determination.objects.bulk_create(
                _determination(made, item, sample, row, column, element, chondrite)
                for column, (element, chondrite) in enumerate(CI_CHONDRITE.items())
            )
    return made


def _determination(
    made: Any, item: Any, sample: Any, row: int, column: int, element: str, chondrite: float
) -> Any:
    amount = Decimal(str(round(40 * chondrite, 6)))
    value = (
        {"limit": amount, "limit_ppm": amount, "qualifier": "<"}
        if element == "Tm"
        else {"value": amount, "ppm": amount}
    )
    return Determination(
        certificate=made,
        item=item,
        sample=sample,
        analyte=element,
        form="element",
        method_code="ME-MS81",
        raw=str(amount),
        unit="ppm",
        row=row + 1,
        column=column + 1,
        **value,
    )


def sources_of(samples: list[Any], found: Certificate | None, **changed: Any) -> dict[str, Any]:
    """Return where the case comes from, as a worker writes it."""
    certificates = []
    if found is not None:
        certificates = [
            {
                "id": str(found.pk),
                "number": found.number,
                "version": found.version,
                "sha256": found.sha256,
                "laboratory": "Hyderabad Assay Laboratory",
                "preliminary": found.preliminary,
            }
        ]
    sources: dict[str, Any] = {
        "reported": [sample.tag.code for sample in samples],
        "determinations": {},
        "certificates": certificates,
        "qc": [
            {
                "run": "VA26000001",
                "method": "ME-MS81",
                "analyte": element,
                "verdict": "PASS",
                "overridden": False,
                "reason": "2 reference materials inside 2 s.",
            }
            for element in ("Dy", "Tb")
        ],
        "exclusions": [],
        "incidents": {},
        "moisture": {},
    }
    return sources | changed


def decide(batch: Any, case: dict[str, Any], sources: dict[str, Any], **changed: Any) -> Decision:
    """Return a decision on this case, stored as the next of its batch."""
    said = answer(evaluate(read_case(case)))
    number = Decision.objects.filter(batch=batch).count() + 1
    with acting(SystemActor("tests"), verb_name="decide_batch"):
        return Decision.objects.create(
            **{
                "batch": batch,
                "number": number,
                "policy": Policy.objects.get(owner=batch.owner, version=1),
                "outcome": said["decision"],
                "provisional": said["provisional"],
                "retrospective": False,
                "sentence": said["sentence"],
                "criteria": said["criteria"],
                "warnings": said["warnings"],
                "case": case,
                "sources": sources,
                "factors_version": "IUPAC 2021",
                "code_version": "2026.1",
                "digest": f"{number:02x}{batch.pk.hex}".ljust(64, "0"),
            }
            | changed
        )


def decided(values: list[tuple[str, str]] | None = None, *, code: str = "PW-2", **changed: Any) -> Decision:
    """Return a decision on a new batch with its certificate; flagged unless other values are given."""
    batch = ground(code)
    policy(batch)
    given = values or GOOD
    samples = bags(batch, len(given))
    found = certificate(samples, f"VA-{code}")
    return decide(batch, case_of(samples, given, **changed), sources_of(samples, found))
