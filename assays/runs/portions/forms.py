"""Forms of portions: they shape input, services decide."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms

from assays.catalogue.models import Equipment
from assays.runs.models import Portion, StorePlace
from assays.runs.portions.queries import equipment_of, laboratories_of
from assays.runs.portions.rules import FINE_UM, MOST_PARTS, PARTS_OF, STEPS_OF
from assays.runs.rules import PORTION_LABELS, STEP_LABELS, PortionKind, Step
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role

#: rows of an empty form of splitting: a coarse reject, a pulp, its twin, one more
ROWS: Final = 4
_AREA: Final = {"rows": 2, "maxlength": 500}


def grams(label: str, **kwargs: Any) -> forms.DecimalField:
    """Return a field for a mass in g, to a tenth of a milligram."""
    attrs = {"data-unit": "g", "inputmode": "decimal", "autocomplete": "off"}
    widget = forms.TextInput(attrs=attrs)
    return forms.DecimalField(label=label, max_digits=14, decimal_places=4, widget=widget, **kwargs)


def number(label: str, unit: str, **kwargs: Any) -> forms.DecimalField:
    """Return a field for a number with its unit inside."""
    widget = forms.TextInput(attrs={"data-unit": unit, "inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(label=label, widget=widget, **kwargs)


def places_of(laboratory: UUID | Organisation) -> Any:
    """Return the places that a laboratory uses, by name."""
    return StorePlace.objects.filter(laboratory=laboratory, retired_at=None).order_by("name")


def see_again(form: forms.Form, portion: Portion) -> None:
    """Let a refused form stand for what is left now: its page shows that, and what was typed is kept."""
    if "seen_g" in form.fields:
        form.data = {**form.data, form.add_prefix("seen_g"): str(portion.left_g)}


class TakeUpForm(forms.Form):
    """A bag to take up: its tag, its net mass, where it goes."""

    tag = forms.CharField(
        max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True})
    )
    mass_g = grams("Net mass", help_text="Of the material without its bag.")
    place = forms.ModelChoiceField(StorePlace.objects.none(), required=False, empty_label="On the bench")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        assert isinstance(field, forms.ModelChoiceField)
        mine = laboratories_of(user, Role.TECHNICIAN)
        field.queryset = StorePlace.objects.filter(laboratory__in=mine, retired_at=None).order_by("name")


class PartForm(forms.Form):
    """One row of a splitting; a row without a mass is none."""

    kind = forms.ChoiceField(label="What it is")
    mass_g = grams("Mass", required=False)
    place = forms.ModelChoiceField(StorePlace.objects.none(), required=False, empty_label="On the bench")

    def __init__(self, portion: Portion, places: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = PARTS_OF[PortionKind(portion.kind)]
        kind, place = self.fields["kind"], self.fields["place"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(place, forms.ModelChoiceField)
        kind.choices = [(one.value, label) for one, label in PORTION_LABELS.items() if one in allowed]
        place.queryset = places


class SplitForm(forms.Form):
    """What a splitting is besides its parts."""

    loss_g = grams("Lost", initial=0, help_text="Dust and what stuck to the divider; 0 if nothing was seen.")
    rest_g = grams("Stays over", initial=0, help_text="What was not split and stays under the old label.")
    method = forms.CharField(
        label="Split with",
        required=False,
        max_length=100,
        help_text="Riffle, rotary divider, cone and quarter …",
    )
    note = forms.CharField(required=False, max_length=500, widget=forms.Textarea(attrs=_AREA))
    seen_g = forms.DecimalField(widget=forms.HiddenInput, required=False, max_digits=14, decimal_places=4)


def part_forms(portion: Portion, data: Mapping[str, Any] | None = None, *, more: int = 0) -> list[PartForm]:
    """Return the rows of a splitting, as many as were sent and `more`, at most as a divider has cups."""
    typed = str(data.get("rows", "")) if data is not None else ""
    sent = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 3 else ROWS
    places = places_of(portion.laboratory_id)
    return [
        PartForm(
            portion,
            places,
            data if n < sent else None,
            prefix=f"part-{n}",
            initial={"kind": _usual(portion, n)},
        )
        for n in range(max(1, min(sent + more, MOST_PARTS)))
    ]


def _usual(portion: Portion, row: int) -> str:
    """Return what is usually split off: from coarse material a reject first, then pulps; from a pulp aliquots."""
    coarse = portion.kind in {PortionKind.BAG, PortionKind.COARSE}
    if coarse:
        return PortionKind.PULP if row else PortionKind.COARSE
    return PortionKind.ALIQUOT


class PrepareForm(forms.Form):
    """One step of preparing a portion."""

    step = forms.ChoiceField()
    before_g = grams("Mass before")
    after_g = grams("Mass after")
    temperature_c = number("Temperature", "°C", required=False, max_digits=5, decimal_places=1)
    minutes = forms.IntegerField(
        label="Time",
        required=False,
        min_value=0,
        max_value=100_000,
        widget=forms.TextInput(attrs={"data-unit": "min", "inputmode": "numeric"}),
    )
    sieve_um = forms.IntegerField(
        label="Sieve",
        required=False,
        min_value=1,
        max_value=1_000_000,
        widget=forms.TextInput(attrs={"data-unit": "µm", "inputmode": "numeric"}),
        help_text=f"A pulp is fine when 85 % passes {FINE_UM} µm.",
    )
    passing_pct = number("Passed it", "%", required=False, max_digits=5, decimal_places=2)
    equipment = forms.ModelChoiceField(Equipment.objects.none(), required=False, empty_label="Not said")
    note = forms.CharField(required=False, max_length=500, widget=forms.Textarea(attrs=_AREA))
    seen_g = forms.DecimalField(widget=forms.HiddenInput, required=False, max_digits=14, decimal_places=4)

    def __init__(self, portion: Portion, *args: Any, **kwargs: Any) -> None:
        left = portion.left_g.normalize()
        kwargs.setdefault("initial", {"before_g": f"{left:f}", "seen_g": portion.left_g})
        super().__init__(*args, **kwargs)
        allowed = STEPS_OF[PortionKind(portion.kind)]
        step, equipment = self.fields["step"], self.fields["equipment"]
        assert isinstance(step, forms.ChoiceField)
        assert isinstance(equipment, forms.ModelChoiceField)
        step.choices = [(one.value, STEP_LABELS[one]) for one in Step if one in allowed]
        equipment.queryset = equipment_of(portion.laboratory_id)


class UseForm(forms.Form):
    """What is taken from a portion for good."""

    mass_g = grams("Mass")
    reason = forms.CharField(label="What for", max_length=500)


class StoreForm(forms.Form):
    """Where a portion goes."""

    place = forms.ModelChoiceField(StorePlace.objects.none(), empty_label=None)

    def __init__(self, portion: Portion, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = places_of(portion.laboratory_id)


class ReasonForm(forms.Form):
    """Why a portion leaves."""

    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs=_AREA))


class PlaceForm(forms.Form):
    """A store place to add."""

    laboratory = forms.ModelChoiceField(Organisation.objects.none(), empty_label=None)
    name = forms.CharField(max_length=60, help_text="As on its door or shelf: Room 2, shelf 4.")
    inside = forms.ModelChoiceField(StorePlace.objects.none(), required=False, empty_label="Nothing")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = laboratories_of(user, Role.TECHNICIAN)
        _of_mine(self, mine)
        inside = self.fields["inside"]
        assert isinstance(inside, forms.ModelChoiceField)
        inside.queryset = StorePlace.objects.filter(laboratory__in=mine, retired_at=None).order_by("name")


class RetentionForm(forms.Form):
    """How long portions of a kind are kept."""

    laboratory = forms.ModelChoiceField(Organisation.objects.none(), empty_label=None)
    kind = forms.ChoiceField(choices=[(kind.value, label) for kind, label in PORTION_LABELS.items()])
    days = forms.IntegerField(
        label="Kept for",
        min_value=0,
        widget=forms.TextInput(attrs={"data-unit": "days", "inputmode": "numeric"}),
    )
    rationale = forms.CharField(label="Why so long", max_length=500, widget=forms.Textarea(attrs=_AREA))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _of_mine(self, laboratories_of(user, Role.MANAGER))


def _of_mine(form: forms.Form, mine: Any) -> None:
    """Let a form choose among one's laboratories; the only one is not asked for."""
    field = form.fields["laboratory"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = mine
    if len(mine) == 1:
        field.initial, field.widget = mine[0].pk, forms.HiddenInput()


class DryingForm(forms.Form):
    """What a test portion lost on drying."""

    wet_g = grams("Wet mass")
    dry_g = grams("Dry mass")
    temperature_c = number("Temperature", "°C", max_digits=5, decimal_places=1, initial=Decimal(105))


class IgnitionForm(forms.Form):
    """What a dried test portion lost in the furnace."""

    dry_g = grams("Dry mass")
    ignited_g = grams("Ignited mass")
    temperature_c = number("Temperature", "°C", max_digits=5, decimal_places=1, initial=Decimal(1000))
