"""Each named constraint of the bench's tables refuses what it is there for, in PostgreSQL itself."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from assays.catalogue.models import (
    Accreditation,
    Calibration,
    Competence,
    Equipment,
    Method,
    Profile,
    ReferenceMaterial,
    Validation,
)
from assays.certificates.models import Grid, GridCell
from assays.quality.models import Investigation, QcHistory, QcHistoryResult
from assays.runs.models import (
    AnalysisRequest,
    Ignition,
    InsertionRule,
    Portion,
    PortionEvent,
    Preparation,
    RetentionRule,
    Retest,
    Run,
    RunItem,
    Split,
    StorePlace,
)
from lims.ids import uuid7
from lims.verbs import acting
from tests.assays.grading.ground import TESTS, make_ground
from tests.support.people import organisation, person
from tests.support.world_assays import make_decided

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, tzinfo=UTC)
EARLY, DAY, LATE = date(2026, 1, 1), date(2026, 3, 1), date(2027, 3, 1)
Row = models.Model

#: constraint → the table, and what to change of a good row so that it breaks (a fresh copy breaks uniqueness)
BROKEN: dict[str, tuple[type[Row], dict[str, Any]]] = {
    "profile_taught_whole": (Profile, {"version": 9, "mapping": {"header": 1}, "headings_sha256": ""}),
    "equipment_code_once": (Equipment, {}),
    "equipment_kind_known": (Equipment, {"code": "B", "kind": "X"}),
    "equipment_named": (Equipment, {"code": ""}),
    "calibration_days_in_order": (Calibration, {"valid_until": EARLY}),
    "calibration_done_by_someone": (Calibration, {"done_by": ""}),
    "validation_limits_in_order": (Validation, {"loq_ppm": Decimal("0.001")}),
    "validation_numbers_sensible": (Validation, {"u_relative": Decimal(1)}),
    "validation_reviewed_later": (Validation, {"review_on": DAY}),
    "validation_rests_on_evidence": (Validation, {"evidence": ""}),
    "accreditation_days_in_order": (Accreditation, {"valid_to": EARLY}),
    "accreditation_range_in_order": (Accreditation, {"range_low_ppm": 9, "range_high_ppm": 9}),
    "accreditation_named": (Accreditation, {"number": ""}),
    "competence_act_known": (Competence, {"able_to": "X"}),
    "competence_days_in_order": (Competence, {"valid_to": EARLY}),
    "competence_rests_on_evidence": (Competence, {"evidence": ""}),
    "competence_not_granted_to_oneself": (Competence, {"granted_by": "technician"}),
    "competence_withdrawn_with_reason": (Competence, {"withdrawn_at": AT}),
    "insertion_rule_version_once": (InsertionRule, {}),
    "insertion_rule_reason_given": (InsertionRule, {"version": 2, "rationale": ""}),
    "insertion_rule_shares": (InsertionRule, {"version": 2, "pulp_pct": Decimal(-1)}),
    "store_place_once": (StorePlace, {"name": "shelf 1"}),
    "store_place_named": (StorePlace, {"name": ""}),
    "store_place_not_in_itself": (StorePlace, {"name": "B", "inside": "itself"}),
    "split_loses_less_than_all": (Split, {"loss_g": 2000}),
    "portion_label_once": (Portion, {"sample": "second"}),
    "portion_of_bag_once": (Portion, {"label": "B"}),
    "portion_kind_known": (Portion, {"label": "B", "kind": "X", "parent": "portion", "split": "splitting"}),
    "portion_state_known": (Portion, {"label": "B", "sample": "second", "state": "X", "left_g": 0}),
    "portion_labelled": (Portion, {"label": "", "sample": "second"}),
    "portion_masses_sensible": (Portion, {"label": "B", "sample": "second", "left_g": 2001}),
    "portion_bag_or_split": (Portion, {"label": "B", "sample": "second", "kind": "PULP"}),
    "portion_gone_is_empty": (Portion, {"label": "B", "sample": "second", "state": "RETURNED"}),
    "portion_event_kind_known": (PortionEvent, {"kind": "X", "place": None}),
    "portion_event_place_of_stored": (PortionEvent, {"place": None}),
    "portion_event_mass_positive": (PortionEvent, {"mass_g": 0}),
    "portion_event_disposal_has_reason": (PortionEvent, {"kind": "DISPOSED", "place": None}),
    "preparation_step_known": (Preparation, {"step": "X"}),
    "preparation_masses_in_order": (Preparation, {"after_g": 2100}),
    "preparation_sieve_whole": (Preparation, {"sieve_um": 75}),
    "preparation_drying_has_temperature": (Preparation, {"temperature_c": None}),
    "retention_rule_version_once": (RetentionRule, {}),
    "retention_rule_kind_known": (RetentionRule, {"kind": "X"}),
    "retention_rule_reason_given": (RetentionRule, {"version": 2, "rationale": ""}),
    "run_planned_is_built": (Run, {"number": "B", "state": "PLANNED", "method": None}),
    "run_reruns_another": (Run, {"number": "B", "rerun_of": "itself"}),
    "run_item_stage_of_duplicate": (RunItem, {"label": "B", "stage": "PULP"}),
    "run_item_portion_of_sample": (RunItem, {"label": "B", "sample": None, "kind": "CRM", "material": "crm", "portion": "portion"}),
    "analysis_held_before_disposal": (AnalysisRequest, {"method": "another", "hold_until": LATE, "dispose_after": DAY}),
    "ignition_masses_sensible": (Ignition, {"ignited_g": 401}),
    "ignition_temperature_of_a_furnace": (Ignition, {"temperature_c": 105}),
    "retest_reason_given": (Retest, {"analyte": "Tb", "reason": ""}),
    "retest_asked_once": (Retest, {}),
    "retest_in_another_run": (Retest, {"analyte": "Tb", "done_in": "run"}),
    "grid_open_once": (Grid, {}),
    "grid_committed_or_discarded": (Grid, {"upload": "upload", "discarded_at": AT}),
    "grid_cell_once": (GridCell, {}),
    "grid_cell_version_positive": (GridCell, {"column": 2, "version": 0}),
    "qc_history_file_once": (QcHistory, {}),
    "qc_history_position_once": (QcHistoryResult, {}),
    "qc_history_numbers_sensible": (QcHistoryResult, {"position": 2, "sd_ppm": 0}),
    "investigation_open_once": (Investigation, {}),
    "investigation_finding_given": (Investigation, {"analyte": "Tb", "finding": ""}),
    "investigation_closed_whole": (Investigation, {"analyte": "Tb", "closed_at": AT}),
}  # fmt: skip


def _standing(made: Callable[..., Any], method: Method) -> None:
    laboratory = method.laboratory
    oven = made(Equipment, laboratory=laboratory, code="OV-1", name="Oven", kind="OVEN")
    made(Calibration, equipment=oven, calibrated_on=DAY, valid_until=LATE, done_by="NPL")
    limits = {
        "lod_ppm": Decimal("0.01"),
        "loq_ppm": Decimal("0.05"),
        "range_low_ppm": 0,
        "range_high_ppm": 1000,
    }
    told = {"recovery_pct": 99, "u_relative": Decimal("0.03"), "evidence": "VR-7"}
    made(Validation, method=method, analyte="Dy", validated_on=DAY, review_on=LATE, **limits, **told)
    dates = {"valid_from": DAY, "valid_to": LATE}
    made(Accreditation, method=method, body="NABL", number="TC-1", **dates)
    made(
        Competence,
        person=person("technician", "nfc"),
        method=method,
        able_to="ANALYSE",
        evidence="Ten CRMs",
        granted_by=person("manager", "nfc"),
        **dates,
    )
    made(Profile, laboratory=laboratory, name="Taught", version=1, rationale="Agreed")


@pytest.fixture
def rows() -> dict[Any, Any]:
    """Return a good row of every table of the bench, and the things that changes name."""
    ground = make_ground()
    sample, second, *_ = ground.samples
    decided = make_decided(sample)
    run, found = decided["review"].run, {}

    def made(model: type[Row], **facts: Any) -> Any:
        found[model] = model._default_manager.create(**facts)
        return found[model]

    with acting(TESTS, verb_name="insert"):
        laboratory = organisation("nfc")
        method = Method.objects.filter(laboratory=laboratory).order_by("pk")[0]
        told = {"name": "M", "technique": "XRF", "digestion": "Fusion", "basis": "total-fusion"}
        another = Method.objects.create(laboratory=laboratory, code="ANOTHER", **told)
        _standing(made, method)
        rates = dict.fromkeys(
            ("crm_pct", "blank_pct", "field_pct", "coarse_pct", "pulp_pct", "umpire_pct"), Decimal(5)
        )
        made(InsertionRule, laboratory=laboratory, version=1, rationale="D", **rates)
        place = made(StorePlace, laboratory=laboratory, name="Shelf 1")
        facts = {"laboratory": laboratory, "sample": sample, "made_g": 2000, "left_g": 2000, "made_at": AT}
        portion = made(Portion, label="KC-1", kind="BAG", **facts)
        splitting = made(Split, portion=portion, mass_g=2000, loss_g=1, at=AT)
        made(PortionEvent, portion=portion, kind="STORED", place=place, at=AT)
        made(Preparation, portion=portion, step="DRY", before_g=2000, after_g=1900, temperature_c=105, at=AT)
        made(RetentionRule, laboratory=laboratory, kind="PULP", version=1, days=365, rationale="D")
        made(AnalysisRequest, batch=ground.batch, method=method)
        made(Ignition, sample=sample, dry_g=200, ignited_g=180, temperature_c=1000, measured_at=AT)
        item = RunItem.objects.filter(run=run, kind="SAMPLE").order_by("pk")[0]
        made(Retest, run=run, item=item, analyte="Dy", reason="Drift")
        grid = Grid.objects.get(run=run)
        cell = GridCell.objects.filter(grid=grid, item=item).order_by("column")[0]
        history = made(
            QcHistory, kept_by=laboratory, laboratory=laboratory, file_name="a.csv", sha256="1" * 64, rows=1
        )
        numbers = {"value_ppm": 20, "certified_ppm": 20, "sd_ppm": 1}
        made(
            QcHistoryResult, history=history, position=1, code="CRM", analyte="Dy", measured_on=DAY, **numbers
        )
        opener = person("reviewer", "nfc")
        made(Investigation, run=run, version="v", analyte="Eu", opened_by=opener, finding="z = 3.4")
    found |= {Run: run, RunItem: item, Grid: grid, GridCell: cell}
    crm = ReferenceMaterial.objects.get(code="CRM-7")
    names = {
        "run": run,
        "second": second,
        "portion": portion,
        "splitting": splitting,
        "another": another,
        "upload": decided["upload"],
    }
    return found | names | {"technician": person("technician", "nfc"), "crm": crm.pk}


def test_each_constraint_of_the_bench_is_here() -> None:
    from tests.assays.test_constraints import BROKEN as BEFORE  # noqa: PLC0415

    declared = {
        constraint.name
        for model in apps.get_app_config("assays").get_models()
        for constraint in model._meta.constraints
    }
    assert declared == set(BEFORE) | set(BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_it_refuses(name: str, rows: dict[Any, Any]) -> None:
    model, change = BROKEN[name]
    copy: Any = model._default_manager.get(pk=rows[model].pk)
    copy.pk = None if model in {GridCell, QcHistoryResult} else uuid7()
    copy._state.adding = True
    for field, value in change.items():
        if field == "material":
            copy.material_id = rows[value]
        elif value == "itself":
            setattr(copy, f"{field}_id", copy.pk)
        else:
            setattr(copy, field, rows.get(value, value) if isinstance(value, str) else value)
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), acting(TESTS, verb_name="insert"):
        copy.save(force_insert=True)
