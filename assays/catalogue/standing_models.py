"""What a laboratory stands on: equipment, calibrations, validations, accreditation, competence: shape, not behaviour."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from assays.catalogue.method_models import Method
from assays.catalogue.rules import (
    ACT_LABELS,
    EQUIPMENT_LABELS,
    CompetentTo,
    EquipmentKind,
)
from lims.accounts.models import Organisation
from lims.ids import uuid7
from lims.recording import Recording


def by() -> Any:
    """Return a column for the person who did something; empty for a part of the system."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")


class Equipment(models.Model):
    """A balance, an instrument, an oven or a mill of a laboratory."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    laboratory = models.ForeignKey(Organisation, models.PROTECT, related_name="equipment")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    kind = models.CharField(
        max_length=10, choices=[(k.value, label) for k, label in EQUIPMENT_LABELS.items()]
    )
    serial = models.CharField(max_length=60, blank=True, default="")
    #: whether results that it gave after its calibration ran out are warned of
    needs_calibration = models.BooleanField(default=True)
    retired_on = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "laboratory",
                Lower("code"),
                name="equipment_code_once",
                violation_error_message="The laboratory has equipment with this code already.",
            ),
            models.CheckConstraint(name="equipment_kind_known", condition=Q(kind__in=list(EquipmentKind))),
            models.CheckConstraint(name="equipment_named", condition=~Q(code="") & ~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Calibration(models.Model):
    """One calibration of a piece of equipment, by whom, and until when it holds (ISO/IEC 17025:2017, 6.4.7)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    equipment = models.ForeignKey(Equipment, models.PROTECT, related_name="calibrations")
    calibrated_on = models.DateField()
    valid_until = models.DateField()
    passed = models.BooleanField(default=True)
    #: who did it, and the number of their certificate; its file lies in the store
    done_by = models.CharField(max_length=200)
    reference = models.CharField(max_length=100, blank=True, default="")
    file_sha256 = models.CharField(max_length=64, blank=True, default="")
    file_name = models.CharField(max_length=200, blank=True, default="")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = by()

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="calibration_days_in_order",
                condition=Q(valid_until__gte=F("calibrated_on")),
                violation_error_message="A calibration does not end before it was done.",
            ),
            models.CheckConstraint(name="calibration_done_by_someone", condition=~Q(done_by="")),
        ]
        indexes = [models.Index(fields=["equipment", "-calibrated_on"], name="calibration_by_equipment")]

    def __str__(self) -> str:
        return f"{self.equipment} until {self.valid_until}"


class Validation(models.Model):
    """What a method was shown to do for an analyte (ISO/IEC 17025:2017, 7.2.2); the newest record counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    method = models.ForeignKey(Method, models.PROTECT, related_name="validations")
    analyte = models.CharField(max_length=8)
    oxide = models.CharField(max_length=8, blank=True, default="")
    #: all in ppm of the form
    lod_ppm = models.DecimalField(max_digits=20, decimal_places=8)
    loq_ppm = models.DecimalField(max_digits=20, decimal_places=8)
    range_low_ppm = models.DecimalField(max_digits=20, decimal_places=8)
    range_high_ppm = models.DecimalField(max_digits=20, decimal_places=8)
    recovery_pct = models.DecimalField(max_digits=6, decimal_places=2)
    #: relative standard uncertainty at the middle of the range
    u_relative = models.DecimalField(max_digits=7, decimal_places=5)
    evidence = models.CharField(max_length=500)
    file_sha256 = models.CharField(max_length=64, blank=True, default="")
    file_name = models.CharField(max_length=200, blank=True, default="")
    validated_on = models.DateField()
    review_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = by()

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="validation_limits_in_order",
                condition=Q(lod_ppm__gt=0, loq_ppm__gte=F("lod_ppm"), range_high_ppm__gt=F("range_low_ppm")),
                violation_error_message="LOD ≤ LOQ, both above zero, and the range has a low and a higher end.",
            ),
            models.CheckConstraint(
                name="validation_numbers_sensible",
                condition=Q(range_low_ppm__gte=0, recovery_pct__gt=0, u_relative__gt=0, u_relative__lt=1),
            ),
            models.CheckConstraint(
                name="validation_reviewed_later", condition=Q(review_on__gt=F("validated_on"))
            ),
            models.CheckConstraint(name="validation_rests_on_evidence", condition=~Q(evidence="")),
        ]
        indexes = [models.Index(fields=["method", "analyte", "-id"], name="validation_by_method")]

    def __str__(self) -> str:
        return f"{self.oxide or self.analyte} by {self.method}"


class Accreditation(models.Model):
    """A method's accreditation: by whom, for which analyte and range, from when until when (ISO/IEC 17011)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    method = models.ForeignKey(Method, models.PROTECT, related_name="accreditations")
    #: empty: every analyte of the method
    analyte = models.CharField(max_length=8, blank=True, default="")
    range_low_ppm = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    range_high_ppm = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    body = models.CharField(max_length=100)
    number = models.CharField(max_length=60)
    valid_from = models.DateField()
    valid_to = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = by()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accreditation_days_in_order",
                condition=Q(valid_to__gte=F("valid_from")),
                violation_error_message="An accreditation does not end before it begins.",
            ),
            models.CheckConstraint(
                name="accreditation_range_in_order",
                condition=Q(range_low_ppm=None)
                | Q(range_high_ppm=None)
                | Q(range_high_ppm__gt=F("range_low_ppm")),
            ),
            models.CheckConstraint(name="accreditation_named", condition=~Q(body="") & ~Q(number="")),
        ]
        indexes = [models.Index(fields=["method", "-valid_to"], name="accreditation_by_method")]

    def __str__(self) -> str:
        return f"{self.body} {self.number}"


class Competence(models.Model):
    """That a person was found able to analyse by a method, or to approve its results (ISO/IEC 17025:2017, 6.2.5)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="competences")
    method = models.ForeignKey(Method, models.PROTECT, related_name="competences")
    able_to = models.CharField(max_length=8, choices=[(a.value, label) for a, label in ACT_LABELS.items()])
    valid_from = models.DateField()
    valid_to = models.DateField()
    evidence = models.CharField(max_length=500)
    granted_at = models.DateTimeField(db_default=Now(), editable=False)
    granted_by = by()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = by()
    withdrawn_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="competence_act_known", condition=Q(able_to__in=list(CompetentTo))),
            models.CheckConstraint(
                name="competence_days_in_order",
                condition=Q(valid_to__gte=F("valid_from")),
                violation_error_message="It does not end before it begins.",
            ),
            models.CheckConstraint(name="competence_rests_on_evidence", condition=~Q(evidence="")),
            models.CheckConstraint(
                name="competence_not_granted_to_oneself",
                condition=Q(granted_by=None) | ~Q(granted_by=F("person")),
                violation_error_message="Nobody finds themselves able.",
            ),
            models.CheckConstraint(
                name="competence_withdrawn_with_reason",
                condition=Q(withdrawn_at=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["method", "person"], name="competence_by_method")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_able_to_display()} {self.method}"
