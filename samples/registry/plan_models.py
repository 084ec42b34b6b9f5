"""Sampling plans, their sites, and the owner's blind QC items: shape, not behaviour."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from lims.accounts.models import User
from lims.ids import uuid7
from lims.recording import Recording
from samples.registry.batch_models import IN_REGION, PLACE, Batch, known
from samples.registry.rules import BLIND_LABELS, BlindKind
from samples.registry.sample_models import Sample


class SamplingPlan(models.Model):
    """Where and how a batch is to be sampled, and how often; frozen before results, since error rates rest on it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.OneToOneField(Batch, models.PROTECT, related_name="plan")
    interval = models.CharField(max_length=200, blank=True, default="")
    method = models.CharField(max_length=200, blank=True, default="")
    sampler = models.CharField(max_length=200, blank=True, default="")
    planned_number = models.PositiveIntegerField()
    planned_blanks = models.PositiveIntegerField(default=0)
    planned_crms = models.PositiveIntegerField(default=0)
    frozen_at = models.DateTimeField(null=True)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(name="plan_number_positive", condition=Q(planned_number__gt=0))]

    def __str__(self) -> str:
        return f"Plan of {self.batch}"


class PlannedSite(models.Model):
    """A pit, hole or heap of a plan, and how many samples it is to give."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(SamplingPlan, models.PROTECT, related_name="sites")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    planned_number = models.PositiveIntegerField()
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    note = models.CharField(max_length=500, blank=True, default="")

    recording: ClassVar[Recording] = PLACE

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "plan",
                Lower("name"),
                name="planned_site_once",
                violation_error_message="The plan has this site already.",
            ),
            models.CheckConstraint(name="planned_site_named", condition=~Q(name="")),
            models.CheckConstraint(name="planned_site_number_positive", condition=Q(planned_number__gt=0)),
            models.CheckConstraint(
                name="planned_site_place_whole",
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, longitude__isnull=False),
            ),
            models.CheckConstraint(
                name="planned_site_in_region",
                condition=Q(latitude=None) | IN_REGION,
                violation_error_code="place-outside-region",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BlindItemQuerySet(models.QuerySet["BlindItem"]):
    """Blind items, by who may know of them."""

    def visible_to(self, user: User) -> Self:
        """Return those of batches that one's own organisations own; all for those who oversee; none for a laboratory."""
        if user.oversees:
            return self
        return self.filter(sample__batch__owner__in=[m.organisation_id for m in user.roles])


class BlindItem(models.Model):
    """A bag that is no sample but the owner's blank or reference material, unknown to the laboratory."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sample = models.OneToOneField(Sample, models.PROTECT, related_name="blind_item")
    kind = models.CharField(max_length=8, choices=[(k.value, label) for k, label in BLIND_LABELS.items()])
    material = models.CharField(max_length=100)
    registered_at = models.DateTimeField(db_default=Now(), editable=False)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = BlindItemQuerySet.as_manager()

    class Meta:
        constraints = [
            known("blind_item_kind_known", "kind", list(BlindKind)),
            models.CheckConstraint(name="blind_item_material_given", condition=~Q(material="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.material}"
