"""Forms of what a laboratory stands on: they shape input, services decide."""

from decimal import Decimal
from typing import Any

from django import forms

from assays.catalogue.models import Equipment, Method
from assays.catalogue.rules import ACT_LABELS, EQUIPMENT_LABELS
from lims.accounts.models import Organisation, User


def _day(label: str, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **kwargs)


def _number(label: str, unit: str, **kwargs: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"data-unit": unit, "inputmode": "decimal", "autocomplete": "off"})
    bounds: dict[str, Any] = {"max_digits": 20, "decimal_places": 8, "min_value": Decimal(0)}
    return forms.DecimalField(label=label, widget=widget, **bounds | kwargs)


class _OfMethod(forms.Form):
    """A form about one of a laboratory's methods."""

    method = forms.ModelChoiceField(Method.objects.none(), empty_label=None)

    def __init__(self, laboratory: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["method"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Method.objects.filter(laboratory=laboratory).order_by("code")


class EquipmentForm(forms.Form):
    """A piece of equipment to add."""

    code = forms.CharField(max_length=40, help_text="As its label says: BAL-2.")
    name = forms.CharField(max_length=200)
    kind = forms.ChoiceField(choices=[(kind.value, label) for kind, label in EQUIPMENT_LABELS.items()])
    serial = forms.CharField(label="Serial number", max_length=60, required=False)
    needs_calibration = forms.BooleanField(
        label="Its calibration is watched",
        required=False,
        initial=True,
        help_text="Results given after it ran out are warned of.",
    )


class CalibrationForm(forms.Form):
    """A calibration to record."""

    equipment = forms.ModelChoiceField(Equipment.objects.none(), empty_label=None)
    calibrated_on = _day("Calibrated on")
    valid_until = _day("Holds until")
    done_by = forms.CharField(label="Done by", max_length=200)
    reference = forms.CharField(label="Number of its certificate", max_length=100, required=False)
    passed = forms.BooleanField(label="It passed", required=False, initial=True)

    def __init__(self, laboratory: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["equipment"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Equipment.objects.filter(laboratory=laboratory, retired_on=None).order_by("code")


class ValidationForm(_OfMethod):
    """What a method was shown to do for an analyte."""

    analyte = forms.CharField(max_length=8, help_text="Its symbol: Dy.")
    oxide = forms.CharField(max_length=8, required=False, help_text="Empty: the element.")
    lod_ppm = _number("Limit of detection", "ppm")
    loq_ppm = _number("Limit of quantification", "ppm")
    range_low_ppm = _number("Range from", "ppm")
    range_high_ppm = _number("Range to", "ppm")
    recovery_pct = _number("Recovery", "%", max_digits=6, decimal_places=2)
    u_percent = _number("Standard uncertainty in mid-range", "%", max_value=99, decimal_places=3)
    evidence = forms.CharField(max_length=500, help_text="Report, materials, dates, n.")
    validated_on = _day("Validated on")
    review_on = _day("Review due on")

    def values(self) -> dict[str, Any]:
        """Return what the verb takes."""
        given = dict(self.cleaned_data)
        return given | {"u_relative": given.pop("u_percent") / 100}


class AccreditationForm(_OfMethod):
    """A method's accreditation."""

    analyte = forms.CharField(max_length=8, required=False, help_text="Empty: every analyte of the method.")
    range_low_ppm = _number("Range from", "ppm", required=False)
    range_high_ppm = _number("Range to", "ppm", required=False)
    body = forms.CharField(label="Accredited by", max_length=100, help_text="NABL, for example.")
    number = forms.CharField(label="Number", max_length=60)
    valid_from = _day("From")
    valid_to = _day("Until")


class CompetenceForm(_OfMethod):
    """That a person was found able to do something by a method."""

    person = forms.ModelChoiceField(User.objects.none(), empty_label=None)
    able_to = forms.ChoiceField(
        label="Is able to", choices=[(act.value, label) for act, label in ACT_LABELS.items()]
    )
    valid_from = _day("From")
    valid_to = _day("Until")
    evidence = forms.CharField(
        max_length=500, help_text="Training, a blind sample, results in a proficiency test."
    )

    def __init__(self, laboratory: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(laboratory, *args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        people = User.objects.filter(is_active=True, memberships__organisation=laboratory)
        field.queryset = people.distinct().order_by("name")


class WithdrawForm(forms.Form):
    """Why a competence is withdrawn."""

    reason = forms.CharField(max_length=500)
