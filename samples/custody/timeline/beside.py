"""What stands beside a custody record: documents, the consignments that it goes on in, the seal of all changes."""

from django.db.models import Q

from lims.accounts.models import User
from lims.ledger.queries import seal_state
from samples.custody.models import Consignment, ConsignmentItem, DocumentCheck
from samples.custody.timeline.content import Kin, Paper, Sealed
from samples.registry.models import Sample


def papers(consignment: Consignment) -> tuple[Paper, ...]:
    """Return the documents under which a consignment travels; one query."""
    rows = DocumentCheck.objects.filter(consignment=consignment).select_related("document").order_by("kind")
    return tuple(
        Paper(
            kind=str(row.get_kind_display()),
            reference=row.reference,
            authority=row.document.authority if row.document is not None else "",
            expires_on=row.document.expires_on if row.document is not None else None,
            quantity_kg=row.document.quantity_kg if row.document is not None else None,
            most_bags=row.document.most_bags if row.document is not None else None,
        )
        for row in rows
    )


def kin(user: User, consignment: Consignment) -> tuple[Kin, ...]:
    """Return what a consignment was split from and into, as far as the person may see it; one query."""
    rows = Consignment.objects.visible_to(user).filter(
        Q(pk=consignment.split_from_id) | Q(split_from=consignment.pk)
    )
    return tuple(
        _kin_of("Split from" if one.pk == consignment.split_from_id else "Split off", one)
        for one in rows.distinct().order_by("id")
    )


def travelled(user: User, sample: Sample) -> tuple[Kin, ...]:
    """Return the consignments that a bag was ever in, as far as the person may see them; one query."""
    ever = ConsignmentItem.objects.filter(sample=sample).values("consignment")
    rows = Consignment.objects.visible_to(user).filter(pk__in=ever).distinct().order_by("id")
    return tuple(_kin_of("Came back with" if one.returning else "Travelled with", one) for one in rows)


def _kin_of(word: str, one: Consignment) -> Kin:
    return Kin(word, one.pk, one.code, str(one.get_state_display()))


def seal() -> Sealed:
    """Return how far the record of all changes is sealed now; three queries."""
    state = seal_state()
    return Sealed(state.sentence, state.sealed_to, state.newest, state.chain)
