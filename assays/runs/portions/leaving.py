"""Verbs by which portions leave a laboratory: returned to their owner, thrown away when their time is over."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import DateField, F, Max, Value
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from assays.runs.models import Portion, PortionEvent, RetentionRule
from assays.runs.portions import permissions  # noqa: F401  # permissions register by name
from assays.runs.portions.arguments import held, locked, moment
from assays.runs.portions.retention import day_of, first_days
from assays.runs.rules import (
    PORTION_STATE_LABELS,
    PORTION_TRANSITIONS,
    PortionEventKind,
    PortionKind,
    PortionState,
)
from lims.accounts.models import Organisation
from lims.errors import Conflict, Place, Problem, invalid
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.registry.arguments import one_of, person_of, said

#: a hundred years
LONGEST_DAYS: Final = 36_500
#: portions that are thrown away at once
MOST_AT_ONCE: Final = 500


@verb
def return_portion(
    *, actor: Actor, portion: Portion, reason: str, at: datetime | None = None
) -> PortionEvent:
    """Give what is left of a portion back to its owner; the laboratory has it no more.

    Raises `Invalid` ("field-required", …) or `Conflict` ("portion-gone").
    """
    permit(actor, "portions.handle", portion)
    why = said(reason, field="reason", most=500)
    return _leave(actor, held(portion), PortionState.RETURNED, why, at)


@verb
def dispose_portion(
    *, actor: Actor, portion: Portion, reason: str, at: datetime | None = None
) -> PortionEvent:
    """Throw away what is left of a portion, once its retention is over. Raises as `dispose_portions`."""
    return dispose_portions(actor=actor, portions=[portion], reason=reason, at=at)[0]


@verb
def dispose_portions(
    *, actor: Actor, portions: Sequence[Portion], reason: str, at: datetime | None = None
) -> list[PortionEvent]:
    """Throw away what is left of portions, all of them or, when one must be kept, none.

    Raises `Invalid` ("portions-none", "portions-too-many", "field-required") or `Conflict`, with a problem for each that stays: "portion-gone", "portion-needed"
    (a run is not finished with it), "retention-runs" (its time is not over), "retention-unset" (nobody has said how long it is kept).
    """
    if not portions:
        raise invalid("portions-none", "No portion is chosen.", "Choose at least one.", field="portions")
    if len(portions) > MOST_AT_ONCE:
        message = f"{len(portions)} portions at once."
        raise invalid("portions-too-many", message, f"At most {MOST_AT_ONCE}.", field="portions")
    for laboratory in {portion.laboratory_id: portion for portion in portions}.values():
        permit(actor, "portions.handle", laboratory)
    why = said(reason, field="reason", most=500)
    found = locked(portions)
    _check_disposable(found, at or timezone.now())
    return [_leave(actor, portion, PortionState.DISPOSED, why, at) for portion in found]


def _check_disposable(portions: Sequence[Portion], at: datetime) -> None:
    days, today = first_days([portion.pk for portion in portions]), day_of(at)
    problems = []
    for portion in portions:
        day, needed = days[portion.pk]
        code, message, remedy = "", "", ""
        if portion.state != PortionState.HELD:
            label = PORTION_STATE_LABELS[PortionState(portion.state)].lower()
            code, message, remedy = "portion-gone", f"{portion} is {label}.", "Leave it out."
        elif needed:
            message, remedy = f"A run is not finished with {portion}.", "Wait until it is reviewed."
            code = "portion-needed"
        elif day is None:
            code, message = "retention-unset", f"Nobody has said how long {portion} is kept."
            remedy = "Set a retention rule for its kind, or ask its owner."
        elif today < day:
            code, message = "retention-runs", f"{portion} is kept: not before {day:%-d %b %Y}."
            remedy = "Leave it out, or return it to its owner."
        if code:
            problems.append(Problem(code, message, remedy, Place(field="portions")))
    if problems:
        raise Conflict(*problems)


def _leave(
    actor: Actor, portion: Portion, state: PortionState, why: str, at: datetime | None
) -> PortionEvent:
    when = moment(at, portion)
    check_transition(PORTION_TRANSITIONS, PortionState(portion.state), state)
    left_g = portion.left_g
    portion.state, portion.left_g, portion.place = state, Decimal(0), None
    portion.save(update_fields=["state", "left_g", "place"])
    return PortionEvent.objects.create(
        portion=portion,
        kind=PortionEventKind(state),
        mass_g=left_g,
        reason=why,
        at=when,
        recorded_by=person_of(actor),
    )


@verb
def set_retention_rule(
    *, actor: Actor, laboratory: Organisation, kind: str, days: int, rationale: str
) -> RetentionRule:
    """Say for how many days from when they were made a laboratory keeps portions of a kind; a new version of the rule.

    It counts for what is there already as well. Raises `Invalid` ("choice-unknown", "days-impossible", "field-required")
    or `Conflict` ("retention-rule-version-once": two people at once).
    """
    permit(actor, "portions.keep", laboratory)
    of = one_of(PortionKind, kind, field="kind")
    if not 0 <= days <= LONGEST_DAYS:
        raise invalid("days-impossible", f"{days} days.", f"0 to {LONGEST_DAYS} days.", field="days")
    why = said(rationale, field="rationale", most=500)
    rules = RetentionRule.objects.filter(laboratory=laboratory, kind=of)
    last = rules.aggregate(last=Max("version"))["last"] or 0
    made = RetentionRule.objects.create(
        laboratory=laboratory,
        kind=of,
        version=last + 1,
        days=days,
        rationale=why,
        made_by=person_of(actor),
    )
    day = Cast(TruncDate(F("made_at"), tzinfo=UTC) + Value(timedelta(days=days)), DateField())
    there = Portion.objects.filter(laboratory=laboratory, kind=of, state=PortionState.HELD)
    there.update(keep_until=day)
    return made
