"""Requests for analysis, retests, moisture and ignition: shape, not behaviour."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from assays.catalogue.models import Method
from assays.runs.run_models import Run, RunItem
from lims.ids import uuid7
from lims.recording import Recording
from samples.registry.models import Batch, Sample


class AnalysisRequest(models.Model):
    """What a batch's owner asked a laboratory to analyse: which samples, by which method."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="analysis_requests")
    method = models.ForeignKey(Method, models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(db_default=Now(), editable=False)
    #: what was agreed with the laboratory: duplicates, limits, re-assays, how it reports
    agreed_rule = models.CharField(max_length=1000, blank=True, default="")
    due_on = models.DateField(null=True)
    #: until when the laboratory keeps what is left, and when it may throw it away
    hold_until = models.DateField(null=True)
    dispose_after = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "method"],
                name="analysis_requested_once",
                violation_error_message="This method was asked for already for this batch.",
            ),
            models.CheckConstraint(
                name="analysis_held_before_disposal",
                condition=Q(hold_until=None) | Q(dispose_after=None) | Q(dispose_after__gte=F("hold_until")),
                violation_error_message="What is held until a day is not thrown away before it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch} by {self.method}"


class RequestedSample(models.Model):
    """A sample of a request: expected until the laboratory has reported it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(AnalysisRequest, models.PROTECT, related_name="samples")
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "sample"], name="requested_sample_once")]

    def __str__(self) -> str:
        return str(self.sample)


class Moisture(models.Model):
    """What a sample lost on drying: masses in g, temperature in °C. The newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="moistures")
    wet_g = models.DecimalField(max_digits=12, decimal_places=4)
    dry_g = models.DecimalField(max_digits=12, decimal_places=4)
    temperature_c = models.DecimalField(max_digits=5, decimal_places=1)
    measured_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="moisture_masses_in_order",
                condition=Q(dry_g__gt=0) & Q(wet_g__gte=F("dry_g")),
                violation_error_message="The dry mass is above zero and not above the wet one.",
            ),
            models.CheckConstraint(
                name="moisture_temperature_of_an_oven", condition=Q(temperature_c__range=(20, 400))
            ),
        ]
        indexes = [models.Index(fields=["sample", "-id"], name="moisture_by_sample")]

    def __str__(self) -> str:
        return f"{self.sample}: {self.wet_g} g to {self.dry_g} g"


class Ignition(models.Model):
    """What a dried sample lost on ignition: masses in g, temperature in °C. The newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="ignitions")
    dry_g = models.DecimalField(max_digits=12, decimal_places=4)
    ignited_g = models.DecimalField(max_digits=12, decimal_places=4)
    temperature_c = models.DecimalField(max_digits=5, decimal_places=1)
    measured_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            # An ignited mass may be above the dry one: iron takes up oxygen, and the loss is negative.
            models.CheckConstraint(
                name="ignition_masses_sensible",
                condition=Q(dry_g__gt=0) & Q(ignited_g__gt=0) & Q(ignited_g__lte=F("dry_g") * 2),
                violation_error_message="Both masses are above zero, and the ignited one is not twice the dry one.",
            ),
            models.CheckConstraint(
                name="ignition_temperature_of_a_furnace", condition=Q(temperature_c__range=(300, 1300))
            ),
        ]
        indexes = [models.Index(fields=["sample", "-id"], name="ignition_by_sample")]

    def __str__(self) -> str:
        return f"{self.sample}: {self.dry_g} g to {self.ignited_g} g"


class Retest(models.Model):
    """A reviewer's wish that an item of a run is analysed again, and the run that does it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="retests")
    item = models.ForeignKey(RunItem, models.PROTECT, related_name="retests")
    #: empty: every analyte of the item
    analyte = models.CharField(max_length=8, blank=True, default="")
    reason = models.CharField(max_length=1000)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    done_in = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="retest_reason_given", condition=~Q(reason="")),
            models.UniqueConstraint(
                fields=["item", "analyte"],
                condition=Q(done_in=None),
                name="retest_asked_once",
                violation_error_message="This retest was asked for already.",
            ),
            models.CheckConstraint(
                name="retest_in_another_run", condition=Q(done_in=None) | ~Q(done_in=F("run"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.analyte or 'every analyte'}"
