"""The form of a profile: a sentence each for what a laboratory may mean."""

import re
from typing import Any

from django import forms

from assays.catalogue.models import Method, Profile
from assays.catalogue.queries import laboratories, methods
from assays.certificates.profiles.permissions import keeps_profiles
from assays.chemistry.cells import Conventions
from lims.accounts.models import User


class TextsField(forms.CharField):
    """Texts with commas or new lines between them."""

    def clean(self, value: Any) -> Any:
        """Return the texts as a list. Raises `ValidationError`."""
        return [text.strip() for text in re.split(r"[,;\n]", super().clean(value)) if text.strip()]


class ProfileForm(forms.Form):
    """What a laboratory means by its cells."""

    laboratory = forms.ModelChoiceField(laboratories(), empty_label=None)
    name = forms.CharField(
        max_length=60, help_text="A name that is known gets its next version; earlier ones stay."
    )
    method = forms.ModelChoiceField(
        methods(),
        required=False,
        empty_label="Every method",
        help_text="Only where it means it by one method alone.",
    )
    leading_minus_below = forms.BooleanField(
        label="A leading minus means below the detection limit",
        required=False,
        help_text="-0.05 is then <0.05.",
    )
    zero_below = forms.BooleanField(label="A zero means below the detection limit", required=False)
    decimal_comma = forms.BooleanField(
        label="The comma is the decimal sign", required=False, help_text="1,25 is then 1.25."
    )
    below = TextsField(
        label="Means below the detection limit",
        required=False,
        max_length=2000,
        help_text="X, BDL, ND: with commas between them.",
    )
    not_analysed = TextsField(
        label="Means not analysed", required=False, max_length=2000, help_text="-9999, 9999999999999990."
    )
    valid_from = forms.DateField(
        label="For files from",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: for all.",
    )
    rationale = forms.CharField(
        label="How it is known",
        max_length=200,
        help_text="Who of the laboratory said so, when; or where it is written.",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = laboratories().prefetch_related("memberships")
        field = self.fields["laboratory"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = places.filter(pk__in=[one.pk for one in places if keeps_profiles(user, one)])

    def values(self) -> dict[str, Any]:
        """Return the arguments of the verb."""
        given = dict(self.cleaned_data)
        conventions = {name: given.pop(name) for name in Conventions.__slots__}
        return given | {"conventions": conventions}

    @classmethod
    def initial_of(cls, profile: Profile) -> dict[str, Any]:
        """Return the form's first values for the next version of a profile."""
        found = Conventions.from_dict(profile.conventions)
        return {
            "laboratory": profile.laboratory_id,
            "name": profile.name,
            "method": profile.method_id,
            "leading_minus_below": found.leading_minus_below,
            "zero_below": found.zero_below,
            "decimal_comma": found.decimal_comma,
            "below": ", ".join(sorted(found.below)),
            "not_analysed": ", ".join(sorted(found.not_analysed)),
        }


def narrowed(form: ProfileForm, profile: Profile) -> ProfileForm:
    """Return the form with the methods of a profile's laboratory alone."""
    field = form.fields["method"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = Method.objects.filter(laboratory=profile.laboratory_id).order_by("code")
    return form
