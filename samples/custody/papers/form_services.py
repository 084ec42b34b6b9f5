"""Verbs of paper forms: printed with numbers beforehand, keyed in beside their photograph, or spoilt."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.db import connection
from django.utils import timezone

from lims.accounts.models import Organisation, User
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions, road_services  # noqa: F401  # permissions register by name
from samples.custody.happenings import Here
from samples.custody.models import Consignment, CustodyEvent, EventPhotograph, PaperForm
from samples.custody.papers.rules import LAST_NUMBER, MOST_FORMS, form_number
from samples.custody.rules import ON_THE_WAY, EventKind
from samples.registry.arguments import one_of, person_of, said
from samples.registry.models import Photograph

#: what a form may tell of
TOLD_ON_PAPER: Final = (EventKind.HANDED_OVER, *sorted(ON_THE_WAY))


@verb
def print_forms(*, actor: Actor, owner: Organisation, count: int) -> list[PaperForm]:
    """Number the next `count` forms (1 to 200), to be printed. Raises `Invalid` ("count-out-of-range") or `Conflict`."""
    permit(actor, "custody.pack", owner)
    if not 1 <= count <= MOST_FORMS:
        message = f"1 to {MOST_FORMS} forms at once."
        raise invalid("count-out-of-range", message, "Ask for fewer.", field="count")
    # Numbers are given one at a time over all owners: whoever comes second waits until the first has committed.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('custody.paper_form'))")
    year = timezone.localtime().year
    begins = form_number(year, 0).partition("-")[0]
    last = PaperForm.objects.filter(number__startswith=f"{begins}-").order_by("-number").first()
    first = int(last.number.partition("-")[2]) + 1 if last else 1
    if first + count - 1 > LAST_NUMBER:
        raise conflict("forms-exhausted", f"{begins} has no {count} numbers left.", "Wait for the next year.")
    return PaperForm.objects.bulk_create(
        PaperForm(owner=owner, number=form_number(year, number), printed_by=person_of(actor))
        for number in range(first, first + count)
    )


@verb
def enter_form(
    *,
    actor: Actor,
    paper: PaperForm,
    photograph: Photograph,
    consignment: Consignment,
    kind: str,
    here: Here,
    to_person: User | None = None,
    to_name: str = "",
    to_document: str = "",
    mass_g: Decimal | None = None,
    seals: Sequence[tuple[str, str]] | None = None,
    condition: str = "",
) -> CustodyEvent:
    """Key in what a form says, beside its photograph: the same fact as if it had been told on the road.

    The times are the form's; the record has who keyed it in. Raises `Invalid` ("choice-unknown",
    "form-of-another-owner", and those of `hand_over` and `record_event`) or `Conflict` ("form-entered", "form-spoilt").
    """
    permit(actor, "custody.carry", consignment)
    held = _held(paper)
    what = one_of(EventKind, kind, field="kind")
    if what not in TOLD_ON_PAPER:
        known = ", ".join(TOLD_ON_PAPER)
        raise invalid(
            "choice-unknown", f"{what} is not told on a form.", f"Choose one of: {known}.", field="kind"
        )
    if not consignment.owner_id == held.owner_id == photograph.owner_id:
        message = f"{held} is a form of {held.owner}."
        raise invalid("form-of-another-owner", message, "Look at its number again.", field="number")
    told = Here(**{name: getattr(here, name) for name in Here.__dataclass_fields__} | {"paper_form": held})
    if what == EventKind.HANDED_OVER:
        event = road_services.hand_over(
            actor=actor,
            consignment=consignment,
            here=told,
            to_person=to_person,
            to_name=to_name,
            to_document=to_document,
            mass_g=mass_g,
            seals=seals,
            condition=condition,
        )
    else:
        event = road_services.record_event(actor=actor, consignment=consignment, kind=what, here=told)
    EventPhotograph.objects.create(event=event, photograph=photograph)
    held.entered_at, held.entered_by, held.photograph = timezone.now(), person_of(actor), photograph
    held.save(update_fields=["entered_at", "entered_by", "photograph"])
    return event


@verb
def spoil_form(*, actor: Actor, paper: PaperForm, reason: str) -> PaperForm:
    """Say that a form is spoilt, so that its number is not missed. Raises `Conflict` ("form-entered", "form-spoilt")."""
    permit(actor, "custody.pack", paper.owner)
    held = _held(paper)
    held.spoilt_at, held.spoilt_reason = timezone.now(), said(reason, field="reason", most=500)
    held.save(update_fields=["spoilt_at", "spoilt_reason"])
    return held


def _held(paper: PaperForm) -> PaperForm:
    """Return the form, locked, if nothing was made of it yet. Raises `Conflict` ("form-entered", "form-spoilt")."""
    rows = PaperForm.objects.select_for_update(of=("self",), no_key=True).select_related("owner")
    held = rows.get(pk=paper.pk)
    if held.entered_at is not None:
        message = f"{held} was keyed in on {held.entered_at:%Y-%m-%d}."
        raise conflict("form-entered", message, "Look at its event.", field="number")
    if held.spoilt_at is not None:
        raise conflict(
            "form-spoilt", f"{held} is spoilt: {held.spoilt_reason}", "Use another.", field="number"
        )
    return held
