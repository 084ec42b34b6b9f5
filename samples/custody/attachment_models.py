"""Pictures of events, files of incidents, and tags that took the place of others: shape, not behaviour."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from lims.ids import uuid7
from lims.recording import Recording
from samples.custody.columns import by
from samples.custody.event_models import CustodyEvent, Incident, Outsider
from samples.registry.models import Photograph, Sample, Tag


class EventPhotograph(models.Model):
    """A photograph of a custody event."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.ForeignKey(CustodyEvent, models.PROTECT, related_name="photographs")
    photograph = models.ForeignKey(Photograph, models.PROTECT, related_name="events")

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "photograph"], name="event_photograph_once")]

    def __str__(self) -> str:
        return str(self.photograph)


class IncidentAttachment(models.Model):
    """A file that somebody laid beside an incident; its bytes lie in the store of files."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="attachments")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    added_by = by()

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "sha256"],
                name="incident_attachment_once",
                violation_error_message="This file is there already.",
            ),
            models.CheckConstraint(name="incident_attachment_named", condition=~Q(name="")),
            models.CheckConstraint(name="incident_attachment_sized", condition=Q(size__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class TagReplacement(models.Model):
    """An old tag, the new one in its place, and who saw it. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="tag_replacements")
    old_tag = models.OneToOneField(Tag, models.PROTECT, related_name="replaced_by")
    new_tag = models.OneToOneField(Tag, models.PROTECT, related_name="replaces")
    reason = models.TextField()
    witness_one = models.ForeignKey(Outsider, models.PROTECT, related_name="+")
    witness_two = models.ForeignKey(Outsider, models.PROTECT, related_name="+")
    photograph = models.ForeignKey(Photograph, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = by()

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="tag_replaced_by_another", condition=~Q(old_tag=F("new_tag"))),
            models.CheckConstraint(name="tag_replaced_with_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="tag_replaced_before_two", condition=~Q(witness_one=F("witness_two"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_tag} is now {self.new_tag}"
