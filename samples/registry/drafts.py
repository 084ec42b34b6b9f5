"""A sample before it is registered: the same checks for a form, a list and the API."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final
from uuid import UUID

from lims.errors import DomainError, Place, Problem
from samples.registry import rules
from samples.registry.models import Tag
from samples.registry.rules import NUMBER_LABELS, NumberKind

#: what a draft says of the sample itself, and what may be corrected later; the record keeps what it was
CORRECTABLE: Final = (
    "mass_g",
    "collected_at",
    "collector",
    "latitude",
    "longitude",
    "accuracy_m",
    "depth_m",
    "site",
    "note",
)
#: what is stored, in the unit of each: more decimals than these no field instrument has
STEPS: Final = {
    "mass_g": Decimal("0.001"),
    "latitude": Decimal("0.000001"),
    "longitude": Decimal("0.000001"),
    "accuracy_m": Decimal("0.1"),
    "depth_m": Decimal("0.01"),
}
#: beyond this a number is refused by every check, and rounding it might overflow
_LARGE: Final = Decimal(10) ** 12
#: characters that a text may have
LONGEST: Final = {"collector": 200, "site": 60, "note": 4000, "field_number": 60, "laboratory_number": 60}


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a sample that shall be registered; masses in g, depths and accuracies in m, degrees WGS 84."""

    tag: str
    mass_g: Decimal
    collected_at: datetime
    collector: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy_m: Decimal | None = None
    depth_m: Decimal | None = None
    site: str = ""
    note: str = ""
    field_number: str = ""
    laboratory_number: str = ""
    id: UUID | None = None
    row: int | None = None


def at_row(problem: Problem, row: int | None) -> Problem:
    """Return the problem with the row in which it is."""
    return problem if row is None else replace(problem, place=replace(problem.place, row=row))


def tidied(draft: Draft) -> Draft:
    """Return the draft as it would be kept: single spaces, and no more decimals than are stored."""
    measured = {
        name: value.quantize(step, ROUND_HALF_EVEN)
        for name, step in STEPS.items()
        if (value := getattr(draft, name)) is not None and abs(value) < _LARGE
    }
    return replace(
        draft,
        **measured,
        collected_at=_in_utc(draft.collected_at),
        collector=" ".join(draft.collector.split()),
        site=" ".join(draft.site.split()),
        field_number=" ".join(draft.field_number.split()),
        laboratory_number=" ".join(draft.laboratory_number.split()),
        note=draft.note.strip(),
    )


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return at  # the first or last day of the calendar: refused by every check, but not by a crash


def problems_of(draft: Draft, *, now: datetime) -> list[Problem]:
    """Return what is wrong with a draft by itself, without a look at what is recorded."""
    found = [problem for check in _checks(draft, now) for problem in _refusal(check)]
    found += [*_measured(draft), *_worded(draft)]
    return [at_row(problem, draft.row) for problem in found]


def _measured(draft: Draft) -> Iterator[Problem]:
    if draft.accuracy_m is not None and not 0 < draft.accuracy_m <= 10_000:
        yield _problem("accuracy-out-of-range", f"An accuracy of {draft.accuracy_m} m is none.", "accuracy_m")
    if draft.accuracy_m is not None and draft.latitude is None:
        yield _problem("accuracy-without-place", "There is an accuracy, but no place.", "accuracy_m")
    if draft.depth_m is not None and not 0 <= draft.depth_m < 5_000:
        yield _problem("depth-out-of-range", f"A depth of {draft.depth_m} m is none.", "depth_m")
    if (draft.latitude is None) != (draft.longitude is None):
        which = "latitude" if draft.latitude is None else "longitude"
        yield _problem("place-half-given", f"The {which} is missing.", which)


def _worded(draft: Draft) -> Iterator[Problem]:
    for name, most in LONGEST.items():
        text = getattr(draft, name)
        if len(text) > most:
            yield Problem("text-too-long", f"{len(text)} characters.", f"At most {most}.", Place(field=name))
        if any(sign < " " and sign not in "\n\r\t" for sign in text):
            yield _problem("text-unreadable", "There are control characters in this text.", name)


def _problem(code: str, message: str, field: str) -> Problem:
    return Problem(code, message, "Correct it, or leave it empty.", Place(field=field))


def _checks(draft: Draft, now: datetime) -> Iterator[Any]:
    yield lambda: rules.read_tag(draft.tag)
    yield lambda: rules.check_mass(draft.mass_g)
    yield lambda: rules.check_collected(draft.collected_at, now=now)
    if draft.latitude is not None and draft.longitude is not None:
        latitude, longitude = draft.latitude, draft.longitude
        yield lambda: rules.check_place(latitude, longitude)


def _refusal(check: Any) -> Sequence[Problem]:
    try:
        check()
    except DomainError as error:
        return error.problems
    return ()


def tag_problems(
    drafts: Sequence[Draft], tags: Mapping[str, Tag], owner_id: Any, kept: Mapping[str, str]
) -> list[Problem]:
    """Return what is wrong with the tags of drafts, given the recorded tags by code (each with its sample, if any).

    `kept` names, by code, those for whom a tag is reserved, where that is somebody else.
    """
    found, seen = [], dict[str, int | None]()
    for draft in drafts:
        problem = _of_tag(draft, tags, owner_id, seen) or _of_other(draft, kept)
        if problem:
            code, message, remedy = problem
            found.append(Problem(code, message, remedy, Place(field="tag", row=draft.row)))
    return found


def _of_tag(
    draft: Draft, tags: Mapping[str, Tag], owner_id: Any, seen: dict[str, int | None]
) -> tuple[str, str, str] | None:
    try:
        code = rules.read_tag(draft.tag)
    except DomainError:
        return None  # said already
    shown, tag = rules.show_tag(code), tags.get(code)
    if code in seen:
        return (
            "tag-twice",
            f"{shown} is in row {seen[code]} too.",
            "One of the two bags has another tag: look.",
        )
    seen[code] = draft.row
    if tag is None or tag.owner_id != owner_id:
        return (
            "tag-unknown",
            f"{shown} was never issued to the owner of this batch.",
            "Use a tag that was, or issue tags first.",
        )
    if hasattr(tag, "sample"):
        return "tag-used", f"{shown} is on another bag already.", "Look that sample up: is it the same bag?"
    if tag.replaced_at is not None:
        when = f"{tag.replaced_at:%Y-%m-%d}"
        return "tag-replaced", f"{shown} was replaced on its bag on {when}.", "Destroy it; take a free tag."
    return None


def _of_other(draft: Draft, kept: Mapping[str, str]) -> tuple[str, str, str] | None:
    try:
        code = rules.read_tag(draft.tag)
    except DomainError:
        return None  # said already
    if code not in kept:
        return None
    shown = rules.show_tag(code)
    return (
        "tag-reserved",
        f"{shown} is of a block that is reserved for {kept[code]}.",
        "Take a tag of your own, or ask a manager to release the block.",
    )


#: fields with numbers by which certificates refer to a sample, and whose they are
NUMBERS: Final = {"field_number": NumberKind.FIELD, "laboratory_number": NumberKind.LABORATORY}


def number_problems(drafts: Sequence[Draft], taken: Collection[tuple[str, str]]) -> list[Problem]:
    """Return whose number another sample of the batch has (`taken`: kind and number in lower case), or another draft."""
    found, seen = [], set(taken)
    for draft in drafts:
        for field, kind in NUMBERS.items():
            number = getattr(draft, field)
            key = (kind.value, number.lower())
            if number and key in seen:
                label = NUMBER_LABELS[kind].lower()
                found.append(
                    Problem(
                        "external-number-once",
                        f"Another sample of this batch has the {label} {number}.",
                        f"{label.capitalize()}s name one sample each: look at both bags.",
                        Place(field=field, row=draft.row),
                    )
                )
            seen.add(key)
    return found
