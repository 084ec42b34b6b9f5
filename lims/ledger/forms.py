"""What a reader of the record may filter by."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from lims.ledger.changes import table_words
from lims.ledger.rules import Op

#: filters of the record that its address carries
NAMES = ("table", "op", "verb", "actor", "row", "since", "until")


def _date() -> forms.DateField:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))


class FilterForm(forms.Form):
    """Filters of the record; every one may be left out."""

    table = forms.ChoiceField(required=False)
    op = forms.ChoiceField(required=False, label="What happened")
    verb = forms.CharField(required=False, label="Act", max_length=200)
    actor = forms.CharField(
        required=False,
        label="Who",
        max_length=254,
        widget=forms.TextInput(attrs={"placeholder": "E-mail address"}),
    )
    row = forms.CharField(required=False, label="Key of the row", max_length=300)
    since = _date()
    until = _date()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["table"].choices = [("", "All"), *table_words().items()]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["op"].choices = [("", "Anything"), *((op.value, op.label.capitalize()) for op in Op)]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_verb(self) -> str:
        """Return the name of the verb: people may write it in words."""
        return str(self.cleaned_data["verb"]).strip().lower().replace(" ", "_")

    def filters(self) -> dict[str, Any]:
        """Return what `entries_where` takes; whole days in the reader's zone. Filters that are wrong are left out."""
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        for name, days in (("since", 0), ("until", 1)):
            if name in chosen:
                day = chosen[name] + timedelta(days=days)
                chosen[name] = timezone.make_aware(datetime.combine(day, time.min))
        return chosen

    def chips(self) -> list[tuple[str, str]]:
        """Return (name, words) of each filter in force."""
        words = []
        for name, value in self.cleaned_data.items():
            if value:
                field: Any = self.fields[name]
                shown = dict(field.choices)[value] if hasattr(field, "choices") else value
                words.append((name, f"{field.label or name.capitalize()}: {shown}"))
        return words
