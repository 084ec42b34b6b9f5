"""Forms of the catalogue: they shape input, services decide."""

from decimal import Decimal
from typing import Any

from django import forms

from assays.catalogue.queries import laboratories
from assays.catalogue.rules import BASIS_LABELS, MATERIAL_KIND_LABELS
from lims.accounts.models import User
from lims.accounts.rules import Role

_BASES = [(basis.value, label) for basis, label in BASIS_LABELS.items()]


def _number(label: str, *, unit: str = "", required: bool = False, **kwargs: Any) -> forms.DecimalField:
    attrs = {"inputmode": "decimal", "autocomplete": "off"} | ({"data-unit": unit} if unit else {})
    widget = forms.TextInput(attrs=attrs)
    bounds = {"max_digits": 20, "decimal_places": 8, "min_value": 0}
    return forms.DecimalField(label=label, required=required, widget=widget, **bounds | kwargs)


class MethodForm(forms.Form):
    """A laboratory's method to add."""

    laboratory = forms.ModelChoiceField(laboratories(), empty_label=None)
    code = forms.CharField(max_length=40, help_text="As its certificates write it: ME-MS81.")
    name = forms.CharField(max_length=200)
    technique = forms.CharField(max_length=100, help_text="ICP-MS, ICP-OES, XRF …")
    digestion = forms.CharField(
        max_length=100, help_text="Lithium borate fusion, four acids, ammonium sulphate …"
    )
    basis = forms.ChoiceField(choices=_BASES, help_text="Unlike bases never mix in one decision.")
    conditions = forms.CharField(
        label="Conditions of the leach",
        required=False,
        max_length=200,
        help_text="Molarity, pH, liquid to solid, time: where the basis is leachable.",
    )
    rank = forms.IntegerField(
        min_value=0, max_value=32_000, initial=100, help_text="Among methods, the smaller is preferred."
    )
    bias_percent = _number("Uncertainty of its bias", unit="%", max_value=99, decimal_places=3)
    bias_df = forms.IntegerField(
        label="Degrees of freedom", min_value=1, max_value=10_000, initial=20, required=False
    )
    bias_evidence = forms.CharField(
        label="Found from",
        required=False,
        max_length=200,
        help_text="Which reference materials, when, how many.",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.has_role(Role.ADMINISTRATOR):
            field = self.fields["laboratory"]
            assert isinstance(field, forms.ModelChoiceField)
            mine = user.organisations_as(Role.MANAGER)
            # One's own, and outside laboratories that have no people here.
            field.queryset = (
                laboratories().filter(pk__in=mine) | laboratories().filter(memberships=None)
            ).distinct()
            field.initial = next(iter(mine), None)

    def values(self) -> dict[str, Any]:
        """Return what the verb takes: the bias as a fraction."""
        given = dict(self.cleaned_data)
        percent = given.pop("bias_percent")
        given["bias_relative"] = None if percent is None else percent / Decimal(100)
        given["bias_df"] = given["bias_df"] or 20
        return given


class MethodAnalyteForm(forms.Form):
    """What a method reports of one analyte."""

    analyte = forms.CharField(label="Element", max_length=8, help_text="As in Dy.")
    oxide = forms.CharField(
        label="Oxide",
        max_length=8,
        required=False,
        help_text="As in Dy2O3; empty where it reports the element.",
    )
    unit = forms.CharField(max_length=12, initial="ppm")
    lower_limit = _number("Limit of detection")
    upper_limit = _number("Upper limit")


class MaterialForm(forms.Form):
    """A reference material or a blank to add."""

    code = forms.CharField(max_length=60, help_text="As its maker writes it.")
    kind = forms.ChoiceField(choices=[(kind.value, label) for kind, label in MATERIAL_KIND_LABELS.items()])
    description = forms.CharField(max_length=200)
    maker = forms.CharField(max_length=200)
    lot = forms.CharField(max_length=60, required=False)
    expires_on = forms.DateField(
        label="Valid until", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    also = forms.CharField(
        label="Certificates also call it",
        required=False,
        max_length=500,
        help_text="Names apart by commas; spaces, hyphens and case do not matter.",
    )

    def clean_also(self) -> list[str]:
        """Return the other names one by one."""
        return [name for part in self.cleaned_data["also"].split(",") if (name := part.strip())]


class CertifyForm(forms.Form):
    """What a material holds of one analyte."""

    analyte = forms.CharField(label="Element", max_length=8, help_text="As in Dy.")
    oxide = forms.CharField(
        label="Oxide", max_length=8, required=False, help_text="As in Dy2O3; empty for the element."
    )
    basis = forms.ChoiceField(choices=_BASES)
    value_ppm = _number("Certified value", unit="ppm", required=True, max_value=1_000_000)
    sd_ppm = _number(
        "Standard deviation between laboratories", unit="ppm", required=True, max_value=1_000_000
    )
    u95_ppm = _number("Uncertainty of the value, 95 %", unit="ppm", max_value=1_000_000)
