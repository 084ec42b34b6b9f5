"""Every pair of states of runs, uploads, overrides and policies, in Python and in PostgreSQL itself."""

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from assays.catalogue.models import Method
from assays.certificates.models import Certificate, Upload
from assays.certificates.rules import UPLOAD_TRANSITIONS
from assays.grading.models import Policy
from assays.grading.rules import POLICY_TRANSITIONS
from assays.quality.models import QcOverride
from assays.quality.rules import OVERRIDE_TRANSITIONS
from assays.runs.models import Portion, Run
from assays.runs.rules import PORTION_TRANSITIONS, RUN_TRANSITIONS
from lims.errors import Conflict
from lims.transitions import check_transition
from lims.verbs import SystemActor, acting
from tests.assays.grading.ground import make_ground
from tests.support.people import organisation, person

pytestmark = pytest.mark.django_db

MACHINES: dict[type[models.Model], Any] = {
    Run: RUN_TRANSITIONS,
    Upload: UPLOAD_TRANSITIONS,
    QcOverride: OVERRIDE_TRANSITIONS,
    Policy: POLICY_TRANSITIONS,
    Portion: PORTION_TRANSITIONS,
}
PAIRS = [
    pytest.param(model, before, after, id=f"{model.__name__}-{before}-{after}")
    for model, table in MACHINES.items()
    for before in table
    for after in table
    if before != after
]


def run_of(**more: Any) -> Run:
    nfc = organisation("nfc")
    return Run.objects.create(laboratory=nfc, kept_by=nfc, **({"number": "NFC-1"} | more))


def method() -> Method:
    told = {"name": "M", "technique": "ICP-MS", "digestion": "Fusion", "basis": "total-fusion"}
    return Method.objects.get_or_create(laboratory=organisation("nfc"), code="M-1", defaults=told)[0]


def certificate() -> Certificate:
    technician = person("technician", "nfc")
    run = run_of(
        number="NFC-9", state="REPORTED", version="v", submitted_by=technician, submitted_at=timezone.now()
    )
    return Certificate.objects.create(
        run=run, purpose="RESULTS", number="NFC-9", version=1, preliminary=False, layout="als-csv", file_name="a.csv",
        sha256="1" * 64, rows=1, determination_count=1, digest="2" * 64, committed_by=technician,
    )  # fmt: skip


def needs(model: type[models.Model], state: str) -> dict[str, Any]:  # noqa: PLR0911  # a line for each table
    """Return what a row must have beside its state."""
    now = timezone.now()
    if model is Run and state == "PLANNED":
        return {"method": method(), "built_by": person("technician", "nfc")}
    if model is Portion:
        return {"left_g": 2000 if state == "HELD" else 0}
    if model is Run and state != "OPEN":
        return {"version": "v", "submitted_by": person("technician", "nfc"), "submitted_at": now}
    if model is Upload:
        return {"certificate": certificate() if state == "COMMITTED" else None}
    if model is QcOverride:
        other = {"second_by": person("manager", "nfc"), "second_at": now}
        return other if state != "PROPOSED" else {"second_by": None, "second_at": None}
    if model is Policy:
        return {
            "in_force_at": None if state == "DRAFT" else now,
            "retired_at": now if state == "RETIRED" else None,
        }
    return {}


def beginning_as(model: type[models.Model], state: str) -> Any:
    """Return a row that is inserted in this state, past the services."""
    technician = person("technician", "nfc")
    with acting(SystemActor("tests"), verb_name="insert"):
        fresh: dict[type[models.Model], Any] = {
            Run: lambda: {"laboratory": organisation("nfc"), "kept_by": organisation("nfc"), "number": "NFC-1"},
            Upload: lambda: {
                "kept_by": organisation("nfc"), "file_name": "a.csv", "sha256": "0" * 64, "uploaded_by": technician,
            },
            Portion: lambda: {
                "laboratory": organisation("nfc"), "sample": make_ground().samples[0], "label": "KC-1", "kind": "BAG",
                "made_g": 2000, "made_at": timezone.now(),
            },
            QcOverride: lambda: {"run": run_of(), "version": "v", "reason": "x", "proposed_by": technician},
            Policy: lambda: {
                "owner": organisation("irel"), "name": "Clay", "version": 1, "material_type": "HARD_ROCK",
                "basis": "total-fusion", "criteria": [], "alpha": Decimal("0.05"), "alpha_reject": Decimal("0.01"),
                "rationale": "x",
            },
        }  # fmt: skip
        return model._default_manager.create(state=state, **fresh[model](), **needs(model, state))


@pytest.mark.parametrize(("model", "before", "after"), PAIRS)
def test_states_follow_one_another_as_declared(model: type[models.Model], before: str, after: str) -> None:
    row, table = beginning_as(model, before), MACHINES[model]

    def move() -> None:
        with acting(SystemActor("tests"), verb_name="move"):
            model._default_manager.filter(pk=row.pk).update(state=after, **needs(model, after))

    if after in table[before]:
        check_transition(table, before, after)
        move()
    else:
        with pytest.raises(Conflict) as refused:
            check_transition(table, before, after)
        assert refused.value.problems[0].code == "transition-refused"
        with pytest.raises(IntegrityError, match=f"{before} cannot become {after}"), transaction.atomic():
            move()
    row.refresh_from_db()
    assert row.state == (after if after in table[before] else before)


def test_no_state_machine_was_forgotten() -> None:
    ours = apps.get_app_config("assays").get_models()
    assert {model for model in ours if hasattr(model, "transitions")} == set(MACHINES)
