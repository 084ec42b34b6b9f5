"""Forms of phones: why one is locked, what is decided on its unsent records, an outbox that was carried."""

from typing import Any

from django import forms

from samples.field.models import Operation


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stays in the record.",
    )


class SettleForm(ReasonForm):
    """Which records of a quarantine, and why they are released or discarded."""

    operation = forms.ModelMultipleChoiceField(
        queryset=Operation.objects.none(), label="Records", required=False
    )
    everything = forms.BooleanField(label="All of these records", required=False)

    def __init__(self, *args: Any, operations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["operation"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = operations

    def clean(self) -> dict[str, Any]:
        """Return what was chosen: some records, or all that are shown. Raises `ValidationError` for none."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("everything"):
            field = self.fields["operation"]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            given["operation"] = field.queryset
        elif "operation" in given and not given["operation"]:
            self.add_error(None, "Choose at least one record.")
        return given


class CarryForm(forms.Form):
    """A file that a phone exported."""

    file = forms.FileField(
        label="Outbox file",
        help_text="As the phone exported it; only this server can open it.",
        widget=forms.FileInput(attrs={"accept": ".lims,.json,application/json"}),
        max_length=200,
    )
