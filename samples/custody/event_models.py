"""Custody events, outsiders and incidents: shape, not behaviour."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from lims.accounts.models import Organisation, User
from lims.ids import uuid7
from lims.recording import Recording
from samples.custody.columns import by, known
from samples.custody.consignment_models import Consignment
from samples.custody.paper_models import PaperForm
from samples.custody.rules import (
    CONFIRMED_LABELS,
    EVENT_LABELS,
    INCIDENT_LABELS,
    INCIDENT_TRANSITIONS,
    Condition,
    ConfirmedHow,
    EventKind,
    IncidentKind,
    IncidentState,
)
from samples.custody.scale_models import Scale
from samples.registry.models import Batch, Sample


class Outsider(models.Model):
    """A person who is no user of ours and took bags over: personal data, kept out of the record, erasable."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    document = models.CharField(max_length=100, blank=True, default="")
    #: a signature drawn on the phone, as a picture in the store of files: evidence, not an electronic signature
    signature_sha256 = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    recording: ClassVar[Recording] = Recording(omitted=frozenset({"name", "document", "signature_sha256"}))

    def __str__(self) -> str:
        return self.name


class CustodyEvent(models.Model):
    """One fact of custody: what happened to a bag or a consignment, from whom to whom, where and when. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=[(k.value, label) for k, label in EVENT_LABELS.items()])
    consignment = models.ForeignKey(Consignment, models.PROTECT, null=True, related_name="events")
    sample = models.ForeignKey(Sample, models.PROTECT, null=True, related_name="custody_events")
    from_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    to_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    to_person = by()
    to_outsider = models.ForeignKey(Outsider, models.PROTECT, null=True, related_name="+")
    #: when it happened, by the device of whoever says so; when we were told
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = by()
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    accuracy_m = models.DecimalField(max_digits=7, decimal_places=1, null=True)
    gross_mass_g = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    seals_found = models.JSONField(default=list)
    condition = models.CharField(
        max_length=10, choices=[(c.value, c.title()) for c in Condition], blank=True, default=""
    )
    note = models.TextField(blank=True, default="")
    place = models.CharField(max_length=100, blank=True, default="")
    #: the phone that told of it (a device of samples.field), and its own time if its clock was off
    device = models.UUIDField(null=True)
    device_at = models.DateTimeField(null=True)
    scale = models.ForeignKey(Scale, models.PROTECT, null=True, related_name="+")
    drying_loss_g = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    confirmed_how = models.CharField(
        max_length=10,
        choices=[(c.value, label) for c, label in CONFIRMED_LABELS.items()],
        blank=True,
        default="",
    )
    confirmed_at = models.DateTimeField(null=True)
    paper_form = models.ForeignKey(PaperForm, models.PROTECT, null=True, related_name="events")

    recording: ClassVar[Recording] = Recording(
        append_only=True, place=frozenset({"latitude", "longitude", "accuracy_m"})
    )

    class Meta:
        constraints = [
            known("custody_event_kind_known", "kind", list(EventKind)),
            models.CheckConstraint(
                name="custody_event_of_something",
                condition=Q(sample__isnull=False) | Q(consignment__isnull=False),
            ),
            models.CheckConstraint(
                name="custody_event_place_whole",
                condition=Q(latitude=None, longitude=None, accuracy_m=None)
                | Q(
                    latitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__isnull=False,
                    longitude__range=(-180, 180),
                ),
            ),
            models.CheckConstraint(
                name="custody_event_mass_positive", condition=Q(gross_mass_g=None) | Q(gross_mass_g__gt=0)
            ),
            models.CheckConstraint(
                name="custody_event_drying_positive",
                condition=Q(drying_loss_g=None) | Q(drying_loss_g__gte=0),
            ),
            models.CheckConstraint(
                name="custody_event_confirmed_whole",
                condition=Q(confirmed_how="", confirmed_at=None)
                | Q(confirmed_how__in=list(ConfirmedHow), confirmed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["consignment", "at", "id"], name="event_by_consignment"),
            models.Index(fields=["sample", "at", "id"], name="event_by_sample"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Incidents, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return those of samples and consignments that the person may see."""
        if user.oversees:
            return self
        seen = Sample.objects.visible_to(user).values("pk")
        mine = Consignment.objects.visible_to(user).values("pk")
        batches = Batch.objects.visible_to(user).values("pk")
        return self.filter(Q(sample__in=seen) | Q(sample=None, consignment__in=mine) | Q(batch__in=batches))


class Incident(models.Model):
    """Something that a person must explain, and another one decide on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=24, choices=[(k.value, label) for k, label in INCIDENT_LABELS.items()])
    sample = models.ForeignKey(Sample, models.PROTECT, null=True, related_name="incidents")
    consignment = models.ForeignKey(Consignment, models.PROTECT, null=True, related_name="incidents")
    #: for what concerns neither one bag nor one consignment: a phone's clock
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="incidents")
    event = models.ForeignKey(CustodyEvent, models.PROTECT, null=True, related_name="incidents")
    blocking = models.BooleanField()
    #: what was found and what was expected, in words
    detail = models.CharField(max_length=500)
    #: the numbers that tripped it, each with its unit in the name
    facts = models.JSONField(default=dict)
    assigned_to = by()
    assigned_at = models.DateTimeField(null=True)
    assigned_by = by()
    state = models.CharField(
        max_length=10, choices=[(s.value, s.title()) for s in IncidentState], default=IncidentState.OPEN
    )
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    explanation = models.TextField(blank=True, default="")
    explained_by = by()
    explained_at = models.DateTimeField(null=True)
    judgement = models.TextField(blank=True, default="")
    judged_by = by()
    judged_at = models.DateTimeField(null=True)

    objects = IncidentQuerySet.as_manager()
    transitions: ClassVar[Mapping[str, Mapping[IncidentState, frozenset[IncidentState]]]] = {
        "state": INCIDENT_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sample", "kind", "event"], name="incident_once"),
            known("incident_kind_known", "kind", list(IncidentKind)),
            known("incident_state_known", "state", list(IncidentState)),
            models.CheckConstraint(
                name="incident_of_something",
                condition=Q(sample__isnull=False)
                | Q(consignment__isnull=False)
                | Q(batch__isnull=False, blocking=False),
            ),
            models.CheckConstraint(
                name="incident_explained_whole",
                condition=Q(state=IncidentState.OPEN, explanation="", explained_by=None)
                | ~Q(state=IncidentState.OPEN) & ~Q(explanation=""),
            ),
            models.CheckConstraint(
                name="incident_judged_by_another",
                condition=Q(judged_by=None) | ~Q(judged_by=F("explained_by")),
                violation_error_message="Somebody else decides on it, not the one who explained it.",
            ),
            models.CheckConstraint(
                name="incident_judged_with_reason",
                condition=~Q(state__in=[IncidentState.CLEARED, IncidentState.UPHELD]) & Q(judgement="")
                | Q(state__in=[IncidentState.CLEARED, IncidentState.UPHELD]) & ~Q(judgement=""),
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="incident_by_state")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.detail}"
