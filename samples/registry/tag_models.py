"""Blocks of tags given to coordinators: shape, not behaviour."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from lims.ids import uuid7

_REGISTRARS = (Role.FIELD_COORDINATOR, Role.MANAGER)


class TagBlockQuerySet(models.QuerySet["TagBlock"]):
    """Blocks, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the blocks of the owners for whom the person registers; all for those who oversee."""
        return self if user.oversees else self.filter(owner__in=user.organisations_as(*_REGISTRARS))


class TagBlock(models.Model):
    """Tags that one coordinator took along: nobody else puts them on bags until the block is released."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="tag_blocks")
    coordinator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tag_blocks")
    first = models.CharField(max_length=9)
    last = models.CharField(max_length=9)
    count = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True, default="")
    reserved_at = models.DateTimeField(db_default=Now(), editable=False)
    reserved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = TagBlockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first"], name="tag_block_once"),
            models.CheckConstraint(name="tag_block_counted", condition=Q(count__gt=0)),
            models.CheckConstraint(name="tag_block_in_order", condition=Q(first__lte=models.F("last"))),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="tag_block_by_owner")]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"
