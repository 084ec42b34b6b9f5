"""Results typed at the bench, cell by cell, until they become a certificate: shape, not behaviour."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from assays.certificates.upload_models import Upload
from assays.runs.models import Run, RunItem
from lims.accounts.models import User
from lims.ids import uuid7
from lims.recording import Recording


class GridQuerySet(models.QuerySet["Grid"]):
    """Grids, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the grids of the runs that the person's laboratory keeps."""
        return self.filter(run__in=Run.objects.visible_to(user).values("pk"))


class Grid(models.Model):
    """A draft of a run's results: its columns, and how often it changed; committed as a generated certificate."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="grids")
    #: one entry a column: analyte, oxide ("" for the element), unit, method code
    columns = models.JSONField(default=list)
    #: counts the saves: a reader knows by it whether somebody else has saved since
    version = models.PositiveIntegerField(default=0)
    #: the file that its commit made
    upload = models.OneToOneField(Upload, models.PROTECT, null=True, related_name="grid")
    discarded_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = GridQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run"],
                condition=Q(upload=None, discarded_at=None),
                name="grid_open_once",
                violation_error_message="This run has an open grid already.",
            ),
            models.CheckConstraint(
                name="grid_committed_or_discarded", condition=Q(upload=None) | Q(discarded_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"Grid of {self.run}"


class GridCell(models.Model):
    """One typed cell of a grid: the text as it was typed, by whom and when."""

    id = models.BigAutoField(primary_key=True)
    grid = models.ForeignKey(Grid, models.CASCADE, related_name="cells")
    item = models.ForeignKey(RunItem, models.PROTECT, related_name="+")
    column = models.PositiveSmallIntegerField()
    raw = models.CharField(max_length=200, blank=True)
    #: the grid's version with which it was saved
    version = models.PositiveIntegerField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    recording: ClassVar[Recording] = Recording(
        not_recorded="a draft; what it becomes is a certificate with its file's digest"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grid", "item", "column"], name="grid_cell_once"),
            models.CheckConstraint(name="grid_cell_version_positive", condition=Q(version__gt=0)),
        ]

    def __str__(self) -> str:
        return self.raw
