"""QC results of the past, brought in to draw charts on; and what was found out about failures: shape, not behaviour."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from assays.catalogue.models import ReferenceMaterial
from assays.quality.rules import ACTION_LABELS, Action
from assays.runs.models import Run
from lims.accounts.models import Organisation, User
from lims.ids import uuid7
from lims.recording import Recording


class QcHistoryQuerySet(models.QuerySet["QcHistory"]):
    """Histories, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return those that the person's own organisations keep."""
        return self if user.oversees else self.filter(kept_by__in=[m.organisation_id for m in user.roles])


class QcHistory(models.Model):
    """A file of QC results from before the product was used, kept for charts and bias; it decides about no run."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kept_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    laboratory = models.ForeignKey(Organisation, models.PROTECT, related_name="qc_histories")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    imported_at = models.DateTimeField(db_default=Now(), editable=False)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = QcHistoryQuerySet.as_manager()
    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kept_by", "sha256"],
                name="qc_history_file_once",
                violation_error_message="This file was imported before.",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class QcHistoryResult(models.Model):
    """One result of a reference material or blank in the past, with what it should have been at the time."""

    id = models.BigAutoField(primary_key=True)
    history = models.ForeignKey(QcHistory, models.PROTECT, related_name="results")
    #: place in time order: by date, batch name and label
    position = models.PositiveIntegerField()
    #: as the file calls it, and the material of the library, if it is one
    code = models.CharField(max_length=60)
    material = models.ForeignKey(ReferenceMaterial, models.PROTECT, null=True, related_name="+")
    analyte = models.CharField(max_length=8)
    oxide = models.CharField(max_length=8, blank=True, default="")
    method_code = models.CharField(max_length=40, blank=True, default="")
    batch_name = models.CharField(max_length=100, blank=True, default="")
    label = models.CharField(max_length=100, blank=True, default="")
    measured_on = models.DateField()
    value_ppm = models.DecimalField(max_digits=30, decimal_places=12)
    certified_ppm = models.DecimalField(max_digits=30, decimal_places=12)
    sd_ppm = models.DecimalField(max_digits=30, decimal_places=12)

    recording: ClassVar[Recording] = Recording(
        append_only=True, not_recorded="vouched for by its file, whose SHA-256 is recorded"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["history", "position"], name="qc_history_position_once"),
            models.CheckConstraint(
                name="qc_history_numbers_sensible",
                condition=Q(value_ppm__gte=0, certified_ppm__gte=0, sd_ppm__gt=0),
            ),
        ]
        indexes = [
            models.Index(fields=["history", "code", "analyte", "position"], name="qc_history_by_material")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.analyte}"


class Investigation(models.Model):
    """What was found out about a failure of QC, and what was done (ISO/IEC 17025:2017, 7.10)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="investigations")
    version = models.CharField(max_length=64)
    method_code = models.CharField(max_length=40, blank=True, default="")
    analyte = models.CharField(max_length=8)
    oxide = models.CharField(max_length=8, blank=True, default="")
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    #: what was seen; then the cause and what was done, when it is closed
    finding = models.CharField(max_length=1000)
    cause = models.CharField(max_length=1000, blank=True, default="")
    action = models.CharField(
        max_length=8, choices=[(a.value, label) for a, label in ACTION_LABELS.items()], blank=True, default=""
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "method_code", "analyte", "oxide"],
                condition=Q(closed_at=None),
                name="investigation_open_once",
                violation_error_message="This failure is being looked into already.",
            ),
            models.CheckConstraint(name="investigation_finding_given", condition=~Q(finding="")),
            models.CheckConstraint(
                name="investigation_closed_whole",
                condition=Q(closed_at=None, closed_by=None, cause="", action="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, action__in=list(Action)) & ~Q(cause=""),
                violation_error_message="It is closed with its cause and what was done.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.oxide or self.analyte}"
