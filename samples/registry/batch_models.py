"""Mines, batches, their parties, and tags: shape, not behaviour."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from lims.ids import uuid7
from lims.recording import Recording
from samples.registry.rules import (
    BATCH_TRANSITIONS,
    MATERIAL_LABELS,
    REGION,
    BatchState,
    DueDiligence,
    MaterialType,
    Part,
    show_tag,
)

PLACE = Recording(place=frozenset({"latitude", "longitude"}))
IN_REGION = Q(latitude__range=REGION["latitude"], longitude__range=REGION["longitude"])


def known(name: str, field: str, values: list[str]) -> models.CheckConstraint:
    """Return the constraint that a field has one of these values."""
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__in": values}))


class MineQuerySet(models.QuerySet["Mine"]):
    """Mines, by who may know of them."""

    def visible_to(self, user: User) -> Self:
        """Return the mines whose samples `user` may see with a place: never for a laboratory's people."""
        if user.oversees:
            return self
        mine = user.organisations_as(Role.FIELD_COORDINATOR, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR)
        held = BatchParty.objects.filter(
            part=Part.HOLDER, organisation__in=[m.organisation_id for m in user.roles]
        )
        return self.filter(Q(owner__in=mine) | Q(pk__in=held.values("batch__mine")))


class Mine(models.Model):
    """A site with a place, a controlling body, a type of deposit, and what we know of its conditions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="mines")
    township = models.CharField(max_length=100, blank=True, default="")
    latitude = models.DecimalField(max_digits=9, decimal_places=6)
    longitude = models.DecimalField(max_digits=9, decimal_places=6)
    controlling_body = models.CharField(max_length=200)
    deposit_type = models.CharField(max_length=200)
    due_diligence = models.CharField(max_length=10, choices=[(d.value, d.title()) for d in DueDiligence])
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = MineQuerySet.as_manager()
    recording: ClassVar[Recording] = PLACE

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner",
                Lower("code"),
                name="mine_code_once",
                violation_error_message="Another mine of this owner has this code.",
            ),
            known("mine_due_diligence_known", "due_diligence", list(DueDiligence)),
            models.CheckConstraint(
                name="mine_in_region", condition=IN_REGION, violation_error_code="place-outside-region"
            ),
            models.CheckConstraint(name="mine_named", condition=~Q(name="") & ~Q(code="")),
        ]

    def __str__(self) -> str:
        return self.name


class BatchQuerySet(models.QuerySet["Batch"]):
    """Batches, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the batches that the person's organisations own, hold or test; all for those who oversee."""
        if user.oversees:
            return self
        mine = [m.organisation_id for m in user.roles]
        return self.filter(
            Q(owner__in=mine) | Q(pk__in=BatchParty.objects.filter(organisation__in=mine).values("batch"))
        )


class Batch(models.Model):
    """The samples of one campaign at one mine and of one material type. Its code tells nothing about the mine."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20)
    mine = models.ForeignKey(Mine, models.PROTECT, related_name="batches")
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="batches")
    material_type = models.CharField(
        max_length=24, choices=[(m.value, label) for m, label in MATERIAL_LABELS.items()]
    )
    campaign = models.CharField(max_length=200)
    planned_count = models.PositiveIntegerField(null=True)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.title()) for s in BatchState], default=BatchState.OPEN
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = BatchQuerySet.as_manager()
    transitions: ClassVar[Mapping[str, Mapping[BatchState, frozenset[BatchState]]]] = {
        "state": BATCH_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="batch_code_once"),
            known("batch_material_known", "material_type", list(MaterialType)),
            known("batch_state_known", "state", list(BatchState)),
            models.CheckConstraint(name="batch_campaign_given", condition=~Q(campaign="")),
            models.CheckConstraint(
                name="batch_plan_positive", condition=Q(planned_count=None) | Q(planned_count__gt=0)
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="batch_by_owner")]

    def __str__(self) -> str:
        return self.code


class BatchParty(models.Model):
    """An organisation that holds or tests a batch without owning it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="parties")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=[(p.value, p.title()) for p in Part])
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "organisation", "part"],
                name="batch_party_once",
                violation_error_message="The organisation has this part already.",
            ),
            known("batch_party_part_known", "part", list(Part)),
        ]
        indexes = [models.Index(fields=["organisation", "batch"], name="batch_party_by_organisation")]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_part_display()}"


class TagSeries(models.Model):
    """The two letters on an owner's tags, and the last number that was issued."""

    owner = models.OneToOneField(Organisation, models.PROTECT, primary_key=True, related_name="tag_series")
    prefix = models.CharField(max_length=2)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prefix"],
                name="tag_prefix_once",
                violation_error_message="Another owner's tags begin with these letters.",
            ),
            models.CheckConstraint(name="tag_prefix_form", condition=Q(prefix__regex=r"^[A-Z]{2}$")),
        ]

    def __str__(self) -> str:
        return self.prefix


class TagQuerySet(models.QuerySet["Tag"]):
    """Tags, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the tags of the owners for whom the person registers; all for those who oversee."""
        return (
            self
            if user.oversees
            else self.filter(owner__in=user.organisations_as(Role.FIELD_COORDINATOR, Role.MANAGER))
        )


class Tag(models.Model):
    """A printed identifier; on one bag or on none yet."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=9)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="tags")
    issued_at = models.DateTimeField(db_default=Now(), editable=False)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    block = models.ForeignKey("samples.TagBlock", models.PROTECT, null=True, related_name="tags")
    #: when another tag took its place on its bag: it is never used again
    replaced_at = models.DateTimeField(null=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="tag_code_once"),
            models.CheckConstraint(
                name="tag_code_form", condition=Q(code__regex=r"^[A-Z]{2}[0-9]{6}[0-9A-Z]$")
            ),
        ]
        indexes = [models.Index(fields=["owner", "code"], name="tag_by_owner")]

    def __str__(self) -> str:
        return show_tag(self.code)
