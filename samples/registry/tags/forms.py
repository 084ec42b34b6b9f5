"""Forms of blocks and labels: they shape input, services decide."""

from typing import Any

from django import forms

from lims.accounts.models import Membership, User
from lims.accounts.rules import Role
from samples.registry.forms import OwnerForm, owners
from samples.registry.rules import MOST_TAGS_AT_ONCE
from samples.registry.tags.rules import LAYOUTS, SIZE_LABELS, LabelSize


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """People, by the names they are known by."""

    def label_from_instance(self, obj: Any) -> str:
        """Return a person's name."""
        return str(obj.name)


class BlockForm(OwnerForm):
    """Tags to reserve, and for whom."""

    coordinator = PersonField(
        queryset=User.objects.none(), empty_label=None, help_text="Only they put these tags on bags."
    )
    count = forms.IntegerField(
        label="How many", min_value=1, max_value=MOST_TAGS_AT_ONCE, initial=100, widget=forms.NumberInput()
    )
    note = forms.CharField(max_length=200, required=False, help_text="As in: Pangwa, December.")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        field = self.fields["coordinator"]
        assert isinstance(field, forms.ModelChoiceField)
        roles = (Role.FIELD_COORDINATOR, Role.MANAGER)
        mine = Membership.objects.filter(organisation__in=owners(user), role__in=roles, user__is_active=True)
        field.queryset = User.objects.filter(pk__in=mine.values("user")).order_by("name", "pk")
        field.initial = user.pk


class LabelForm(forms.Form):
    """Which tags to print, and on what."""

    block = forms.UUIDField(required=False, widget=forms.HiddenInput())
    first = forms.CharField(
        label="From tag", max_length=200, required=False, widget=forms.TextInput(attrs={"class": "tag"})
    )
    last = forms.CharField(
        label="To tag", max_length=200, required=False, widget=forms.TextInput(attrs={"class": "tag"})
    )
    size = forms.ChoiceField(
        label="Sheet", choices=[(size.value, label) for size, label in SIZE_LABELS.items()], required=False
    )
    skip = forms.IntegerField(
        label="Labels already used on the first sheet",
        required=False,
        min_value=0,
        max_value=max(layout.places for layout in LAYOUTS.values()) - 1,
    )
    inside = forms.BooleanField(
        label="A second label for the inside of each bag", required=False, label_suffix=""
    )
    marks = forms.BooleanField(label="Cut marks, for plain paper", required=False, label_suffix="")

    def clean(self) -> dict[str, Any]:
        """Return the choices with what was left out."""
        given: dict[str, Any] = super().clean() or {}
        given["size"] = LabelSize(given.get("size") or LabelSize.SMALL)
        given["skip"] = given.get("skip") or 0
        if given["skip"] >= LAYOUTS[given["size"]].places:
            self.add_error("skip", f"A sheet has {LAYOUTS[given['size']].places} labels.")
        return given
