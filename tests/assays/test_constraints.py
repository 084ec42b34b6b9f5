"""Each named constraint of assays refuses what it is there for, in PostgreSQL itself; the bench has a module of its own."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from assays.catalogue.models import CertifiedValue, Method, MethodAnalyte, Profile, ReferenceMaterial
from assays.certificates.models import Certificate, Determination, LabelMapping, Upload, UploadRow
from assays.grading.models import Decision, Exclusion, PinnedPolicy, Policy, RadiologicalScreen
from assays.quality.models import QcEvaluation, QcOverride
from assays.reports.models import GradeReport
from assays.runs.models import AnalysisRequest, Moisture, RequestedSample, Review, Run, RunItem
from lims.ids import uuid7
from lims.verbs import acting
from samples.registry.models import Sample
from tests.assays.grading.ground import TESTS, Ground, make_ground
from tests.support.people import person
from tests.support.world_assays import make_decided

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, tzinfo=UTC)

#: constraint → the table, and what to change of a good row so that it breaks (a fresh copy breaks uniqueness)
BROKEN: dict[str, tuple[type[models.Model], dict[str, Any]]] = {
    "method_code_once": (Method, {}),
    "method_basis_known": (Method, {"code": "B", "basis": "x"}),
    "method_named": (Method, {"code": ""}),
    "method_leach_conditions_given": (Method, {"code": "B", "basis": "leachable", "conditions": ""}),
    "method_bias_sensible": (Method, {"code": "B", "bias_relative": Decimal(2)}),
    "method_analyte_once": (MethodAnalyte, {}),
    "method_analyte_form_known": (MethodAnalyte, {"analyte": "La", "form": "x", "oxide": "La2O3"}),
    "method_analyte_oxide_named": (MethodAnalyte, {"analyte": "La", "form": "oxide"}),
    "method_limits_in_order": (MethodAnalyte, {"analyte": "La", "lower_limit": 2, "upper_limit": 1}),
    "profile_version_once": (Profile, {}),
    "profile_named": (Profile, {"version": 2, "rationale": ""}),
    "material_once": (ReferenceMaterial, {}),
    "material_kind_known": (ReferenceMaterial, {"code": "B", "kind": "X"}),
    "material_named": (ReferenceMaterial, {"code": ""}),
    "certified_value_once": (CertifiedValue, {}),
    "certified_value_sensible": (CertifiedValue, {"analyte": "La", "sd_ppm": 0}),
    "certified_value_words_known": (CertifiedValue, {"analyte": "La", "basis": "x"}),
    "certified_value_oxide_named": (CertifiedValue, {"analyte": "La", "form": "oxide"}),
    "run_number_once": (Run, {}),
    "run_state_known": (Run, {"number": "B", "state": "X"}),
    "run_numbered": (Run, {"number": ""}),
    "run_submitted_by_someone": (Run, {"number": "B", "submitted_by": None}),
    "run_item_once": (RunItem, {}),
    "run_item_is_one_thing": (RunItem, {"label": "B", "sample": None}),
    "review_not_ones_own": (Review, {"reviewer": "technician"}),
    "review_verdict_known": (Review, {"verdict": "X", "reason": "x"}),
    "review_return_has_reason": (Review, {"verdict": "RETURNED", "reason": ""}),
    "analysis_requested_once": (AnalysisRequest, {}),
    "requested_sample_once": (RequestedSample, {}),
    "moisture_masses_in_order": (Moisture, {"dry_g": 300}),
    "moisture_temperature_of_an_oven": (Moisture, {"temperature_c": 4}),
    "certificate_version_once": (Certificate, {"sha256": "9" * 64}),
    "certificate_file_once": (Certificate, {"purpose": "QC"}),
    "certificate_purpose_known": (Certificate, {"purpose": "X", "sha256": "9" * 64}),
    "certificate_first_or_successor": (Certificate, {"version": 2, "sha256": "9" * 64}),
    "determination_once": (Determination, {}),
    "determination_value_or_limit": (Determination, {"row": 99, "limit": 1}),
    "determination_ppm_of_value": (Determination, {"row": 99, "value": None}),
    "upload_file_once": (Upload, {}),
    "upload_state_known": (Upload, {"sha256": "9" * 64, "state": "X"}),
    "upload_purpose_known": (Upload, {"sha256": "9" * 64, "purpose": "X"}),
    "upload_committed_has_certificate": (Upload, {"sha256": "9" * 64, "state": "COMMITTED"}),
    "upload_row_once": (UploadRow, {}),
    "upload_row_is_one_thing": (UploadRow, {"number": 99, "match": "SAMPLE", "sample": None}),
    "label_mapping_once": (LabelMapping, {}),
    "label_mapping_of_one_thing": (LabelMapping, {"label": "B", "match": "SAMPLE"}),
    "qc_once": (QcEvaluation, {}),
    "qc_verdict_known": (QcEvaluation, {"analyte": "La", "verdict": "X"}),
    "override_once": (QcOverride, {}),
    "override_reason_given": (QcOverride, {"analyte": "La", "reason": ""}),
    "override_state_known": (QcOverride, {"analyte": "La", "state": "X", "second_by": "technician", "second_at": AT}),
    "override_second_person": (QcOverride, {"analyte": "La", "second_by": "reviewer", "second_at": AT, "state": "IN_FORCE"}),
    "policy_version_once": (Policy, {"state": "DRAFT", "in_force_at": None}),
    "policy_in_force_once": (Policy, {"version": 2}),
    "policy_words_known": (Policy, {"version": 2, "basis": "x", "state": "DRAFT", "in_force_at": None}),
    "policy_reasoned": (Policy, {"version": 2, "rationale": "", "state": "DRAFT", "in_force_at": None}),
    "policy_confidence_sensible": (Policy, {"version": 2, "alpha": 0, "state": "DRAFT", "in_force_at": None}),
    "policy_prior_whole": (Policy, {"version": 2, "prior_df": 3, "state": "DRAFT", "in_force_at": None}),
    "policy_dates_fit_state": (Policy, {"version": 2, "state": "DRAFT"}),
    "policy_pinned_once_at_receipt": (PinnedPolicy, {}),
    "policy_later_with_reason": (PinnedPolicy, {"at_receipt": False}),
    "exclusion_reason_given": (Exclusion, {"sample": "second", "reason": ""}),
    "exclusion_when_known": (Exclusion, {"sample": "second", "when": "x"}),
    "exclusion_second_person": (Exclusion, {"sample": "second", "second_at": AT}),
    "decision_number_once": (Decision, {}),
    "decision_outcome_known": (Decision, {"number": 9, "outcome": "X"}),
    "screen_level_known": (RadiologicalScreen, {"level": "X"}),
    "report_code_given": (GradeReport, {"code": ""}),
}  # fmt: skip


@pytest.fixture
def rows() -> dict[type[models.Model], models.Model]:
    """Return a good row of every table."""
    ground = make_ground()
    sample = ground.samples[0]
    things = make_decided_on(ground, sample)
    with acting(TESTS, verb_name="insert"):
        method = Method.objects.first()
        assert method is not None
        asked = AnalysisRequest.objects.create(batch=ground.batch, method=method)
        RequestedSample.objects.create(request=asked, sample=sample)
        Moisture.objects.create(sample=sample, wet_g=210, dry_g=200, temperature_c=105, measured_at=AT)
        Profile.objects.create(laboratory=ground.laboratory, name="P", version=1, rationale="x")
        crm = ReferenceMaterial.objects.get(code="CRM-7")
        LabelMapping.objects.create(kept_by=ground.laboratory, label="B1", match="CRM", material=crm)
        RadiologicalScreen.objects.create(sample=sample, level="NONE", sentence="x")
    found = {
        model: model._default_manager.order_by("pk").first()
        for model in apps.get_app_config("assays").get_models()
    }
    return {model: row for model, row in found.items() if row is not None} | things


def make_decided_on(ground: Ground, sample: Sample) -> dict[type[models.Model], models.Model]:
    """Make run, certificate, review, policy, decision, exclusion, override and report of a sample."""
    made = make_decided(sample)
    return {
        type(made[name]): made[name]
        for name in ("policy", "decision", "exclusion", "override", "upload", "review")
    }


@pytest.mark.parametrize("name", BROKEN)
def test_it_refuses(name: str, rows: dict[type[models.Model], models.Model]) -> None:
    model, change = BROKEN[name]
    copy = model._default_manager.get(pk=rows[model].pk)
    copy.pk = None if model in {Determination, UploadRow} else uuid7()
    copy._state.adding = True
    stand_ins = {
        "technician": person("technician", "nfc"),
        "reviewer": person("reviewer", "nfc"),
        "second": Sample.objects.order_by("pk")[3],
    }
    for field, value in change.items():
        setattr(copy, field, stand_ins.get(value, value) if isinstance(value, str) else value)
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), acting(TESTS, verb_name="insert"):
        copy.save(force_insert=True)
