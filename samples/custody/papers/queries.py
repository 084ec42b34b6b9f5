"""Documents and forms as they are listed and looked at; constant queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from lims.errors import NotFound, Place, Problem
from samples.custody.models import Consignment, Document, DocumentCheck, PaperForm
from samples.custody.papers.drawdown import Used, left_on, used_of
from samples.custody.papers.rules import Left
from samples.custody.rules import DocumentKind

_PACKERS: Final = (Role.FIELD_COORDINATOR, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class SeenDocument:
    """A document with what has left under it and what is left, in kg and bags."""

    document: Document
    used: Used
    left: Left

    @property
    def exhausted(self) -> bool:
        """Return whether nothing more may leave under it."""
        return (self.left.kg is not None and self.left.kg <= 0) or (
            self.left.bags is not None and self.left.bags <= 0
        )


def packing_for(user: User) -> QuerySet[Organisation]:
    """Return the owners for whom a person packs."""
    ids = [
        m.organisation_id
        for m in user.roles
        if m.role in _PACKERS and m.organisation.kind == OrganisationKind.SPONSOR
    ]
    return Organisation.objects.filter(pk__in=ids)


def documents_for(user: User) -> QuerySet[Document]:
    """Return the documents of the owners for whom a person packs; all for those who oversee."""
    rows = Document.objects.select_related("owner", "added_by")
    return rows if user.oversees else rows.filter(owner__in=packing_for(user).values("pk"))


def document_for(user: User, pk: UUID | str) -> Document:
    """Return one document. Raises `NotFound` ("document-unknown")."""
    found = documents_for(user).filter(pk=pk).first()
    if found is None:
        remedy = "Choose one from the register."
        raise NotFound(
            Problem("document-unknown", "There is no such document.", remedy, Place(field="document"))
        )
    return found


def seen_documents(documents: Iterable[Document], *, at: datetime | None = None) -> list[SeenDocument]:
    """Return documents with what is left of them at a time, now unless it is given. One query."""
    documents, when = list(documents), at or timezone.now()
    used = used_of(document.pk for document in documents)
    return [
        SeenDocument(one, used.get(one.pk, Used()), left_on(one, used.get(one.pk, Used()), when))
        for one in documents
    ]


def fitting_documents(consignment: Consignment) -> list[SeenDocument]:
    """Return the owner's documents of kinds that a consignment still lacks, those that hold first."""
    there = DocumentCheck.objects.filter(consignment=consignment).values_list("kind", flat=True)
    missing = [kind for kind in DocumentKind if kind not in set(there)]
    rows = Document.objects.filter(owner=consignment.owner_id, kind__in=missing).order_by("kind", "-id")[:200]
    return sorted(seen_documents(rows), key=lambda one: one.left.expired or one.exhausted)


def travelled_under(document: Document) -> QuerySet[DocumentCheck]:
    """Return the consignments that a document is a paper of, the newest first, with the number of their bags."""
    rows = DocumentCheck.objects.filter(document=document).select_related("consignment")
    kept = ~Q(consignment__items__state__in=["MOVED", "UNEXPECTED"])
    return rows.annotate(bags=Count("consignment__items", filter=kept)).order_by("-id")


def forms_for(user: User) -> QuerySet[PaperForm]:
    """Return the forms of the owners for whom a person packs; all for those who oversee."""
    rows = PaperForm.objects.select_related("owner", "printed_by", "entered_by")
    return rows if user.oversees else rows.filter(owner__in=packing_for(user).values("pk"))


def form_for(user: User, pk: UUID | str) -> PaperForm:
    """Return one form. Raises `NotFound` ("form-unknown")."""
    found = forms_for(user).filter(pk=pk).first()
    if found is None:
        remedy = "Read its number again."
        raise NotFound(Problem("form-unknown", "There is no such form.", remedy, Place(field="number")))
    return found


def counts_of(forms: QuerySet[PaperForm]) -> dict[str, int]:
    """Return how many forms were printed, keyed in, are spoilt, and are still out. One query."""
    return forms.aggregate(
        printed=Count("pk"),
        entered=Count("pk", filter=Q(entered_at__isnull=False)),
        spoilt=Count("pk", filter=Q(spoilt_at__isnull=False)),
        out=Count("pk", filter=Q(entered_at=None, spoilt_at=None)),
    )
