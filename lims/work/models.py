"""Due work: requests that somebody looks at a key, and claims of workers that do.

Requests are only ever inserted and carry no unique constraint, so nobody waits for anybody. (A single upserted row per
key was tried: requesters blocked behind running handlers, and deadlocked on two keys.)
"""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from lims.recording import Recording

_TRANSIENT = "what is due: gone once it is done, and done things are recorded where they happened"


class Request(models.Model):
    """Somebody wants the work `kind` done for `key`."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())
    sweep = models.BooleanField(default=False)
    request_id = models.CharField(max_length=200, blank=True, default="")

    recording: ClassVar[Recording] = Recording(not_recorded=_TRANSIENT)

    class Meta:
        db_table = "work_request"
        indexes = [models.Index(fields=["kind", "key"], name="work_request_by_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Claim(models.Model):
    """A worker is on (kind, key), or was: then `error` says why it failed and `retry_at` when it is due again.

    `holder` is the number of the advisory lock that the worker's process holds for as long as it lives.
    """

    pk = models.CompositePrimaryKey("kind", "key")
    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    token = models.UUIDField()
    since = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField()
    holder = models.BigIntegerField(null=True)
    worker = models.CharField(max_length=200, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    retry_at = models.DateTimeField(null=True)
    sweep = models.BooleanField(default=False)
    request_id = models.CharField(max_length=200, blank=True, default="")

    recording: ClassVar[Recording] = Recording(not_recorded=_TRANSIENT)

    class Meta:
        db_table = "work_claim"

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
