"""What leaves under a document draws it down: the sums, and what keeps a consignment from leaving under it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum

from lims.errors import Place, Problem
from samples.custody.models import Consignment, ConsignmentItem, Document, DocumentCheck
from samples.custody.papers.rules import Left, left_of
from samples.custody.rules import ConsignmentState, ItemState

#: on which day a paper expires is a question of where it is looked at
ZONE: Final = ZoneInfo("Asia/Kolkata")
#: consignments that have left, or were cancelled, are no longer being packed
_NOT_GONE: Final = (ConsignmentState.PACKING, ConsignmentState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Used:
    """How much has left under a document: kg of sealed gross mass, and bags."""

    kg: Decimal = Decimal(0)
    bags: int = 0


def used_of(documents: Iterable[UUID]) -> dict[UUID, Used]:
    """Return how much has left under each of these documents. One query.

    A bag that was split off into another consignment counts there, and a bag that was not on the manifest nowhere.
    """
    left = Q(consignment__items__state__in=[ItemState.PACKED, ItemState.RECEIVED, ItemState.MISSING])
    rows = (
        DocumentCheck.objects.filter(document__in=list(documents))
        .exclude(consignment__state__in=_NOT_GONE)
        .values("document")
        .annotate(
            mass_g=Sum("consignment__items__sealed_mass_g", filter=left),
            bags=Count("consignment__items", filter=left),
        )
    )
    return {
        row["document"]: Used((row["mass_g"] or Decimal(0)) / 1000, row["bags"]) for row in rows.order_by()
    }


def left_on(document: Document, used: Used, at: datetime) -> Left:
    """Return what is left of a document at a time."""
    return left_of(
        document.quantity_kg,
        document.most_bags,
        document.expires_on,
        gone_kg=used.kg,
        gone_bags=used.bags,
        on=at.astimezone(ZONE).date(),
    )


def against_documents(
    consignment: Consignment, items: Sequence[ConsignmentItem], *, at: datetime, lock: bool = False
) -> list[Problem]:
    """Return what keeps a consignment from leaving under its documents ("document-expired", "document-exhausted").

    With `lock` the documents are held until the transaction ends: two consignments cannot both take the last of one.
    """
    rows: QuerySet[Document] = Document.objects.filter(checks__consignment=consignment).order_by("pk")
    if lock:
        ids = list(rows.values_list("pk", flat=True).distinct())
        rows = Document.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    documents = list(rows if lock else rows.distinct())
    used = used_of(document.pk for document in documents)
    kg = sum((item.sealed_mass_g for item in items), start=Decimal(0)) / 1000
    found = []
    for document in documents:
        left = left_on(document, used.get(document.pk, Used()), at)
        if left.expired:
            message = f"{document} expired on {document.expires_on}."
            found.append(Problem("document-expired", message, "Record a valid one.", Place(field="papers")))
        if not left.allows(kg, len(items)):
            message = f"{document} has {_words(left)} left; this consignment takes {_kg(kg)} kg in {len(items)} bags."
            remedy = "Take bags out, or travel under another permit."
            found.append(Problem("document-exhausted", message, remedy, Place(field="papers")))
    return found


def _words(left: Left) -> str:
    parts = [] if left.kg is None else [f"{_kg(left.kg)} kg"]
    return " and ".join(parts if left.bags is None else [*parts, f"{left.bags} bags"])


def _kg(kg: Decimal) -> str:
    return format(kg.normalize() + 0, "f")
