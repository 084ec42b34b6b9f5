"""Forms of incidents and deviations: they shape input, services decide."""

from typing import Any

from django import forms

from lims.accounts.models import User
from samples.custody.models import Consignment
from samples.registry.models import Sample


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A person of ours, by name."""

    def label_from_instance(self, obj: User) -> str:
        """Return how a person is chosen."""
        return obj.name


class AssignForm(forms.Form):
    """Who is asked to explain an incident."""

    to = PersonChoice(label="Ask", queryset=User.objects.none(), empty_label=None)

    def __init__(self, people: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people


class AttachForm(forms.Form):
    """A file that says more."""

    file = forms.FileField(
        help_text="PDF, JPEG or PNG, at most 10 MB.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )

    def clean(self) -> dict[str, Any]:
        """Return name and content, as the verb takes them."""
        given: dict[str, Any] = super().clean() or {}
        upload = given.pop("file", None)
        return {"name": upload.name, "content": upload.read()} if upload is not None else given


class BagChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A bag of a consignment, by its tag."""


class DeviationForm(forms.Form):
    """What the laboratory asks the owner."""

    sample = BagChoice(
        label="Bag", queryset=Sample.objects.none(), required=False, empty_label="All of the consignment"
    )
    question = forms.CharField(
        label="What is not as it should be, and what do you ask",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The bag is not opened until the owner answers.",
    )

    def __init__(self, consignment: Consignment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["sample"]
        assert isinstance(field, forms.ModelChoiceField)
        bags = Sample.objects.filter(consignment_items__consignment=consignment)
        field.queryset = bags.select_related("tag").order_by("tag__code")
