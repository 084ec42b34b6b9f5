"""Scales and their daily check weights: shape, not behaviour."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from lims.accounts.models import Organisation, User
from lims.ids import uuid7
from lims.recording import Recording
from samples.custody.columns import by


class ScaleQuerySet(models.QuerySet["Scale"]):
    """Scales, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the scales of one's own organisations; all for those who oversee."""
        return self if user.oversees else self.filter(owner__in=[m.organisation_id for m in user.roles])


class Scale(models.Model):
    """A balance with a name of its own, and the smallest step that it shows, in g."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="scales")
    name = models.CharField(max_length=60)
    division_g = models.DecimalField(max_digits=10, decimal_places=3)
    capacity_g = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = by()
    retired_at = models.DateTimeField(null=True)

    objects = ScaleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                name="scale_name_once",
                violation_error_message="Another scale of this organisation has this name.",
            ),
            models.CheckConstraint(name="scale_named", condition=~Q(name="")),
            models.CheckConstraint(name="scale_division_positive", condition=Q(division_g__gt=0)),
            models.CheckConstraint(
                name="scale_capacity_over_division",
                condition=Q(capacity_g=None) | Q(capacity_g__gt=models.F("division_g")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScaleCheck(models.Model):
    """What a scale showed under a check weight, in g. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scale = models.ForeignKey(Scale, models.PROTECT, related_name="checks")
    nominal_g = models.DecimalField(max_digits=12, decimal_places=3)
    read_g = models.DecimalField(max_digits=12, decimal_places=3)
    passed = models.BooleanField()
    at = models.DateTimeField()
    checked_by = by()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [models.CheckConstraint(name="scale_check_weighed", condition=Q(nominal_g__gt=0))]
        indexes = [models.Index(fields=["scale", "-at"], name="scale_check_newest")]

    def __str__(self) -> str:
        return f"{self.scale}: {self.read_g} g for {self.nominal_g} g"
