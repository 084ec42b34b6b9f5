"""Portions, where they stand, and what was done to them: shape, not behaviour."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from assays.catalogue.models import Equipment
from assays.runs.rules import (
    PORTION_EVENT_LABELS,
    PORTION_LABELS,
    PORTION_STATE_LABELS,
    PORTION_TRANSITIONS,
    STEP_LABELS,
    PortionEventKind,
    PortionKind,
    PortionState,
    Step,
)
from lims.accounts.models import Organisation, User
from lims.ids import uuid7
from lims.recording import Recording
from samples.registry.batch_models import known
from samples.registry.models import Sample


def mass(**options: Any) -> Any:
    """Return a column for a mass in g, to a tenth of a milligram."""
    return models.DecimalField(max_digits=14, decimal_places=4, **options)


class StorePlace(models.Model):
    """A named place of a laboratory where portions stand: a room, shelf or box, inside another one or not."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    laboratory = models.ForeignKey(Organisation, models.PROTECT, related_name="store_places")
    name = models.CharField(max_length=60)
    inside = models.ForeignKey("self", models.PROTECT, null=True, related_name="places")
    retired_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "laboratory",
                Lower("name"),
                name="store_place_once",
                violation_error_message="The laboratory has a place with this name already.",
            ),
            models.CheckConstraint(name="store_place_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="store_place_not_in_itself", condition=Q(inside=None) | ~Q(inside=F("id"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Split(models.Model):
    """One splitting of a portion: what went in and what was lost; its portions and the loss add up to it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    portion = models.ForeignKey("assays.Portion", models.PROTECT, related_name="splits")
    mass_g = mass()
    loss_g = mass()
    method = models.CharField(max_length=100, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="split_loses_less_than_all", condition=Q(mass_g__gt=0, loss_g__lt=F("mass_g"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.portion} split"


class PortionQuerySet(models.QuerySet["Portion"]):
    """Portions, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return those of the person's own laboratories, and those of samples of batches that they own."""
        if user.oversees:
            return self
        mine = [m.organisation_id for m in user.roles]
        return self.filter(Q(laboratory__in=mine) | Q(sample__batch__owner__in=mine))


class Portion(models.Model):
    """A sub-sample split from a sample or portion: the whole bag as received, a coarse reject, a pulp, an aliquot."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    laboratory = models.ForeignKey(Organisation, models.PROTECT, related_name="portions")
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="portions")
    #: the splitting that it came from; null for the bag as it was received
    split = models.ForeignKey(Split, models.PROTECT, null=True, related_name="portions")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    label = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=[(k.value, label) for k, label in PORTION_LABELS.items()])
    state = models.CharField(
        max_length=10,
        choices=[(s.value, label) for s, label in PORTION_STATE_LABELS.items()],
        default=PortionState.HELD,
    )
    #: as it was made, and what of it is left
    made_g = mass()
    left_g = mass()
    place = models.ForeignKey(StorePlace, models.PROTECT, null=True, related_name="portions")
    #: the first day on which it may be thrown away; null: not before the owner says so
    keep_until = models.DateField(null=True)
    made_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = PortionQuerySet.as_manager()
    transitions: ClassVar[Mapping[str, Mapping[PortionState, frozenset[PortionState]]]] = {
        "state": PORTION_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "laboratory",
                Lower("label"),
                name="portion_label_once",
                violation_error_message="The laboratory has a portion with this label already.",
            ),
            models.UniqueConstraint(
                fields=["laboratory", "sample"],
                condition=Q(parent=None),
                name="portion_of_bag_once",
                violation_error_message="This bag was taken up already.",
            ),
            known("portion_kind_known", "kind", list(PortionKind)),
            known("portion_state_known", "state", list(PortionState)),
            models.CheckConstraint(name="portion_labelled", condition=~Q(label="")),
            models.CheckConstraint(
                name="portion_masses_sensible",
                condition=Q(made_g__gt=0, left_g__gte=0, left_g__lte=F("made_g")),
                violation_error_message="What is left is not below zero and not above what it was.",
            ),
            models.CheckConstraint(
                name="portion_bag_or_split",
                condition=Q(kind=PortionKind.BAG, parent=None, split=None)
                | Q(parent__isnull=False, split__isnull=False) & ~Q(kind=PortionKind.BAG),
            ),
            models.CheckConstraint(
                name="portion_gone_is_empty", condition=Q(state=PortionState.HELD) | Q(left_g=0)
            ),
        ]
        indexes = [
            models.Index(fields=["laboratory", "-id"], name="portion_by_laboratory"),
            models.Index(fields=["sample", "id"], name="portion_by_sample"),
        ]

    def __str__(self) -> str:
        return self.label


class PortionEvent(models.Model):
    """What became of a portion: put somewhere, used, returned, thrown away, and why."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    portion = models.ForeignKey(Portion, models.PROTECT, related_name="events")
    kind = models.CharField(
        max_length=10, choices=[(k.value, label) for k, label in PORTION_EVENT_LABELS.items()]
    )
    place = models.ForeignKey(StorePlace, models.PROTECT, null=True, related_name="+")
    #: what left it; null where nothing did
    mass_g = mass(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            known("portion_event_kind_known", "kind", list(PortionEventKind)),
            models.CheckConstraint(
                name="portion_event_place_of_stored",
                condition=Q(kind=PortionEventKind.STORED, place__isnull=False)
                | ~Q(kind=PortionEventKind.STORED) & Q(place=None),
            ),
            models.CheckConstraint(
                name="portion_event_mass_positive", condition=Q(mass_g=None) | Q(mass_g__gt=0)
            ),
            models.CheckConstraint(
                name="portion_event_disposal_has_reason",
                condition=~Q(kind=PortionEventKind.DISPOSED) | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index(fields=["portion", "id"], name="portion_event_by_portion")]

    def __str__(self) -> str:
        return f"{self.portion}: {self.get_kind_display()}"


class Preparation(models.Model):
    """One step of preparing a portion: drying, crushing, pulverising, sieving; masses in g before and after."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    portion = models.ForeignKey(Portion, models.PROTECT, related_name="preparations")
    step = models.CharField(max_length=12, choices=[(s.value, label) for s, label in STEP_LABELS.items()])
    before_g = mass()
    after_g = mass()
    temperature_c = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    minutes = models.PositiveIntegerField(null=True)
    #: how fine: the sieve's opening in µm, and the share that passed it in per cent
    sieve_um = models.PositiveIntegerField(null=True)
    passing_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    equipment = models.ForeignKey(Equipment, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            known("preparation_step_known", "step", list(Step)),
            models.CheckConstraint(
                name="preparation_masses_in_order",
                condition=Q(after_g__gt=0, before_g__gte=F("after_g")),
                violation_error_message="The mass afterwards is above zero and not above the one before.",
            ),
            models.CheckConstraint(
                name="preparation_sieve_whole",
                condition=Q(sieve_um=None, passing_pct=None)
                | Q(sieve_um__gt=0, passing_pct__gte=0, passing_pct__lte=100, passing_pct__isnull=False),
                violation_error_message="A sieve has an opening in µm and a share that passed, 0 to 100 %.",
            ),
            models.CheckConstraint(
                name="preparation_drying_has_temperature",
                condition=~Q(step=Step.DRY) | Q(temperature_c__isnull=False, temperature_c__range=(20, 400)),
            ),
        ]
        indexes = [models.Index(fields=["portion", "id"], name="preparation_by_portion")]

    def __str__(self) -> str:
        return f"{self.portion}: {self.get_step_display()}"


class RetentionRule(models.Model):
    """One version of how long a laboratory keeps portions of a kind; the newest version counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    laboratory = models.ForeignKey(Organisation, models.PROTECT, related_name="retention_rules")
    kind = models.CharField(max_length=12, choices=[(k.value, label) for k, label in PORTION_LABELS.items()])
    version = models.PositiveIntegerField()
    days = models.PositiveIntegerField()
    rationale = models.CharField(max_length=500)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "kind", "version"], name="retention_rule_version_once"
            ),
            known("retention_rule_kind_known", "kind", list(PortionKind)),
            models.CheckConstraint(name="retention_rule_reason_given", condition=~Q(rationale="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.days} days"
