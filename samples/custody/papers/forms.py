"""Forms of documents and of paper forms: they shape input, services decide."""

from typing import Any

from django import forms

from lims.accounts.models import Organisation, User
from samples.custody.forms import CONDITIONS, GrossMassField, WhereForm
from samples.custody.models import Consignment, Document
from samples.custody.papers.form_services import TOLD_ON_PAPER
from samples.custody.papers.queries import packing_for
from samples.custody.rules import DOCUMENT_LABELS, EVENT_LABELS
from samples.registry.models import Photograph


class OwnersForm(forms.Form):
    """Something for one of the owners for whom a person packs; not asked when there is one only."""

    owner = forms.ModelChoiceField(queryset=Organisation.objects.none(), empty_label=None)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, mine = self.fields["owner"], packing_for(user)
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = mine
        if mine.count() == 1:
            field.initial, field.widget = mine[0].pk, forms.HiddenInput()


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


class DocumentForm(OwnersForm):
    """A document of an authority."""

    kind = forms.ChoiceField(choices=[(kind.value, label) for kind, label in DOCUMENT_LABELS.items()])
    authority = forms.CharField(label="Issued by", max_length=200)
    number = forms.CharField(label="Its number", max_length=100)
    issued_on = _day("Issued on")
    expires_on = _day("Expires on")
    quantity_kg = forms.DecimalField(
        label="For at most",
        required=False,
        max_digits=12,
        decimal_places=3,
        widget=forms.TextInput(attrs={"data-unit": "kg", "inputmode": "decimal"}),
        help_text="What leaves under it is taken off this. Leave it empty if it sets no bound.",
    )
    most_bags = forms.IntegerField(
        label="And at most",
        required=False,
        widget=forms.TextInput(attrs={"data-unit": "bags", "inputmode": "numeric"}),
    )
    scan = forms.FileField(
        required=False,
        help_text="PDF, JPEG or PNG, at most 10 MB.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )

    def clean(self) -> dict[str, Any]:
        """Return the values as the verb takes them."""
        given: dict[str, Any] = super().clean() or {}
        upload = given.pop("scan", None)
        return given | {"scan": upload.read() if upload else b""}


class DocumentChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A document of the register, with what is left of it."""

    def label_from_instance(self, obj: Document) -> str:
        """Return how a document is chosen."""
        return f"{obj}, {obj.authority}"


class PrintForm(OwnersForm):
    """Forms to be printed."""

    count = forms.IntegerField(label="How many", min_value=1, max_value=200, initial=20)


class PhotographField(forms.FileField):
    """The photograph of a form."""

    widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"})


class EnterForm(WhereForm):
    """What stands on a form."""

    kind = forms.ChoiceField(
        label="What happened", choices=[(kind.value, EVENT_LABELS[kind]) for kind in TOLD_ON_PAPER]
    )
    consignment = forms.ModelChoiceField(queryset=Consignment.objects.none(), empty_label=None)
    to_name = forms.CharField(label="Taken over by", max_length=200, required=False)
    to_document = forms.CharField(label="Number of their document", max_length=100, required=False)
    mass_g = GrossMassField("Gross mass of the whole", required=False)
    condition = forms.ChoiceField(choices=[("", "Not said"), *CONDITIONS], required=False)
    photograph = forms.ModelChoiceField(queryset=Photograph.objects.none(), widget=forms.HiddenInput())

    def __init__(self, consignments: Any, photographs: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("consignment", consignments), ("photograph", photographs)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        self.fields["at"].required = True
        self.fields["at"].help_text = "As it stands on the form."


class SpoilForm(forms.Form):
    """Why a form is spoilt."""

    reason = forms.CharField(label="Why", max_length=500, help_text="Wet, torn, written on by mistake.")
