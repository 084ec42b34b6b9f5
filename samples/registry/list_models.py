"""Lists of samples on their way from a file to the record: shape, not behaviour."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from lims.accounts.models import User
from lims.accounts.rules import Role
from lims.ids import uuid7
from lims.recording import Recording
from samples.registry.batch_models import Batch, known
from samples.registry.rules import LIST_TRANSITIONS, ListState
from samples.registry.sample_models import Sample


class SampleListQuerySet(models.QuerySet["SampleList"]):
    """Lists, by who may see them: they hold exact places, so only those do who may register for the owner."""

    def visible_to(self, user: User) -> Self:
        """Return the lists for the owners for whom the person registers."""
        return self.filter(batch__owner__in=user.organisations_as(Role.FIELD_COORDINATOR, Role.MANAGER))


class SampleList(models.Model):
    """A file with many samples: uploaded, read and committed by a worker. The file itself lies in the file store."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="lists")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.title()) for s in ListState], default=ListState.WAITING
    )
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    committed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    #: what was understood of the file, its headings, and what is wrong with it as a whole
    understood = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    rows_read = models.PositiveIntegerField(default=0)
    rows_good = models.PositiveIntegerField(default=0)
    rows_committed = models.PositiveIntegerField(default=0)

    objects = SampleListQuerySet.as_manager()
    transitions: ClassVar[Mapping[str, Mapping[ListState, frozenset[ListState]]]] = {
        "state": LIST_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "sha256"],
                condition=~Q(state__in=[ListState.DISCARDED, ListState.REFUSED]),
                name="list_file_once",
                violation_error_message="This file was uploaded for this batch before.",
            ),
            known("list_state_known", "state", list(ListState)),
        ]

    def __str__(self) -> str:
        return self.file_name


class ListRow(models.Model):
    """One row of a list: its text, what was understood, what is wrong, and the sample that it became."""

    id = models.BigAutoField(primary_key=True)
    sample_list = models.ForeignKey(SampleList, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    raw = models.JSONField()
    values = models.JSONField()
    problems = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    sample = models.ForeignKey(Sample, models.PROTECT, null=True, related_name="+")

    recording: ClassVar[Recording] = Recording(
        not_recorded="derived from the file, whose digest is recorded; the samples that rows become are recorded"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sample_list", "number"], name="list_row_once")]

    def __str__(self) -> str:
        return f"row {self.number}"
