"""Forms of routes: they shape input, services decide."""

from typing import Any

from django import forms

from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from lims.errors import DomainError
from lims.web.forms import add_problems
from samples.custody.routes.rules import read_legs


def managed(user: User) -> list[Any]:
    """Return the ids of the sponsors that a person manages."""
    return [
        m.organisation_id
        for m in user.roles
        if m.role == Role.MANAGER and m.organisation.kind == OrganisationKind.SPONSOR
    ]


class RouteForm(forms.Form):
    """A route to plan."""

    owner = forms.ModelChoiceField(queryset=Organisation.objects.none(), empty_label=None)
    name = forms.CharField(max_length=100, help_text="As people say it: Pangwa to Hyderabad by Ruili.")
    legs = forms.CharField(
        label="Legs",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "tag"}),
        help_text="A line each: from; to; road, rail or air; hours; hours of grace; place of the first; place of the"
        " last; points between, apart by |. Places as latitude, longitude; what is not known may be left out.",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine, field = managed(user), self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(pk__in=mine)
        if len(set(mine)) == 1:
            field.initial, field.widget = mine[0], forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Return the values as the verb takes them."""
        given: dict[str, Any] = super().clean() or {}
        try:
            given["legs"] = read_legs(given.get("legs") or "")
        except DomainError as error:
            add_problems(self, error)
        return given


class LimitForm(forms.Form):
    """Another limit, and why."""

    value = forms.DecimalField(max_digits=12, decimal_places=4)
    rationale = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
