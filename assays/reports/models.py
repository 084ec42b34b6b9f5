"""Grade reports as they were printed: shape, not behaviour."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from assays.grading.models import Decision
from lims.ids import uuid7
from lims.recording import Recording


class GradeReport(models.Model):
    """The printed report of one decision; its PDF lies in the file store."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="report")
    #: what a reader types to check a paper copy
    code = models.CharField(max_length=20, unique=True)
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [models.CheckConstraint(name="report_code_given", condition=~Q(code=""))]

    def __str__(self) -> str:
        return self.code
