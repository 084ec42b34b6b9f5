"""Forms of the registry: they shape input, services decide."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ParamSpec, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from lims import quantities
from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from lims.errors import DomainError
from lims.web.forms import add_problems
from samples.registry.models import Batch, Mine
from samples.registry.rules import (
    HOLD_LABELS,
    MATERIAL_LABELS,
    MOST_TAGS_AT_ONCE,
    BatchState,
    DueDiligence,
    NumberKind,
    Part,
)
from samples.registry.sight import EXACT

P = ParamSpec("P")
R = TypeVar("R")


def done(form: forms.Form, verb: Callable[..., R], **fixed: Any) -> R | None:
    """Call a verb with the form's values; None, with the problems in the form, when form or verb refuse."""
    if not form.is_valid():
        return None
    try:
        return verb(**form.cleaned_data, **fixed)
    except DomainError as error:
        add_problems(form, error)
        return None


class MassField(forms.CharField):
    """A mass in grams; "2.15 kg" is understood too."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"data-unit": "g", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__(
            label="Mass",
            max_length=30,
            widget=forms.TextInput(attrs=attrs),
            help_text="In grams; or write the unit, as 2.15 kg.",
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        """Return the mass in grams. Raises `ValidationError`."""
        text = super().clean(value)
        try:
            return quantities.mass_g(text, field="mass_g")
        except DomainError as error:
            raise ValidationError(str(error)) from error


def _number(label: str, unit: str, **kwargs: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"data-unit": unit, "inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(label=label, required=False, widget=widget, **kwargs)


def _time(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget)


class SampleFields(forms.Form):
    """What is said of a sample itself; registered once, corrected with a reason."""

    mass_g = MassField()
    collected_at = _time("Collected at")
    collector = forms.CharField(label="Collected by", max_length=200, required=False)
    latitude = _number("Latitude", "° N")
    longitude = _number("Longitude", "° E")
    accuracy_m = _number("Accuracy of the place", "m")
    depth_m = _number("Depth", "m")
    site = forms.CharField(
        label="Site",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "sites", "autocomplete": "off"}),
        help_text="Pit, hole or heap: samples of one site count together.",
    )
    note = forms.CharField(
        label="Note", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )


class BatchChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """An open batch, with what tells it from the others."""

    def label_from_instance(self, obj: Batch) -> str:
        return f"{obj.code} · {obj.mine.name} · {obj.get_material_type_display()}"


class RegisterForm(SampleFields):
    """A sample to register: the tag first, because it is scanned first."""

    tag = forms.CharField(
        label="Tag",
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "class": "tag",
                "autocapitalize": "characters",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
        help_text="Scan it, or type it as on the bag: KC-000123-J.",
    )
    batch = BatchChoice(queryset=Batch.objects.none(), empty_label=None)
    field_number = forms.CharField(label="Field number", max_length=60, required=False)
    laboratory_number = forms.CharField(label="Laboratory number", max_length=60, required=False)
    field_order = (
        "tag",
        "mass_g",
        "collected_at",
        "batch",
        "latitude",
        "longitude",
        "accuracy_m",
        "depth_m",
        "site",
        "collector",
        "field_number",
        "laboratory_number",
        "note",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["batch"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = open_batches(user)
        self.fields["tag"].widget.attrs["autofocus"] = True


def open_batches(user: User) -> Any:
    """Return the open batches in which `user` registers, the newest first."""
    mine = Batch.objects.filter(owner__in=user.organisations_as(*EXACT), state=BatchState.OPEN)
    return mine.select_related("mine", "owner").order_by("-id")


class CorrectionForm(SampleFields):
    """What was registered, to be corrected, and why."""

    reason = forms.CharField(
        label="Why", max_length=1000, help_text="The record keeps what it was, and this reason."
    )
    field_order = ("reason",)


class ReasonForm(forms.Form):
    """Why something binding is done."""

    reason = forms.CharField(label="Reason", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class HoldForm(ReasonForm):
    """A hold to set."""

    kind = forms.ChoiceField(choices=[(kind.value, label) for kind, label in HOLD_LABELS.items()])
    field_order = ("kind", "reason")


class NumberForm(forms.Form):
    """A number by which certificates refer to a sample."""

    kind = forms.ChoiceField(
        choices=[(NumberKind.LABORATORY.value, "Laboratory number"), (NumberKind.FIELD.value, "Field number")]
    )
    number = forms.CharField(max_length=60)


def owners(user: User) -> list[Organisation]:
    """Return the sponsors for whom `user` registers."""
    return [
        m.organisation
        for m in user.roles
        if m.role in {Role.FIELD_COORDINATOR, Role.MANAGER}
        and m.organisation.kind == OrganisationKind.SPONSOR
    ]


class OwnerForm(forms.Form):
    """Something for one of the sponsors for whom a person works; not asked when there is one only."""

    owner = forms.ModelChoiceField(queryset=Organisation.objects.none(), empty_label=None)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = {owner.pk: owner for owner in owners(user)}
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(pk__in=mine).order_by("name")
        if len(mine) == 1:
            field.widget = forms.HiddenInput()
            field.initial = next(iter(mine))


class MineForm(OwnerForm):
    """A mine to add."""

    name = forms.CharField(max_length=200)
    code = forms.CharField(max_length=20, help_text="Short, as on your maps: PW-2.")
    township = forms.CharField(max_length=100, required=False)
    latitude = forms.DecimalField(widget=forms.TextInput(attrs={"data-unit": "° N", "inputmode": "decimal"}))
    longitude = forms.DecimalField(widget=forms.TextInput(attrs={"data-unit": "° E", "inputmode": "decimal"}))
    controlling_body = forms.CharField(max_length=200)
    deposit_type = forms.CharField(label="Type of deposit", max_length=200)
    due_diligence = forms.ChoiceField(
        choices=[(status.value, status.title()) for status in reversed(DueDiligence)],
        help_text="What we know of the mine's conditions.",
    )


class DueDiligenceForm(forms.Form):
    """What is known of a mine's conditions now."""

    status = forms.ChoiceField(choices=[(status.value, status.title()) for status in DueDiligence])


class BatchForm(forms.Form):
    """A batch to open."""

    mine = forms.ModelChoiceField(queryset=Mine.objects.none(), empty_label=None)
    material_type = forms.ChoiceField(
        choices=[(material.value, label) for material, label in MATERIAL_LABELS.items()],
        help_text="One batch, one material: it is judged as one.",
    )
    campaign = forms.CharField(max_length=200, help_text="As people call it: November 2026.")
    planned_count = forms.IntegerField(label="Samples planned", required=False, max_value=100_000)

    def __init__(self, mines: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["mine"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = mines


class PartyForm(forms.Form):
    """An organisation that holds or tests a batch."""

    organisation = forms.ModelChoiceField(queryset=Organisation.objects.none())
    part = forms.ChoiceField(
        choices=[(Part.HOLDER.value, "Holds it (carrier)"), (Part.TESTER.value, "Tests it (laboratory)")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        kinds = [OrganisationKind.CARRIER, OrganisationKind.LABORATORY]
        field.queryset = Organisation.objects.filter(kind__in=kinds).order_by("name")


class TagsForm(OwnerForm):
    """Tags to issue."""

    count = forms.IntegerField(
        label="How many", min_value=1, max_value=MOST_TAGS_AT_ONCE, initial=50, widget=forms.NumberInput()
    )


class LettersForm(OwnerForm):
    """The two letters on an owner's tags."""

    # The declared field leaves the class, so Django's own `prefix` of forms stays what it is.
    prefix = forms.CharField(label="Two letters", max_length=2, help_text="First on every tag: KC.")  # type: ignore[assignment]  # see above


def degrees(value: Decimal | None) -> str:
    """Return degrees as typed: without zeros at the end.

    >>> degrees(Decimal("98.350000"))
    '98.35'
    """
    return "" if value is None else format(value.normalize(), "f")
