"""Idempotency keys: what was answered to whom for which body."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from lims.ids import uuid7
from lims.recording import Recording


class IdempotencyKey(models.Model):
    """One key of one person: the digest of what was sent, and the answer that it got.

    The row is inserted first, in the transaction of the work itself: a second request with the same key
    waits for the first one and then finds its answer, or nothing when the first was rolled back.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    location = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    recording: ClassVar[Recording] = Recording(not_recorded="a copy of an answer, purged after 30 days")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return self.key
