"""Forms of overrides: they shape input, services decide."""

from collections.abc import Sequence
from typing import Any

from django import forms

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
