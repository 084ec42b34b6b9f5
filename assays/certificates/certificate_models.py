"""Certificates and their determinations: shape, not behaviour."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from assays.catalogue.models import Profile
from assays.certificates.rules import PURPOSE_LABELS, Purpose
from assays.runs.models import Run, RunItem
from lims.accounts.models import User
from lims.ids import uuid7
from lims.recording import Recording
from samples.registry.models import Sample


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Certificates, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the certificates of the runs that the person may see."""
        return self if user.oversees else self.filter(run__in=Run.objects.visible_to(user).values("pk"))

    def standing(self) -> Self:
        """Return those that no later version has superseded."""
        return self.filter(successor=None)


class Certificate(models.Model):
    """One version of the file that reports a run's results; a re-issue supersedes, and the old one stays."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="certificates")
    purpose = models.CharField(
        max_length=8, choices=[(p.value, label) for p, label in PURPOSE_LABELS.items()]
    )
    number = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="successor")
    preliminary = models.BooleanField()
    version_note = models.CharField(max_length=500, blank=True, default="")
    layout = models.CharField(max_length=30)
    profile = models.ForeignKey(Profile, models.PROTECT, null=True, related_name="+")
    received_on = models.DateField(null=True)
    finalized_on = models.DateField(null=True)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    stated_samples = models.PositiveIntegerField(null=True)
    rows = models.PositiveIntegerField()
    determination_count = models.PositiveIntegerField()
    #: SHA-256 over its determinations, which vouches for them in place of the record
    digest = models.CharField(max_length=64)
    committed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    committed_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = CertificateQuerySet.as_manager()
    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "purpose", "version"],
                name="certificate_version_once",
                violation_error_message="This version of the certificate is recorded already.",
            ),
            models.UniqueConstraint(fields=["run", "sha256"], name="certificate_file_once"),
            models.CheckConstraint(name="certificate_purpose_known", condition=Q(purpose__in=list(Purpose))),
            models.CheckConstraint(
                name="certificate_first_or_successor",
                condition=Q(version=1, supersedes=None) | Q(version__gt=1, supersedes__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number if self.version == 1 else f"{self.number} (version {self.version})"


class Determination(models.Model):
    """One reported value: item × analyte × form × method × certificate, with its qualifier and raw text; never edited."""

    id = models.BigAutoField(primary_key=True)
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="determinations")
    item = models.ForeignKey(RunItem, models.PROTECT, related_name="determinations")
    #: the sample of a sample's or duplicate's item; null for reference materials and blanks
    sample = models.ForeignKey(Sample, models.PROTECT, null=True, related_name="determinations")
    analyte = models.CharField(max_length=8)
    form = models.CharField(max_length=8, blank=True, default="")
    oxide = models.CharField(max_length=8, blank=True, default="")
    method_code = models.CharField(max_length=40, blank=True, default="")
    raw = models.CharField(max_length=200)
    qualifier = models.CharField(max_length=24, blank=True, default="")
    value = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    limit = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    unit = models.CharField(max_length=24, blank=True, default="")
    #: value or limit as a mass fraction in ppm of its own form; null for what is no mass fraction
    ppm = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    limit_ppm = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    row = models.PositiveIntegerField()
    column = models.PositiveIntegerField()

    recording: ClassVar[Recording] = Recording(
        append_only=True,
        not_recorded="vouched for by its certificate: the file's SHA-256 and a digest over the determinations",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certificate", "row", "column"], name="determination_once"),
            models.CheckConstraint(
                name="determination_value_or_limit", condition=Q(value=None) | Q(limit=None)
            ),
            models.CheckConstraint(
                name="determination_ppm_of_value", condition=Q(ppm=None) | Q(value__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["sample", "analyte"], name="determination_by_sample"),
            models.Index(fields=["item", "analyte"], name="determination_by_item"),
        ]

    def __str__(self) -> str:
        return f"{self.oxide or self.analyte} {self.raw} {self.unit}".strip()
