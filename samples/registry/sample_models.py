"""Samples, their external numbers, corrections and holds: shape, not behaviour."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from lims.accounts.models import User
from lims.ids import uuid7
from lims.recording import Recording
from samples.registry.batch_models import IN_REGION, PLACE, Batch, Tag, known
from samples.registry.rules import (
    HOLD_LABELS,
    LARGEST_MASS_G,
    NUMBER_LABELS,
    SAMPLE_TRANSITIONS,
    HoldKind,
    NumberKind,
    SampleState,
)


class SampleQuerySet(models.QuerySet["Sample"]):
    """Samples, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the samples of the batches that the person may see."""
        return self if user.oversees else self.filter(batch__in=Batch.objects.visible_to(user).values("pk"))


class Sample(models.Model):
    """One bagged, tagged increment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="samples")
    tag = models.OneToOneField(Tag, models.PROTECT, related_name="sample")
    mass_g = models.DecimalField(max_digits=12, decimal_places=3)
    collected_at = models.DateTimeField()
    collector = models.CharField(max_length=200, blank=True, default="")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    accuracy_m = models.DecimalField(max_digits=7, decimal_places=1, null=True)
    depth_m = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    #: pit, hole or heap: samples of one site are averaged, because sites are what is independent
    site = models.CharField(max_length=60, blank=True, default="")
    note = models.TextField(blank=True, default="")
    state = models.CharField(
        max_length=12, choices=[(s.value, s.title()) for s in SampleState], default=SampleState.REGISTERED
    )
    withdrawn_reason = models.TextField(blank=True, default="")
    registered_at = models.DateTimeField(db_default=Now(), editable=False)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = SampleQuerySet.as_manager()
    recording: ClassVar[Recording] = PLACE
    transitions: ClassVar[Mapping[str, Mapping[SampleState, frozenset[SampleState]]]] = {
        "state": SAMPLE_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.CheckConstraint(name="sample_mass_positive", condition=Q(mass_g__gt=0)),
            models.CheckConstraint(name="sample_mass_of_a_bag", condition=Q(mass_g__lte=LARGEST_MASS_G)),
            models.CheckConstraint(
                name="sample_place_whole",
                condition=Q(latitude=None, longitude=None, accuracy_m=None)
                | Q(latitude__isnull=False, longitude__isnull=False),
            ),
            models.CheckConstraint(name="sample_in_region", condition=Q(latitude=None) | IN_REGION),
            models.CheckConstraint(
                name="sample_accuracy_positive", condition=Q(accuracy_m=None) | Q(accuracy_m__gt=0)
            ),
            models.CheckConstraint(
                name="sample_depth_positive", condition=Q(depth_m=None) | Q(depth_m__gte=0)
            ),
            known("sample_state_known", "state", list(SampleState)),
            models.CheckConstraint(
                name="sample_withdrawn_with_reason",
                condition=Q(state=SampleState.REGISTERED, withdrawn_reason="")
                | Q(state=SampleState.WITHDRAWN) & ~Q(withdrawn_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "id"], name="sample_by_batch"),
            models.Index(fields=["-registered_at", "-id"], name="sample_newest"),
        ]

    def __str__(self) -> str:
        return str(self.tag)


class Correction(models.Model):
    """Why a sample was corrected; what it was before is in the record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="corrections")
    fields = models.JSONField()
    reason = models.TextField()
    corrected_at = models.DateTimeField(db_default=Now(), editable=False)
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [models.CheckConstraint(name="correction_reason_given", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return self.reason


class ExternalNumber(models.Model):
    """Another number by which certificates refer to a sample; it names one sample in its batch."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="external_numbers")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=[(k.value, label) for k, label in NUMBER_LABELS.items()])
    number = models.CharField(max_length=60)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "batch",
                "kind",
                Lower("number"),
                name="external_number_once",
                violation_error_message="Another sample of this batch has this number.",
            ),
            known("external_number_kind_known", "kind", list(NumberKind)),
            models.CheckConstraint(name="external_number_given", condition=~Q(number="")),
        ]
        indexes = [models.Index(Lower("number"), name="external_number_lookup")]

    def __str__(self) -> str:
        return self.number


class Hold(models.Model):
    """A reason why a sample must wait; set from above, obeyed below."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=16, choices=[(k.value, label) for k, label in HOLD_LABELS.items()])
    reason = models.TextField()
    set_at = models.DateTimeField(db_default=Now(), editable=False)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    release_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample", "kind"],
                condition=Q(released_at=None),
                name="hold_open_once",
                violation_error_message="The sample is held for this already.",
            ),
            known("hold_kind_known", "kind", list(HoldKind)),
            models.CheckConstraint(name="hold_reason_given", condition=~Q(reason="")),
            models.CheckConstraint(
                name="hold_released_with_reason",
                condition=Q(released_at=None, release_reason="")
                | Q(released_at__isnull=False) & ~Q(release_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
