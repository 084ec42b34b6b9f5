"""Verbs of documents: recorded once, with a scan if there is one."""

from datetime import date
from decimal import Decimal
from typing import Final

from lims import files
from lims.accounts.models import Organisation
from lims.errors import invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.models import Document
from samples.custody.papers.rules import LARGEST_SCAN_BYTES, scan_type
from samples.custody.rules import DocumentKind
from samples.registry.arguments import one_of, person_of, said

#: what no permit for samples allows, in kg and bags
MOST_KG: Final = Decimal(100_000_000)
MOST_BAGS: Final = 10_000_000


@verb
def add_document(
    *,
    actor: Actor,
    owner: Organisation,
    kind: str,
    authority: str,
    number: str,
    issued_on: date | None = None,
    expires_on: date | None = None,
    quantity_kg: Decimal | None = None,
    most_bags: int | None = None,
    scan: bytes = b"",
) -> Document:
    """Record a document of an authority: its number, how long it holds, and for how many kg or bags.

    Raises `Invalid` ("choice-unknown", "field-required", "quantity-impossible", "expires-before-issue",
    "scan-unreadable", "scan-too-large") or `Conflict` ("document-number-once").
    """
    permit(actor, "custody.pack", owner)
    what = one_of(DocumentKind, kind, field="kind")
    if issued_on is not None and expires_on is not None and expires_on < issued_on:
        message = f"It would expire on {expires_on}, before it was issued on {issued_on}."
        raise invalid("expires-before-issue", message, "Look at the paper again.", field="expires_on")
    if quantity_kg is not None and not 0 < quantity_kg <= MOST_KG:
        raise _impossible(f"{quantity_kg} kg", "quantity_kg")
    if most_bags is not None and not 0 < most_bags <= MOST_BAGS:
        raise _impossible(f"{most_bags} bags", "most_bags")
    sha256, media_type = _kept(scan)
    return Document.objects.create(
        owner=owner,
        kind=what,
        authority=said(authority, field="authority"),
        number=said(number, field="number", most=100),
        issued_on=issued_on,
        expires_on=expires_on,
        quantity_kg=quantity_kg,
        most_bags=most_bags,
        sha256=sha256,
        media_type=media_type,
        added_by=person_of(actor),
    )


def _impossible(what: str, field: str) -> Exception:
    return invalid(
        "quantity-impossible",
        f"A document for {what} cannot be.",
        "Leave it out if it sets no bound.",
        field=field,
    )


def _kept(scan: bytes) -> tuple[str, str]:
    """Return hash and type of a scan, which is in the store then; empty without one."""
    if not scan:
        return "", ""
    if len(scan) > LARGEST_SCAN_BYTES:
        raise invalid("scan-too-large", "The scan is over 10 MB.", "Scan it at 200 dpi.", field="scan")
    kind = scan_type(scan)
    if kind is None:
        raise invalid("scan-unreadable", "This is no PDF, JPEG or PNG.", "Scan it anew.", field="scan")
    return files.put(scan), kind
