"""The verb of splitting: a portion becomes parts whose masses, with the loss, are what went in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from assays.runs.models import Portion, PortionEvent, Split, StorePlace
from assays.runs.portions import permissions  # noqa: F401  # permissions register by name
from assays.runs.portions.arguments import check_moment, check_places, held
from assays.runs.portions.retention import day_of, retention_rules
from assays.runs.portions.rules import (
    LABEL_LENGTH,
    MOST_PARTS,
    PARTS_OF,
    Balance,
    balance,
    first_day,
    grams,
    next_labels,
    sound_mass,
)
from assays.runs.rules import (
    PORTION_LABELS,
    PORTION_TRANSITIONS,
    PortionEventKind,
    PortionKind,
    PortionState,
)
from lims.errors import Invalid, Place, Problem, invalid
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.registry.arguments import bounded, one_of, person_of


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a splitting: what it is, its mass in g, and where it goes."""

    kind: str
    mass_g: Decimal
    place: StorePlace | None = None


@verb
def split_portion(
    *,
    actor: Actor,
    portion: Portion,
    parts: Sequence[Part],
    loss_g: Decimal,
    at: datetime,
    method: str = "",
    note: str = "",
    rest_g: Decimal = Decimal(0),
    seen_g: Decimal | None = None,
) -> Split:
    """Split a portion into labelled parts, masses in g; `rest_g` of it stays as it is.

    What went in (what was left less the rest) equals parts and `loss_g` within 0.5 % or 0.1 g, the larger (D); the loss on record makes it exact.
    Raises `Invalid` ("mass-balance", "parts-none", "parts-too-many", "part-impossible", "mass-not-positive", "rest-impossible", "label-too-long", …)
    or `Conflict` ("portion-gone", "portion-changed": `seen_g` is not what is left).
    """
    permit(actor, "portions.handle", portion)
    parent = held(portion, seen_g=seen_g)
    check_moment(at, after=parent.made_at)
    kinds = _kinds(parent, parts)
    sound_mass(loss_g, field="loss_g", zero=True)
    found = _balanced(parent, parts, loss_g, rest_g)
    state = PortionState.HELD if rest_g else PortionState.USED_UP
    if state != PortionState.HELD:
        check_transition(PORTION_TRANSITIONS, PortionState(parent.state), state)
    split = Split.objects.create(
        portion=parent,
        mass_g=found.in_g,
        loss_g=found.loss_g,
        method=bounded(" ".join(method.split()), field="method", most=100),
        note=bounded(" ".join(note.split()), field="note", most=500),
        at=at,
        recorded_by=person_of(actor),
    )
    _make(actor, parent, split, parts, kinds)
    parent.left_g, parent.state = rest_g, state
    parent.save(update_fields=["left_g", "state"])
    return split


def _kinds(parent: Portion, parts: Sequence[Part]) -> list[PortionKind]:
    """Return the kinds of the parts, if parts like these come from the parent."""
    if not parts:
        raise invalid("parts-none", "No part is given.", "Weigh at least one part.", field="parts")
    if len(parts) > MOST_PARTS:
        message = f"{len(parts)} parts; a divider has at most {MOST_PARTS} cups."
        raise invalid("parts-too-many", message, "Split it in two steps.", field="parts")
    kinds, allowed = [], PARTS_OF[PortionKind(parent.kind)]
    for row, part in enumerate(parts, 1):
        kind = one_of(PortionKind, part.kind, field="parts")
        if kind not in allowed:
            message = (
                f"No {PORTION_LABELS[kind].lower()} is split from a {parent.get_kind_display().lower()}."
            )
            ways = ", ".join(sorted(PORTION_LABELS[one].lower() for one in allowed))
            raise invalid("part-impossible", message, f"Possible: {ways}.", field="parts", row=row)
        sound_mass(part.mass_g, field="parts", row=row)
        kinds.append(kind)
    check_places([part.place for part in parts], parent.laboratory)
    return kinds


def _balanced(parent: Portion, parts: Sequence[Part], loss_g: Decimal, rest_g: Decimal) -> Balance:
    """Return how the splitting adds up. Raises `Invalid` ("rest-impossible", "mass-balance") with what is apart."""
    sound_mass(rest_g, field="rest_g", zero=True)
    if rest_g >= parent.left_g:
        message = f"{grams(parent.left_g)} is there: {grams(rest_g)} of it cannot stay over."
        raise invalid("rest-impossible", message, "Weigh what stays.", field="rest_g")
    found = balance(parent.left_g - rest_g, [part.mass_g for part in parts], loss_g)
    if not found.holds:
        apart, side = abs(found.difference_g), "missing" if found.difference_g > 0 else "too much"
        raise Invalid(
            Problem(
                "mass-balance",
                f"{grams(found.in_g)} went in; parts and loss make {grams(found.parts_g + loss_g)}: {grams(apart)} {side}.",
                f"Weigh again; up to {grams(found.tolerance_g)} may be apart.",
                Place(field="parts"),
                {"difference_g": str(found.difference_g), "tolerance_g": str(found.tolerance_g)},
            )
        )
    return found


def _make(
    actor: Actor, parent: Portion, split: Split, parts: Sequence[Part], kinds: Sequence[PortionKind]
) -> None:
    taken = Portion.objects.filter(parent=parent).values_list("label", flat=True)
    labels = next_labels(parent.label, kinds, taken)
    if max(map(len, labels)) > LABEL_LENGTH:
        message = f"A label like {labels[0]} is longer than {LABEL_LENGTH} characters."
        raise invalid("label-too-long", message, "Split an earlier portion instead.", field="parts")
    rules, who = retention_rules(parent.laboratory_id), person_of(actor)
    made = Portion.objects.bulk_create(
        Portion(
            laboratory=parent.laboratory,
            sample=parent.sample,
            split=split,
            parent=parent,
            label=label,
            kind=kind,
            made_g=part.mass_g,
            left_g=part.mass_g,
            place=part.place,
            keep_until=first_day(day_of(split.at), rules[kind].days if kind in rules else None),
            made_at=split.at,
            created_by=who,
        )
        for label, kind, part in zip(labels, kinds, parts, strict=True)
    )
    PortionEvent.objects.bulk_create(
        PortionEvent(portion=one, kind=PortionEventKind.STORED, place=one.place, at=split.at, recorded_by=who)
        for one in made
        if one.place is not None
    )
