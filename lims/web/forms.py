"""Refusals of services, put where the form shows them."""

from django.forms import BaseForm

from lims.errors import DomainError


def add_problems(form: BaseForm, error: DomainError) -> None:
    """Put each problem of `error` beside the field that it names, or at the top of the form.

    The form must have been validated; afterwards it is no longer valid, so show it again with status 422.
    """
    for problem in error.problems:
        field = problem.place.field
        form.add_error(field if field in form.fields else None, str(problem))
