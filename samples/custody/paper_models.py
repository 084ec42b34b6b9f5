"""Documents of an owner and pre-numbered custody forms: shape, not behaviour."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from lims.accounts.models import Organisation, User
from lims.ids import uuid7
from samples.custody.columns import by, known
from samples.custody.rules import DOCUMENT_LABELS, DocumentKind
from samples.registry.models import Photograph


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the documents of one's own organisations, and those of consignments that one carries or awaits."""
        if user.oversees:
            return self
        mine = [m.organisation_id for m in user.roles]
        travels = Q(checks__consignment__carrier__in=mine) | Q(checks__consignment__destination__in=mine)
        shown = self.model.objects.filter(travels).values("pk")
        return self.filter(Q(owner__in=mine) | Q(pk__in=shown))


class Document(models.Model):
    """A paper of an authority: its number, how long it holds, and for how much, in kg or in bags."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=24, choices=[(k.value, label) for k, label in DOCUMENT_LABELS.items()])
    authority = models.CharField(max_length=200)
    number = models.CharField(max_length=100)
    issued_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    quantity_kg = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    most_bags = models.PositiveIntegerField(null=True)
    #: its scan in the store of files
    sha256 = models.CharField(max_length=64, blank=True, default="")
    media_type = models.CharField(max_length=40, blank=True, default="")
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    added_by = by()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner",
                "kind",
                Lower("authority"),
                Lower("number"),
                name="document_number_once",
                violation_error_message="This document is recorded already.",
            ),
            known("owner_document_kind_known", "kind", list(DocumentKind)),
            models.CheckConstraint(name="document_named", condition=~Q(authority="") & ~Q(number="")),
            models.CheckConstraint(
                name="document_quantity_positive",
                condition=(Q(quantity_kg=None) | Q(quantity_kg__gt=0))
                & (Q(most_bags=None) | Q(most_bags__gt=0)),
            ),
            models.CheckConstraint(
                name="document_expires_after_issue",
                condition=Q(issued_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("issued_on")),
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="document_by_owner")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class PaperFormQuerySet(models.QuerySet["PaperForm"]):
    """Paper forms, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the forms of one's own organisations; all for those who oversee."""
        return self if user.oversees else self.filter(owner__in=[m.organisation_id for m in user.roles])


class PaperForm(models.Model):
    """A pre-numbered custody form: printed once, then keyed in beside its photograph, or spoilt."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="paper_forms")
    number = models.CharField(max_length=12)
    printed_at = models.DateTimeField(db_default=Now(), editable=False)
    printed_by = by()
    entered_at = models.DateTimeField(null=True)
    entered_by = by()
    photograph = models.ForeignKey(Photograph, models.PROTECT, null=True, related_name="+")
    spoilt_at = models.DateTimeField(null=True)
    spoilt_reason = models.CharField(max_length=500, blank=True, default="")

    objects = PaperFormQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="paper_form_once"),
            models.CheckConstraint(
                name="paper_form_entered_or_spoilt", condition=Q(entered_at=None) | Q(spoilt_at=None)
            ),
            models.CheckConstraint(
                name="paper_form_entered_whole",
                condition=Q(entered_at=None, photograph=None)
                | Q(entered_at__isnull=False, photograph__isnull=False),
            ),
            models.CheckConstraint(
                name="paper_form_spoilt_with_reason",
                condition=Q(spoilt_at=None, spoilt_reason="")
                | Q(spoilt_at__isnull=False) & ~Q(spoilt_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["owner", "-number"], name="paper_form_by_owner")]

    def __str__(self) -> str:
        return self.number
