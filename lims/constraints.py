"""Named constraints speak: a database refusal becomes a problem with a stable code.

A constraint says what it means where it is declared (`violation_error_code`, `violation_error_message`); its
name, with dashes, is the code when it does not.
"""

from functools import cache
from typing import Final

from django.apps import apps
from django.db import IntegrityError
from django.db.models.constraints import BaseConstraint

from lims.errors import Conflict, DomainError, Invalid, Place, Problem

UNIQUE_VIOLATION: Final = "23505"


@cache
def _declared() -> dict[str, tuple[BaseConstraint, str]]:
    """Return each declared constraint by name, with the first of its fields (or nothing)."""
    found = {}
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            fields = getattr(constraint, "fields", ()) or ("",)
            found[constraint.name] = (constraint, fields[-1])
    return found


def explained(error: IntegrityError) -> DomainError | None:
    """Return the problem that a violated constraint of ours means; None when it is not one of ours.

    Uniqueness means a `Conflict` with what is recorded, a check means `Invalid` input.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    if name.endswith("_pkey"):
        # Clients may make the ids of what they send.
        return Conflict(
            Problem(
                "id-used", "Something with this id is recorded already.", "Look it up.", Place(field="id")
            )
        )
    unique = getattr(diagnosis, "sqlstate", "") == UNIQUE_VIOLATION
    constraint, field = _declared().get(name, (None, ""))
    if constraint is None:
        # A field's own uniqueness has no name of ours.
        return (
            Conflict(Problem("already-recorded", "It is already recorded.", "Look it up."))
            if unique
            else None
        )
    code = constraint.violation_error_code or constraint.name.replace("_", "-")
    fallback = "It is already recorded." if unique else "It breaks a rule of the record."
    own_words = constraint.violation_error_message != constraint.default_violation_error_message
    message = str(constraint.violation_error_message) if own_words else fallback
    problem = Problem(code, message, place=Place(field=field or None))
    return Conflict(problem) if unique else Invalid(problem)
