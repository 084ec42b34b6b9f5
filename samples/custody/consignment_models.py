"""Consignments with their bags and papers, and seals: shape, not behaviour."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from lims.accounts.models import Organisation, User
from lims.ids import uuid7
from samples.custody.columns import by, known
from samples.custody.rules import (
    CONSIGNMENT_LABELS,
    CONSIGNMENT_TRANSITIONS,
    DOCUMENT_LABELS,
    ITEM_TRANSITIONS,
    SEAL_TRANSITIONS,
    Condition,
    ConsignmentState,
    DocumentKind,
    ItemState,
    SealState,
)
from samples.registry.models import Sample


class ConsignmentQuerySet(models.QuerySet["Consignment"]):
    """Consignments, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return those that the person's organisations own, carry, await or sent back; all for those who oversee."""
        if user.oversees:
            return self
        mine = [m.organisation_id for m in user.roles]
        received = Q(destination__in=mine) & ~Q(state=ConsignmentState.PACKING)
        return self.filter(Q(owner__in=mine) | Q(carrier__in=mine) | Q(sent_by__in=mine) | received)


class Consignment(models.Model):
    """Bags that travel together under a manifest, which is locked at dispatch."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="consignments")
    carrier = models.ForeignKey(Organisation, models.PROTECT, related_name="carried_consignments")
    destination = models.ForeignKey(Organisation, models.PROTECT, related_name="awaited_consignments")
    state = models.CharField(
        max_length=16,
        choices=[(s.value, label) for s, label in CONSIGNMENT_LABELS.items()],
        default=ConsignmentState.PACKING,
    )
    planned_arrival = models.DateTimeField(null=True)
    #: dose rates in µSv/h, at the surface and at 1 m, and what measured them
    dose_surface_usv_h = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    dose_1m_usv_h = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    dose_instrument = models.CharField(max_length=100, blank=True, default="")
    #: SHA-256 over tags, masses and seals as they were dispatched
    manifest_sha256 = models.CharField(max_length=64, blank=True, default="")
    dispatched_at = models.DateTimeField(null=True)
    dispatched_by = by()
    route = models.ForeignKey("samples.Route", models.PROTECT, null=True, related_name="consignments")
    #: the consignment that it was part of until it was split
    split_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    #: on its way back to the owner: turned back on the road, or sent by the laboratory
    returning = models.BooleanField(default=False)
    #: the laboratory that sends its bags back; null for what comes from the mine
    sent_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    turned_back_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = by()
    cancel_reason = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = by()

    objects = ConsignmentQuerySet.as_manager()
    transitions: ClassVar[Mapping[str, Mapping[ConsignmentState, frozenset[ConsignmentState]]]] = {
        "state": CONSIGNMENT_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="consignment_code_once"),
            known("consignment_state_known", "state", list(ConsignmentState)),
            models.CheckConstraint(
                name="consignment_dispatched_whole",
                condition=Q(state__in=[ConsignmentState.PACKING, ConsignmentState.CANCELLED])
                | Q(dispatched_at__isnull=False) & ~Q(manifest_sha256=""),
            ),
            models.CheckConstraint(
                name="consignment_cancelled_whole",
                condition=~Q(state=ConsignmentState.CANCELLED) & Q(cancelled_at=None, cancel_reason="")
                | Q(state=ConsignmentState.CANCELLED, cancelled_at__isnull=False) & ~Q(cancel_reason=""),
            ),
            models.CheckConstraint(
                name="consignment_dose_whole",
                condition=Q(dose_surface_usv_h=None, dose_1m_usv_h=None, dose_instrument="")
                | Q(
                    dose_surface_usv_h__isnull=False,
                    dose_surface_usv_h__gte=0,
                    dose_1m_usv_h__isnull=False,
                    dose_1m_usv_h__gte=0,
                )
                & ~Q(dose_instrument=""),
            ),
            models.CheckConstraint(
                name="consignment_sent_by_returns", condition=Q(sent_by=None) | Q(returning=True)
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="consignment_by_owner")]

    def __str__(self) -> str:
        return self.code


class ConsignmentItem(models.Model):
    """A bag of a consignment: what the manifest says of it, and how it was received."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="items")
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="consignment_items")
    sealed_mass_g = models.DecimalField(max_digits=12, decimal_places=3)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.title()) for s in ItemState], default=ItemState.PACKED
    )
    received_at = models.DateTimeField(null=True)
    received_by = by()
    received_mass_g = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    condition = models.CharField(
        max_length=10, choices=[(c.value, c.title()) for c in Condition], blank=True, default=""
    )

    transitions: ClassVar[Mapping[str, Mapping[ItemState, frozenset[ItemState]]]] = {
        "state": ITEM_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consignment", "sample"],
                name="consignment_item_once",
                violation_error_message="The bag is in this consignment already.",
            ),
            models.UniqueConstraint(
                fields=["sample"],
                condition=Q(state=ItemState.PACKED),
                name="sample_in_one_consignment",
                violation_error_message="The bag is packed in another consignment.",
            ),
            known("consignment_item_state_known", "state", list(ItemState)),
            models.CheckConstraint(name="consignment_item_mass_positive", condition=Q(sealed_mass_g__gt=0)),
            models.CheckConstraint(
                name="consignment_item_received_whole",
                condition=~Q(state__in=[ItemState.RECEIVED, ItemState.UNEXPECTED]) & Q(received_at=None)
                | Q(
                    state__in=[ItemState.RECEIVED, ItemState.UNEXPECTED],
                    received_at__isnull=False,
                    received_mass_g__isnull=False,
                    received_mass_g__gt=0,
                    condition__in=list(Condition),
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.sample)


class Seal(models.Model):
    """A numbered tamper-evident seal on a bag: applied once, removed once, never reused."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    maker = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="seals")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.title()) for s in SealState], default=SealState.APPLIED
    )
    applied_at = models.DateTimeField()
    applied_by = by()
    ended_at = models.DateTimeField(null=True)
    ended_by = by()

    transitions: ClassVar[Mapping[str, Mapping[SealState, frozenset[SealState]]]] = {
        "state": SEAL_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("maker"),
                Lower("number"),
                name="seal_used_once",
                violation_error_code="seal-used",
                violation_error_message="This seal was used before: a seal is applied once.",
            ),
            models.UniqueConstraint(
                fields=["sample"],
                condition=Q(state=SealState.APPLIED),
                name="seal_one_on_a_bag",
                violation_error_message="The bag is sealed already.",
            ),
            known("seal_state_known", "state", list(SealState)),
            models.CheckConstraint(name="seal_named", condition=~Q(maker="") & ~Q(number="")),
            models.CheckConstraint(
                name="seal_ended_with_time",
                condition=Q(state=SealState.APPLIED, ended_at=None)
                | Q(ended_at__isnull=False) & ~Q(state=SealState.APPLIED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.maker} {self.number}"


class DocumentCheck(models.Model):
    """A paper that travels with a consignment: its kind and reference."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=24, choices=[(k.value, label) for k, label in DOCUMENT_LABELS.items()])
    reference = models.CharField(max_length=100)
    document = models.ForeignKey("samples.Document", models.PROTECT, null=True, related_name="checks")
    given_at = models.DateTimeField(db_default=Now(), editable=False)
    given_by = by()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consignment", "kind"],
                name="document_once",
                violation_error_message="This paper is there already.",
            ),
            known("document_kind_known", "kind", list(DocumentKind)),
            models.CheckConstraint(name="document_reference_given", condition=~Q(reference="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"
