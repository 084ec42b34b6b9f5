"""Forms of the road: handed over and confirmed, split, turned back; and of single bags. They shape input only."""

import base64
import binascii
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeVar

from django import forms

from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind
from samples.custody.confirming import LARGEST_SIGNATURE_BYTES, Confirmation
from samples.custody.forms import (
    CONDITIONS,
    SCANNED,
    GrossMassField,
    WhereForm,
    choose_scales,
    scale_field,
    with_here,
)
from samples.custody.models import Consignment, ConsignmentItem, Seal
from samples.custody.rules import Condition, ConfirmedHow, ItemState
from samples.registry.models import Sample

R = TypeVar("R")
#: how the field of a drawn signature comes from a browser's canvas
DATA_URL: Final = "data:image/png;base64,"
HOW: Final = [
    (ConfirmedHow.PIN.value, "Their PIN"),
    (ConfirmedHow.QR.value, "Their personal code, scanned"),
    (ConfirmedHow.SIGNATURE.value, "A signature drawn here"),
    ("", "Not confirmed"),
]


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A person of ours, by name."""

    def label_from_instance(self, obj: User) -> str:
        """Return how a person is chosen."""
        return obj.name


class SealsField(forms.MultipleChoiceField):
    """The seals that were seen, one by one; each choice is a seal on a bag."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Seals seen",
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text="Look at each. A seal that you do not tick is missing: it becomes an incident of that bag.",
            **kwargs,
        )


class HandOverForm(WhereForm):
    """Bags that go from one person to another: seals, mass, condition, and who takes over."""

    seals = SealsField()
    mass_g = GrossMassField("Gross mass of the whole", required=False)
    scale = scale_field()
    drying_loss_g = GrossMassField("Lost by drying since it was weighed last", required=False)
    condition = forms.ChoiceField(choices=CONDITIONS, initial=Condition.INTACT, widget=forms.RadioSelect)
    to_person = PersonChoice(
        label="Taken over by", queryset=User.objects.none(), required=False, empty_label="Somebody else"
    )
    to_name = forms.CharField(label="Name, if somebody else", max_length=200, required=False)
    to_document = forms.CharField(
        label="Number of their document",
        max_length=100,
        required=False,
        help_text="Identity card or licence. It is kept apart from the record and can be erased.",
    )

    def __init__(self, user: User, people: Any, applied: Iterable[Seal], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.applied = {str(seal.pk): seal for seal in applied}
        seals, person = self.fields["seals"], self.fields["to_person"]
        assert isinstance(seals, forms.MultipleChoiceField)
        assert isinstance(person, forms.ModelChoiceField)
        seals.choices = [(pk, f"{seal} on {seal.sample}") for pk, seal in self.applied.items()]
        person.queryset = people
        choose_scales(self, user)

    def clean_seals(self) -> list[tuple[str, str]]:
        """Return maker and number of each seal that was seen."""
        seen = [self.applied[pk] for pk in self.cleaned_data["seals"]]
        return [(seal.maker, seal.number) for seal in seen]


class ConfirmForm(forms.Form):
    """How the one who takes over confirms: filled in on the turned screen."""

    how = forms.ChoiceField(label="Confirmed by", choices=HOW, required=False, widget=forms.RadioSelect)
    secret = forms.CharField(
        label="PIN or personal code",
        max_length=200,
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "data-confirms": "PIN QR"}),
    )
    signature = forms.CharField(
        required=False, widget=forms.HiddenInput, max_length=2 * LARGEST_SIGNATURE_BYTES
    )

    def clean_signature(self) -> bytes:
        """Return the drawn signature as PNG; empty when there is none. Raises `ValidationError`."""
        text = str(self.cleaned_data["signature"] or "")
        if not text:
            return b""
        try:
            return base64.b64decode(text.removeprefix(DATA_URL).encode(), validate=True)
        except (binascii.Error, UnicodeEncodeError) as error:
            raise forms.ValidationError("The signature cannot be read. Sign again.") from error

    def confirmation(self) -> Confirmation | None:
        """Return what the receiver gave; None when nobody confirmed."""
        given = self.cleaned_data
        if not given["how"]:
            return None
        return Confirmation(given["how"], given["secret"], given["signature"])


class BagsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """Bags, each by its tag and mass."""

    def label_from_instance(self, obj: ConsignmentItem) -> str:
        """Return how a bag is chosen."""
        return f"{obj.sample}, {obj.sealed_mass_g / 1000:.3f} kg"


def _organisation(label: str, kind: OrganisationKind, empty: str) -> forms.ModelChoiceField:  # type: ignore[type-arg]
    rows = Organisation.objects.filter(kind=kind).order_by("name")
    return forms.ModelChoiceField(label=label, queryset=rows, required=False, empty_label=empty)


class SplitForm(WhereForm):
    """Bags that travel on by themselves."""

    samples = BagsField(
        label="Bags that travel on by themselves",
        queryset=ConsignmentItem.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    carrier = _organisation("Carried by", OrganisationKind.CARRIER, "The same carrier")
    destination = _organisation("Travels to", OrganisationKind.LABORATORY, "The same place")

    def __init__(self, consignment: Consignment, *args: Any, owners: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["samples"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        items = ConsignmentItem.objects.filter(consignment=consignment, state=ItemState.PACKED)
        field.queryset = items.select_related("sample__tag").order_by("sample__tag__code")
        if not owners:  # another carrier or laboratory is the owner's to choose
            del self.fields["carrier"], self.fields["destination"]

    def clean_samples(self) -> list[Sample]:
        """Return the bags themselves."""
        return [item.sample for item in self.cleaned_data["samples"]]


class ReasonForm(forms.Form):
    """Why something is given up."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class TurnBackForm(WhereForm):
    """A consignment that is turned round."""

    reason = forms.CharField(
        label="Why it goes back", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class SendBackForm(WhereForm):
    """Bags that a laboratory sends to their owner."""

    samples = BagsField(
        label="Bags that go back",
        queryset=ConsignmentItem.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    carrier = forms.ModelChoiceField(
        label="Carried by", queryset=Organisation.objects.none(), empty_label=None
    )

    def __init__(self, items: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        samples, carrier = self.fields["samples"], self.fields["carrier"]
        assert isinstance(samples, forms.ModelMultipleChoiceField)
        assert isinstance(carrier, forms.ModelChoiceField)
        samples.queryset = items
        carrier.queryset = Organisation.objects.filter(kind=OrganisationKind.CARRIER).order_by("name")

    def clean_samples(self) -> list[Sample]:
        """Return the bags themselves."""
        return [item.sample for item in self.cleaned_data["samples"]]


class ResealForm(WhereForm):
    """A new seal on a bag."""

    maker = forms.CharField(label="Maker of the seal", max_length=60)
    number = forms.CharField(label="Seal number", max_length=60, widget=forms.TextInput(attrs=SCANNED))
    mass_g = GrossMassField("Gross mass of the sealed bag")
    scale = scale_field()

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_scales(self, user)


class StoreForm(WhereForm):
    """Where a bag is kept: its place is asked first."""

    kept_at = forms.CharField(label="Where it is kept", max_length=100, help_text="Depot, room, shelf.")


class DisposeForm(WhereForm):
    """Why a bag is disposed of."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


def stored_at(verb: Callable[..., R]) -> Callable[..., R]:
    """Return the verb as StoreForm calls it: the place is where the bag is kept."""

    def call(*, kept_at: str, **rest: Any) -> R:
        return with_here(partial(verb, place=kept_at))(**rest)

    return call
