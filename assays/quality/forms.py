"""Forms of overrides: they shape input, services decide."""

from collections.abc import Sequence
from typing import Any

from django import forms

from assays.quality.rules import ACTION_LABELS

_AREA = {"rows": 3, "maxlength": 1000}


class ProposeForm(forms.Form):
    """What is to count although QC says otherwise, and why."""

    analyte = forms.ChoiceField(label="Whose results", required=False)
    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        widget=forms.Textarea(attrs=_AREA),
        help_text="It stands on the grade report, with both names.",
    )

    def __init__(self, analytes: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["analyte"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "All analytes of this run"), *((name, name) for name in analytes)]


class SecondForm(forms.Form):
    """What the second person says."""

    reason = forms.CharField(
        label="Your reason",
        max_length=1000,
        widget=forms.Textarea(attrs=_AREA | {"rows": 2}),
    )


class OpenForm(forms.Form):
    """What of a run is looked into, and what was seen."""

    of = forms.ChoiceField(label="What failed")
    finding = forms.CharField(
        label="What was seen",
        max_length=1000,
        widget=forms.Textarea(attrs=_AREA),
        help_text="For example: a bottle left open, a memory effect after a rich sample, a wrong dilution.",
    )

    def __init__(self, choices: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["of"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


class CloseForm(forms.Form):
    """The cause, and what was done."""

    cause = forms.CharField(label="Cause", max_length=1000, widget=forms.Textarea(attrs=_AREA | {"rows": 2}))
    action = forms.ChoiceField(
        label="What was done",
        choices=[(action.value, label) for action, label in ACTION_LABELS.items()],
        help_text="Closing changes no verdict: measure again, override or leave out where that is done.",
    )


class HistoryForm(forms.Form):
    """A file of QC results of the past."""

    file = forms.FileField(label="File", help_text="CSV, one result a row, with certified value and SD.")
    analyte = forms.CharField(
        label="Element",
        max_length=2,
        help_text="Whose columns are read, as in Dy for Dy_value, Dy_EV and Dy_SD.",
    )
    laboratory = forms.ChoiceField(label="Measured by")

    def __init__(self, laboratories: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["laboratory"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(laboratories)
