"""The owner's limits of the custody checks, each with its reason: shape, not behaviour."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from lims.accounts.models import Organisation
from lims.ids import uuid7
from lims.recording import Recording
from samples.custody.columns import by


class CustodyLimit(models.Model):
    """A limit that an owner set instead of our default, and why; the newest of a name holds. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="custody_limits")
    #: the field of `checks.Limits`, with its unit in the name
    name = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=12, decimal_places=4)
    rationale = models.TextField()
    set_at = models.DateTimeField(db_default=Now(), editable=False)
    set_by = by()

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="custody_limit_not_negative", condition=Q(value__gte=0)),
            models.CheckConstraint(
                name="custody_limit_with_reason", condition=~Q(rationale="") & ~Q(name="")
            ),
        ]
        indexes = [models.Index(fields=["owner", "name", "-id"], name="custody_limit_newest")]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"
