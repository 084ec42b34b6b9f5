"""Forms of scales: they shape input, services decide."""

from typing import Any

from django import forms

from lims.accounts.models import Organisation, User
from samples.custody.models import Scale
from samples.custody.scales.permissions import can_weigh


def _grams(label: str, **kwargs: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"data-unit": "g", "inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(label=label, max_digits=12, decimal_places=3, widget=widget, **kwargs)


class ScaleForm(forms.Form):
    """A scale to add."""

    owner = forms.ModelChoiceField(
        label="Organisation", queryset=Organisation.objects.none(), empty_label=None
    )
    name = forms.CharField(
        label="Name", max_length=60, help_text="As on its sticker, so that everybody finds it: Camp scale 2."
    )
    division_g = _grams("Division", help_text="The smallest step that it shows, d on its plate.")
    capacity_g = _grams("Capacity", required=False, help_text="The most that it carries, Max on its plate.")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = [m.organisation_id for m in user.roles if can_weigh(user, m.organisation)]
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(pk__in=mine)
        if len(set(mine)) == 1:
            field.initial, field.widget = mine[0], forms.HiddenInput()


class CheckForm(forms.Form):
    """What the scale shows under the check weight."""

    nominal_g = _grams("Check weight")
    read_g = _grams("The scale shows")


class ScaleChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A scale of one's own organisations, with its division."""

    def label_from_instance(self, obj: Scale) -> str:
        """Return how a scale is chosen."""
        return f"{obj.name}, d = {obj.division_g.normalize():f} g"
