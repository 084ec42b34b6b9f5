"""Errors that a person or a device can cause: each has a stable code, a place, and a way out.

Services raise them, the API turns them into problem responses (RFC 9457) and forms put them
beside their fields. None of them knows HTTP.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong: a field, a row (1-based), a column (1-based or a heading), a file."""

    field: str | None = None
    row: int | None = None
    column: int | str | None = None
    file: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return only the parts that are known.

        >>> Place(field="mass_g", row=3).as_dict()
        {'field': 'mass_g', 'row': 3}
        """
        parts = {"field": self.field, "row": self.row, "column": self.column, "file": self.file}
        return {name: part for name, part in parts.items() if part is not None}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a stable code, what it is, what to do, and where.

    >>> Problem("mass-not-positive", "The mass is 0 g.", "Weigh the bag again.", Place(field="mass_g")).code
    'mass-not-positive'
    """

    code: str
    message: str
    remedy: str = ""
    place: Place = field(default_factory=Place)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as plain data for an answer, a file or a log."""
        return {
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            **self.place.as_dict(),
            **self.extra,
        }

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class DomainError(Exception):
    """A refusal that changed nothing; carries one or more problems.

    >>> str(Invalid(Problem("tag-unknown", "Nobody printed the tag KC-1.", "Scan it again.")))
    'Nobody printed the tag KC-1. Scan it again.'
    """

    code = "refused"
    title = "The request was refused"

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            problems = (Problem(self.code, self.title + "."),)
        super().__init__(*problems)
        self.problems: Sequence[Problem] = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Invalid(DomainError):
    """What was sent does not make sense as it stands."""

    code = "invalid"
    title = "What was sent needs correcting"


class NotPermitted(DomainError):
    """The person may not do this; nothing was changed."""

    code = "not-permitted"
    title = "You may not do this"


class NotFound(DomainError):
    """There is no such thing, or the person may not know of it."""

    code = "not-found"
    title = "Not found"


class Conflict(DomainError):
    """It would contradict something that is already recorded."""

    code = "conflict"
    title = "This contradicts the record"


def invalid(code: str, message: str, remedy: str = "", **place: Any) -> Invalid:
    """Return an `Invalid` with one problem.

    >>> invalid("unit-unknown", "ppx is no unit.", "Use ppm.", column="Dy").problems[0].place.column
    'Dy'
    """
    return Invalid(Problem(code, message, remedy, Place(**place)))


def conflict(code: str, message: str, remedy: str = "", **place: Any) -> Conflict:
    """Return a `Conflict` with one problem."""
    return Conflict(Problem(code, message, remedy, Place(**place)))


def not_permitted(code: str, message: str, remedy: str = "", **place: Any) -> NotPermitted:
    """Return a `NotPermitted` with one problem."""
    return NotPermitted(Problem(code, message, remedy, Place(**place)))
