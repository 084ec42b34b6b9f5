"""Uploads on their way from a file to a certificate: shape, not behaviour."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from assays.catalogue.models import Method, Profile, ReferenceMaterial
from assays.certificates.certificate_models import Certificate
from assays.certificates.rules import (
    MATCH_LABELS,
    PURPOSE_LABELS,
    UPLOAD_TRANSITIONS,
    Match,
    Purpose,
    UploadState,
)
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from lims.ids import uuid7
from lims.recording import Recording
from samples.registry.models import Sample


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the uploads of the laboratories for whom the person logs or reviews results."""
        return self.filter(
            kept_by__in=user.organisations_as(Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER, Role.RECEPTIONIST)
        )


class Upload(models.Model):
    """A certificate's file from the moment it is dropped until it is committed; read and committed by a worker."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kept_by = models.ForeignKey(Organisation, models.PROTECT, related_name="uploads")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.title()) for s in UploadState], default=UploadState.WAITING
    )
    purpose = models.CharField(
        max_length=8,
        choices=[(p.value, label) for p, label in PURPOSE_LABELS.items()],
        default=Purpose.RESULTS,
    )
    #: who issued it and under which number: read from the file, or said by a person
    laboratory = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    number = models.CharField(max_length=60, blank=True, default="")
    profile = models.ForeignKey(Profile, models.PROTECT, null=True, related_name="+")
    #: for columns whose headings name no method
    method = models.ForeignKey(Method, models.PROTECT, null=True, related_name="+")
    #: what was understood of the file, by the reader: layout and why, dates, columns, counts
    understood = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    certificate = models.OneToOneField(Certificate, models.PROTECT, null=True, related_name="upload")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)
    committed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = UploadQuerySet.as_manager()
    transitions: ClassVar[Mapping[str, Mapping[UploadState, frozenset[UploadState]]]] = {
        "state": UPLOAD_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kept_by", "sha256"],
                condition=~Q(state__in=[UploadState.DISCARDED, UploadState.REFUSED]),
                name="upload_file_once",
                violation_error_message="This file was uploaded before.",
            ),
            models.CheckConstraint(name="upload_state_known", condition=Q(state__in=list(UploadState))),
            models.CheckConstraint(name="upload_purpose_known", condition=Q(purpose__in=list(Purpose))),
            models.CheckConstraint(
                name="upload_committed_has_certificate",
                condition=Q(certificate=None) ^ Q(state=UploadState.COMMITTED),
            ),
        ]
        indexes = [models.Index(fields=["kept_by", "-id"], name="upload_by_keeper")]

    def __str__(self) -> str:
        return self.file_name


class UploadRow(models.Model):
    """One row of an upload: its cells, what it was found to be, what is wrong, and whether it is chosen."""

    id = models.BigAutoField(primary_key=True)
    upload = models.ForeignKey(Upload, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=200)
    cells = models.JSONField()
    #: for each cell how it was read: "" a value, "<", ">", a word for what is missing, "!" not understood
    marks = models.JSONField(default=list)
    match = models.CharField(max_length=10, choices=[(m.value, label) for m, label in MATCH_LABELS.items()])
    sample = models.ForeignKey(Sample, models.PROTECT, null=True, related_name="+")
    material = models.ForeignKey(ReferenceMaterial, models.PROTECT, null=True, related_name="+")
    #: whether a person said what it is; otherwise it was matched by its label
    mapped = models.BooleanField(default=False)
    suggestions = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    warnings = models.JSONField(default=list)

    recording: ClassVar[Recording] = Recording(
        not_recorded="derived from the file, whose digest is recorded; what rows become is recorded"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="upload_row_once"),
            models.CheckConstraint(
                name="upload_row_is_one_thing",
                condition=Q(match__in=[Match.SAMPLE, Match.DUPLICATE], sample__isnull=False, material=None)
                | Q(match__in=[Match.CRM, Match.BLANK], sample=None, material__isnull=False)
                | Q(match__in=[Match.UNMATCHED, Match.REJECTED], sample=None, material=None),
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.number}"


class LabelMapping(models.Model):
    """What a laboratory's label was said to be once: suggested the next time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kept_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    label = models.CharField(max_length=200)
    match = models.CharField(max_length=10, choices=[(m.value, label) for m, label in MATCH_LABELS.items()])
    sample = models.ForeignKey(Sample, models.PROTECT, null=True, related_name="+")
    material = models.ForeignKey(ReferenceMaterial, models.PROTECT, null=True, related_name="+")
    said_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kept_by", "label"], name="label_mapping_once"),
            models.CheckConstraint(
                name="label_mapping_of_one_thing",
                condition=Q(match__in=[Match.SAMPLE, Match.DUPLICATE], sample__isnull=False, material=None)
                | Q(match__in=[Match.CRM, Match.BLANK], sample=None, material__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.label
