"""Forms of typed results: they shape input, services decide."""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import QueryDict

from assays.catalogue.models import Method
from assays.certificates.entry.rules import MOST_CELLS, Typed
from assays.runs.models import Run
from lims.errors import Invalid, invalid

#: how the fields of cells are called in the plain form: cell-<item>-<column>
CELL: Final = "cell-"


class BeginForm(forms.Form):
    """By which method results are typed, where the run does not say."""

    method = forms.ModelChoiceField(
        label="Method",
        queryset=Method.objects.none(),
        empty_label=None,
        help_text="Its analytes are the columns.",
    )

    def __init__(self, run: Run, *args: Any, reported: bool, **kwargs: Any) -> None:
        """Make it for a run; one that is `reported` has columns already, and need not say a method."""
        super().__init__(*args, **kwargs)
        field = self.fields["method"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Method.objects.filter(laboratory=run.laboratory_id).order_by("code")
        if reported:
            field.required, field.empty_label = False, "Only what is reported already"
        if run.method_id is not None:
            del self.fields["method"]


class VersionForm(forms.Form):
    """The version of the grid that was read."""

    version = forms.IntegerField(min_value=0, max_value=2_000_000_000, widget=forms.HiddenInput())


def typed_cells(posted: QueryDict) -> list[Typed]:
    """Return what was changed in the plain form: texts beside those that stood in it, each with its version.

    Raises `Invalid` ("form-malformed").
    """
    was = _was(posted.get("was", ""))
    found = []
    for name, text in posted.items():
        if name.startswith(CELL):
            version, raw = was.get(name, (0, ""))
            if str(text).strip() != raw:
                item, column = _place(name)
                found.append(Typed(item, column, str(text), version))
    if len(found) > MOST_CELLS:
        raise _malformed()
    return found


def _place(name: str) -> tuple[UUID, int]:
    """Return item and column of a field, `cell-<item>-<column>`. Raises `Invalid` ("form-malformed")."""
    item, _, column = name.removeprefix(CELL).rpartition("-")
    try:
        place = UUID(item), int(column)
    except ValueError as error:
        raise _malformed() from error
    if not 0 <= place[1] <= 32_000:
        raise _malformed()
    return place


def _was(text: str) -> Mapping[str, tuple[int, str]]:
    """Return the cells as the form showed them. Raises `Invalid` ("form-malformed")."""
    try:
        kept = json.loads(text or "{}")
        return {str(name): (int(version), str(raw)) for name, (version, raw) in kept.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _malformed() from error


def _malformed() -> Invalid:
    return invalid(
        "form-malformed", "The form was not sent as it was made.", "Load the page again.", field="was"
    )
