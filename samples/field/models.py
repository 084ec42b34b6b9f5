"""Devices and what they sent: shape, not behaviour."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from lims.accounts.models import User
from lims.accounts.rules import Role
from lims.ids import uuid7
from lims.recording import Recording
from samples.field.rules import OPERATION_LABELS, OPERATION_TRANSITIONS, OperationState


class DeviceQuerySet(models.QuerySet["Device"]):
    """Devices, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return one's own devices, those of the people of organisations that one manages, all for those who oversee."""
        if user.oversees:
            return self
        managed = user.organisations_as(Role.MANAGER)
        people = User.objects.filter(memberships__organisation__in=managed).values("pk")
        return self.filter(Q(person=user) | Q(person__in=people))


class Device(models.Model):
    """A phone of a person: the key that signs what it sends, and the token that lets it in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="devices")
    name = models.CharField(max_length=100)
    #: raw Ed25519 key in base64url without padding
    public_key = models.CharField(max_length=43)
    token_digest = models.CharField(max_length=64, unique=True)
    enrolled_at = models.DateTimeField(db_default=Now(), editable=False)
    last_seen_at = models.DateTimeField(null=True)
    last_sequence = models.PositiveBigIntegerField(default=0)
    clock_offset_s = models.DecimalField(max_digits=12, decimal_places=1, null=True)
    unsent = models.PositiveIntegerField(null=True)
    app_version = models.CharField(max_length=40, blank=True, default="")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revoked_reason = models.CharField(max_length=500, blank=True, default="")

    objects = DeviceQuerySet.as_manager()
    recording: ClassVar[Recording] = Recording(digested=frozenset({"token_digest"}))

    class Meta:
        constraints = [
            models.CheckConstraint(name="device_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="device_key_form", condition=Q(public_key__regex=r"^[A-Za-z0-9_-]{43}$")
            ),
            models.CheckConstraint(
                name="device_revoked_with_reason",
                condition=Q(revoked_at=None, revoked_reason="")
                | Q(revoked_at__isnull=False) & ~Q(revoked_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["person", "-id"], name="device_by_person")]

    def __str__(self) -> str:
        return self.name


class Operation(models.Model):
    """One act that a device signed, exactly as it came, and what became of it. It is here once, however often it came."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="operations")
    sequence = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=40)
    payload = models.TextField()
    signature = models.CharField(max_length=86)
    made_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    by_file = models.BooleanField(default=False)
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(
        max_length=12, choices=[(s.value, label) for s, label in OPERATION_LABELS.items()]
    )
    code = models.CharField(max_length=80, blank=True, default="")
    message = models.CharField(max_length=1000, blank=True, default="")
    result = models.JSONField(default=dict)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_reason = models.CharField(max_length=500, blank=True, default="")

    #: payloads name outsiders and their documents: the record keeps a digest
    recording: ClassVar[Recording] = Recording(digested=frozenset({"payload"}))
    transitions: ClassVar[Mapping[str, Mapping[OperationState, frozenset[OperationState]]]] = {
        "state": OPERATION_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device", "sequence"],
                name="operation_sequence_once",
                violation_error_message="The device sent something else with this number.",
            ),
            models.CheckConstraint(name="operation_state_known", condition=Q(state__in=list(OperationState))),
            models.CheckConstraint(
                name="operation_settled_whole",
                condition=Q(
                    state__in=[OperationState.RELEASED, OperationState.DISCARDED], settled_at__isnull=False
                )
                & ~Q(settled_reason="")
                | ~Q(state__in=[OperationState.RELEASED, OperationState.DISCARDED])
                & Q(settled_at=None, settled_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="operation_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Refusal(models.Model):
    """An operation that was refused, as it came; it stays on its device and may come again. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    operation_id = models.UUIDField(null=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="refusals")
    payload = models.TextField()
    code = models.CharField(max_length=80)
    message = models.CharField(max_length=1000)
    at = models.DateTimeField(db_default=Now(), editable=False)

    recording: ClassVar[Recording] = Recording(append_only=True, digested=frozenset({"payload"}))

    class Meta:
        indexes = [models.Index(fields=["device", "-id"], name="refusal_by_device")]

    def __str__(self) -> str:
        return self.code


class PartialPhotograph(models.Model):
    """A photograph that is coming in parts: how much of it is here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    recording: ClassVar[Recording] = Recording(not_recorded="transient: the photograph itself is recorded")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "sha256"], name="partial_photograph_once"),
            models.CheckConstraint(
                name="partial_photograph_hash_whole", condition=Q(sha256__regex="^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="partial_photograph_no_more_than_whole", condition=Q(received__lte=models.F("size"))
            ),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class OutboxFile(models.Model):
    """An outbox that somebody carried by hand, and what was answered. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sha256 = models.CharField(max_length=64)
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="outbox_files")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)
    operations = models.PositiveIntegerField()
    answers = models.JSONField(default=list)

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="outbox_file_by_hash")]

    def __str__(self) -> str:
        return self.sha256[:12]
