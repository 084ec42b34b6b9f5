"""What a bag weighs, compared with what it weighed when it was sealed, and with what it weighed last."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from lims.errors import invalid
from samples.custody.checks import DEFAULT, Limits, mass_off, tolerance_g
from samples.custody.happenings import open_incident
from samples.custody.models import Consignment, CustodyEvent, Incident
from samples.custody.rules import EventKind, IncidentKind
from samples.registry.models import Sample


def check_mass(
    event: CustodyEvent,
    *,
    sample: Sample,
    consignment: Consignment | None,
    sealed_g: Decimal,
    limits: Limits = DEFAULT,
) -> Incident | None:
    """Open an incident if a bag's gross mass is off: from its sealed mass or from its last one, all in g.

    The tolerance is max(1 %, 20 g, the divisions of the two scales); what was declared lost by drying since then
    excuses a loss, never a gain (METHODS.md section 6).
    """
    found = event.gross_mass_g
    if found is None:
        return None
    weighed = CustodyEvent.objects.filter(sample=sample, gross_mass_g__isnull=False).exclude(pk=event.pk)
    rows = weighed.select_related("scale").order_by("-recorded_at", "-id")
    last = rows.first()
    sealed = rows.filter(kind=EventKind.SEALED).first()
    compared = [("sealed", sealed_g, sealed)]
    # At the same mass too: the other scale may have been finer, and it may have dried before.
    if last is not None and last.gross_mass_g is not None and last != sealed:
        compared.append(("weighed last", last.gross_mass_g, last))
    off = [
        facts
        for what, before_g, before in compared
        if (facts := _difference(event, found, what, before_g, before, limits=limits))
    ]
    if not off:
        return None
    words = ", ".join(f"{one['compared_with']} at {one['before_g']} g" for one in off)
    return open_incident(
        IncidentKind.MASS_OUT_OF_TOLERANCE,
        f"Received at {grams(found)} g; {words}."
        if event.kind == EventKind.RECEIVED
        else f"Weighs {grams(found)} g; {words}.",
        sample=sample,
        consignment=consignment,
        event=event,
        facts=off[0] | ({"also": off[1:]} if len(off) > 1 else {}),
    )


def _difference(
    event: CustodyEvent,
    found_g: Decimal,
    what: str,
    before_g: Decimal,
    before: CustodyEvent | None,
    *,
    limits: Limits,
) -> dict[str, Any] | None:
    """Return what trips the check against one earlier mass; None if nothing does."""
    divisions = divisions_of(one for one in (event, before) if one is not None)
    drying_g = _dried(event, before)
    if not mass_off(found_g, before_g, drying_g=drying_g, divisions_g=divisions, limits=limits):
        return None
    return {
        "compared_with": what,
        "found_g": grams(found_g),
        "before_g": grams(before_g),
        "difference_g": grams(found_g - before_g),
        "tolerance_g": grams(tolerance_g(before_g, divisions, limits=limits)),
        "drying_loss_g": grams(drying_g),
        "divisions_g": [grams(one) for one in divisions],
    }


def divisions_of(events: Iterable[CustodyEvent]) -> list[Decimal]:
    """Return the divisions of the scales that these events were weighed on, in g."""
    return [event.scale.division_g for event in events if event.scale is not None]


def _dried(event: CustodyEvent, since: CustodyEvent | None) -> Decimal:
    """Return what a bag was declared to have lost by drying after an event, up to this one, in g."""
    rows = CustodyEvent.objects.filter(sample=event.sample, drying_loss_g__isnull=False)
    if since is not None:
        rows = rows.filter(recorded_at__gte=since.recorded_at).exclude(pk=since.pk)
    total = rows.aggregate(total=Sum("drying_loss_g"))["total"]
    return Decimal(total or 0)


def check_drying(drying_loss_g: Decimal | None) -> None:
    """Raise `Invalid` ("drying-negative") for a declared drying loss that is none, in g."""
    if drying_loss_g is not None and drying_loss_g < 0:
        message = f"Nothing dries by {drying_loss_g} g."
        raise invalid("drying-negative", message, "Leave it out, or give the loss.", field="drying_loss_g")


def grams(mass_g: Decimal) -> str:
    """Return a mass in g with the digits that say something.

    >>> grams(Decimal("2150.000")), grams(Decimal("2E+3"))
    ('2150', '2000')
    """
    return format(mass_g.normalize() + 0, "f")
