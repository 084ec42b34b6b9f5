"""What QC says of a run, and overrides of it: shape, not behaviour."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from assays.quality.rules import OVERRIDE_TRANSITIONS, OverrideState, QcVerdict
from assays.runs.models import Run
from lims.ids import uuid7


class QcEvaluation(models.Model):
    """What the QC items of a run say of one analyte by one method, for one version of the run's results."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="evaluations")
    version = models.CharField(max_length=64)
    method_code = models.CharField(max_length=40, blank=True, default="")
    analyte = models.CharField(max_length=8)
    oxide = models.CharField(max_length=8, blank=True, default="")
    verdict = models.CharField(max_length=4, choices=[(v.value, v.title()) for v in QcVerdict])
    reason = models.CharField(max_length=500, blank=True, default="")
    #: the run's largest (x − background), in ppm of the reported form; null without a blank
    blank_excess_ppm = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    #: lowest threshold among the policies of the run's batches, in ppm of the reported form; null without one
    threshold_ppm = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    #: one entry a QC item: label, kind, value, expected, z or excess, rules that it broke, in words
    marks = models.JSONField(default=list)
    #: ids of the items whose values are withheld; null means all of them
    withheld = models.JSONField(null=True)
    #: the same with the owner's blind items: verdict, reason, blank excess, marks, withheld; empty where the run holds
    #: none. Decisions read it; no laboratory does
    owner_view = models.JSONField(default=dict)
    evaluated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "method_code", "analyte", "oxide"], name="qc_once"),
            models.CheckConstraint(name="qc_verdict_known", condition=Q(verdict__in=list(QcVerdict))),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.oxide or self.analyte}: {self.verdict}"


class QcOverride(models.Model):
    """Two persons' decision to let results count although QC says otherwise, for one version of a run's results."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="overrides")
    version = models.CharField(max_length=64)
    #: empty: every analyte of the run
    analyte = models.CharField(max_length=8, blank=True, default="")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.title()) for s in OverrideState], default=OverrideState.PROPOSED
    )
    reason = models.TextField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    second_reason = models.TextField(blank=True, default="")

    transitions: ClassVar[Mapping[str, Mapping[OverrideState, frozenset[OverrideState]]]] = {
        "state": OVERRIDE_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "version", "analyte"],
                condition=~Q(state=OverrideState.REFUSED),
                name="override_once",
                violation_error_message="This override was proposed already.",
            ),
            models.CheckConstraint(name="override_reason_given", condition=~Q(reason="")),
            models.CheckConstraint(name="override_state_known", condition=Q(state__in=list(OverrideState))),
            models.CheckConstraint(
                name="override_second_person",
                condition=Q(state=OverrideState.PROPOSED, second_by=None, second_at=None)
                | Q(second_by__isnull=False, second_at__isnull=False) & ~Q(second_by=F("proposed_by")),
                violation_error_message="A second person decides, not the one who proposed it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.analyte or 'all analytes'}"
