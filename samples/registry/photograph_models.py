"""Photographs: shape, not behaviour. The bytes lie in the store of files under their hash."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from lims.accounts.models import Organisation, User
from lims.ids import uuid7
from samples.registry.batch_models import known
from samples.registry.rules import LARGEST_PHOTOGRAPH_BYTES, LARGEST_PHOTOGRAPH_PX, PHOTOGRAPH_TYPES
from samples.registry.sample_models import Sample


class PhotographQuerySet(models.QuerySet["Photograph"]):
    """Photographs, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return those of samples that the person may see, and the owner's own; all for those who oversee."""
        if user.oversees:
            return self
        mine = [m.organisation_id for m in user.roles]
        return self.filter(Q(owner__in=mine) | Q(sample__in=Sample.objects.visible_to(user).values("pk")))


class Photograph(models.Model):
    """A picture that a person took of a bag, a seal, a paper: no larger than a phone makes it, without a place inside."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="photographs")
    sample = models.ForeignKey(Sample, models.PROTECT, null=True, related_name="photographs")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = PhotographQuerySet.as_manager()

    class Meta:
        constraints = [
            known("photograph_type_known", "media_type", list(PHOTOGRAPH_TYPES)),
            models.CheckConstraint(name="photograph_hash_whole", condition=Q(sha256__regex="^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="photograph_in_bounds",
                condition=Q(
                    width__range=(1, LARGEST_PHOTOGRAPH_PX),
                    height__range=(1, LARGEST_PHOTOGRAPH_PX),
                    size__range=(1, LARGEST_PHOTOGRAPH_BYTES),
                ),
            ),
        ]
        indexes = [models.Index(fields=["sample", "id"], name="photograph_by_sample")]

    def __str__(self) -> str:
        return f"Photograph {self.sha256[:12]}"
