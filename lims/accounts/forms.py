"""Forms about people: they shape input, services decide."""

from typing import Any

from django import forms

from lims.accounts.models import Organisation
from lims.accounts.rules import KIND_LABELS, ROLE_LABELS, time_zones


def _roles() -> list[tuple[str, str]]:
    return [("", "Choose a role"), *((role.value, label) for role, label in ROLE_LABELS.items())]


class OrganisationForm(forms.Form):
    """An organisation to add."""

    name = forms.CharField(max_length=200)
    code = forms.CharField(
        max_length=12, help_text="A short name in capitals, as on labels: 2 to 12 letters and digits."
    )
    kind = forms.ChoiceField(choices=[(kind.value, label) for kind, label in KIND_LABELS.items()])


class RoleForm(forms.Form):
    """A role in an organisation."""

    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.none(), empty_label="Choose an organisation"
    )
    role = forms.ChoiceField(choices=_roles())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.order_by("name")


class InvitationForm(RoleForm):
    """A person to invite."""

    email = forms.CharField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(max_length=200)
    field_order = ("email", "name", "organisation", "role")


class AcceptForm(forms.Form):
    """The answer to an invitation."""

    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. A sentence that only you would write is best.",
    )


class ProfileForm(forms.Form):
    """One's own name and time zone."""

    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    time_zone = forms.ChoiceField(help_text="All times are shown in this zone.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, name.replace("_", " ")) for name in sorted(time_zones())]


class TokenForm(forms.Form):
    """A token to issue."""

    days = forms.IntegerField(
        label="Lives for",
        min_value=1,
        max_value=365,
        initial=30,
        widget=forms.NumberInput(attrs={"data-unit": "days"}),
    )
