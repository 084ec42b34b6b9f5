"""Forms of building runs: they shape input, services decide."""

from typing import Any, Final

from django import forms
from django.utils import timezone

from assays.catalogue.models import Equipment, Method, ReferenceMaterial
from assays.catalogue.rules import MaterialKind
from assays.runs.building.queries import instruments_of, materials_for, methods_for, waiting_for
from assays.runs.building.rates import SHARES, Rates
from assays.runs.models import Portion, Run
from assays.runs.portions.queries import laboratories_of
from assays.runs.rules import STAGE_LABELS, PortionState, Stage
from lims.accounts.models import User
from lims.accounts.rules import Role

_NARROW: Final = {"autocomplete": "off", "spellcheck": "false"}


def day(label: str, **kwargs: Any) -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs
    )


class BuildForm(forms.Form):
    """How a run is built of the portions chosen beside it."""

    number = forms.CharField(
        label="Number of the run",
        max_length=40,
        required=False,
        help_text="Empty: the next number of the year.",
        widget=forms.TextInput(attrs=_NARROW),
    )
    due_on = day("Due", required=False, help_text="Empty: as asked for, or by the method's turnaround.")
    instrument = forms.ModelChoiceField(Equipment.objects.none(), label="Instrument", required=False)
    richest = forms.CharField(
        label="Portion expected to be the richest",
        max_length=40,
        required=False,
        help_text="Its label; a blank is placed after it.",
        widget=forms.TextInput(attrs=_NARROW),
    )
    umpire = forms.BooleanField(
        label="Umpire run: pulps of another laboratory's results, to compare the two", required=False
    )

    def __init__(self, method: Method, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].queryset = instruments_of(method.laboratory)  # type: ignore[attr-defined]  # a choice


class BeginForm(forms.Form):
    """Begin a run with the rack as it was seen."""

    version = forms.CharField(widget=forms.HiddenInput, max_length=64)
    instrument = forms.ModelChoiceField(Equipment.objects.none(), label="Instrument", required=False)
    reason = forms.CharField(
        label="Why it goes with less QC than the rule asks for",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
    )

    def __init__(self, run: Run, *args: Any, short: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].queryset = instruments_of(run.laboratory)  # type: ignore[attr-defined]  # a choice
        if not short:
            self.fields["reason"].widget = forms.HiddenInput()


class PlaceForm(forms.Form):
    """Put something more into a rack."""

    version = forms.CharField(widget=forms.HiddenInput, max_length=64)
    portion = forms.ModelChoiceField(Portion.objects.none(), label="Portion", required=False)
    stage = forms.ChoiceField(
        label="Placed as",
        required=False,
        choices=[("", "Sample"), *((one.value, STAGE_LABELS[one]) for one in Stage if one != Stage.FIELD)],
    )
    material = forms.ModelChoiceField(
        ReferenceMaterial.objects.none(), label="Or a reference material or blank", required=False
    )
    position = forms.IntegerField(label="Before position", min_value=1, max_value=1001)

    def __init__(self, run: Run, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert run.method is not None
        today = timezone.localdate()
        in_rack = Portion.objects.filter(sample__run_items__run=run, laboratory=run.laboratory)
        free = waiting_for(run.laboratory, run.method).values("pk")
        offered = Portion.objects.filter(pk__in=free) | Portion.objects.filter(pk__in=in_rack.values("pk"))
        portions = offered.filter(state=PortionState.HELD).order_by("label")
        crms = materials_for(run.method, MaterialKind.CRM, today)
        blanks = materials_for(run.method, MaterialKind.BLANK, today)
        known = ReferenceMaterial.objects.filter(pk__in=[one.pk for one in (*crms, *blanks)])
        self.fields["portion"].queryset = portions  # type: ignore[attr-defined]  # a choice
        self.fields["material"].queryset = known.order_by("kind", "code")  # type: ignore[attr-defined]  # a choice


def _share(label: str) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"data-unit": "%", "inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(label=label, min_value=0, max_value=100, decimal_places=2, widget=widget)


class RuleForm(forms.Form):
    """How much QC is placed, in per cent of the routine samples."""

    method = forms.ModelChoiceField(
        Method.objects.none(), label="Method", required=False, empty_label="Every method without its own"
    )
    crm_pct = _share(SHARES["crm_pct"])
    blank_pct = _share(SHARES["blank_pct"])
    field_pct = _share("Field duplicates, taken at the mine")
    coarse_pct = _share(SHARES["coarse_pct"])
    pulp_pct = _share(SHARES["pulp_pct"])
    umpire_pct = _share("Umpire, of pulps")
    rationale = forms.CharField(
        label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500})
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = laboratories_of(user, Role.MANAGER)
        self.fields["method"].queryset = methods_for(user).filter(laboratory__in=mine)  # type: ignore[attr-defined]  # a choice

    @property
    def rates(self) -> Rates:
        """Return the shares that were typed."""
        return Rates(**{name: self.cleaned_data[name] for name in SHARES})
