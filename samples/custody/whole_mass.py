"""The gross mass of a whole consignment, compared with what it weighed before and with the bags in it."""

from decimal import Decimal
from typing import Final

from django.db.models import Q, Sum

from lims.errors import invalid
from samples.custody.checks import DEFAULT, Limits, mass_off, tolerance_g
from samples.custody.happenings import open_incident
from samples.custody.mass_checks import divisions_of, grams
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent
from samples.custody.rules import EventKind, IncidentKind, ItemState

#: what no lorry of ours carries, in g
LARGEST_LOAD_G: Final = Decimal(50_000_000)


def check_load(mass_g: Decimal | None, drying_loss_g: Decimal | None) -> None:
    """Raise `Invalid` ("mass-not-positive", "mass-too-large", "drying-negative") for masses (g) that cannot be."""
    if mass_g is not None and mass_g <= 0:
        raise invalid("mass-not-positive", f"The mass is {mass_g} g.", "Weigh it again.", field="mass_g")
    if mass_g is not None and mass_g > LARGEST_LOAD_G:
        raise invalid(
            "mass-too-large",
            f"The mass is {mass_g} g, over 50 t.",
            "Was it entered in grams instead of kilograms?",
            field="mass_g",
        )
    check_drying(drying_loss_g)


def check_drying(drying_loss_g: Decimal | None) -> None:
    """Raise `Invalid` ("drying-negative", "mass-too-large") for a drying loss (g) that cannot be."""
    if drying_loss_g is not None and drying_loss_g < 0:
        raise invalid(
            "drying-negative",
            f"A drying loss of {drying_loss_g} g is a gain.",
            "Give it as a positive number of grams, or leave it out.",
            field="drying_loss_g",
        )
    if drying_loss_g is not None and drying_loss_g > LARGEST_LOAD_G:
        raise invalid(
            "mass-too-large", f"{drying_loss_g} g is over 50 t.", "In grams.", field="drying_loss_g"
        )


def sealed_of(consignment: Consignment) -> Decimal:
    """Return the sum of the sealed gross masses of the bags that still travel in a consignment, in g."""
    lost = CustodyEvent.objects.filter(kind__in=[EventKind.LOST, EventKind.DISPOSED]).values("sample")
    rows = ConsignmentItem.objects.filter(consignment=consignment, state=ItemState.PACKED)
    total = rows.exclude(sample__in=lost).aggregate(total=Sum("sealed_mass_g"))["total"]
    return Decimal(total or 0)


def weighed_before(consignment: Consignment, event: CustodyEvent) -> CustodyEvent | None:
    """Return when the same whole was weighed last: before bags were split off it was another whole."""
    rows = CustodyEvent.objects.filter(consignment=consignment, sample=None).exclude(pk=event.pk)
    told = rows.filter(Q(gross_mass_g__isnull=False) | Q(kind=EventKind.SPLIT)).select_related("scale")
    last = told.order_by("-recorded_at", "-id").first()
    return None if last is None or last.kind == EventKind.SPLIT else last


def check_whole(consignment: Consignment, event: CustodyEvent, *, limits: Limits = DEFAULT) -> None:
    """Open an incident if a consignment weighs neither what it did before nor what its sealed bags do.

    A crate or a pallet may be weighed with them, so more than the bags is no incident the first time; less always is.
    Tolerance as for a bag (METHODS.md, section 6): max(1 %, 20 g, the divisions of both scales), and the declared
    drying loss.
    """
    found = event.gross_mass_g
    if found is None:
        return
    before, sealed_g = weighed_before(consignment, event), sealed_of(consignment)
    compared = [("sealed", sealed_g)] if sealed_g and found < sealed_g else []
    if before is not None and before.gross_mass_g not in {None, sealed_g}:
        compared.append(("weighed last", Decimal(before.gross_mass_g or 0)))
    divisions = divisions_of(one for one in (event, before) if one is not None)
    drying_g = event.drying_loss_g or Decimal(0)
    off = [
        {
            "compared_with": what,
            "found_g": grams(found),
            "before_g": grams(before_g),
            "difference_g": grams(found - before_g),
            "tolerance_g": grams(tolerance_g(before_g, divisions, limits=limits)),
            "drying_loss_g": grams(drying_g),
            "divisions_g": [grams(one) for one in divisions],
        }
        for what, before_g in compared
        if mass_off(found, before_g, drying_g=drying_g, divisions_g=divisions, limits=limits)
    ]
    if off:
        words = ", ".join(f"{one['compared_with']} at {one['before_g']} g" for one in off)
        detail = f"The whole weighs {grams(found)} g; {words}."
        facts = off[0] | ({"also": off[1:]} if len(off) > 1 else {})
        kind = IncidentKind.MASS_OUT_OF_TOLERANCE
        open_incident(kind, detail, consignment=consignment, event=event, facts=facts)
