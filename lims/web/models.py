"""Notices: what a person should know when they look next."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from lims.ids import uuid7
from lims.recording import Recording


class Notice(models.Model):
    """One thing that one person is told."""

    #: in the order in which they were told
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: the only one who sees it
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices")
    #: the database's clock
    at = models.DateTimeField(db_default=Now(), editable=False)
    #: a stable word for what it is about: "work.failed"
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True, default="")
    #: the page that it is about; another site's is never followed
    url = models.CharField(max_length=400, blank=True, default="")
    #: empty while unread
    read_at = models.DateTimeField(null=True)

    recording: ClassVar[Recording] = Recording()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_by_user"),
            models.Index(fields=["user"], name="notice_unread", condition=models.Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.title
