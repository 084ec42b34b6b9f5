"""Forms of policies: they shape input, services decide."""

from decimal import Decimal
from typing import Any, Final

from django import forms

from assays.catalogue.rules import BASIS_LABELS
from assays.grading.rules import Weighting
from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from samples.registry.rules import MATERIAL_LABELS

#: field → (label, unit, criterion without its threshold)
CRITERIA: Final = {
    "dy_grade": ("Dy₂O₃, mean of the batch", "ppm", {"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3"}),
    "tb_grade": ("Tb₄O₇, mean of the batch", "ppm", {"analyte": "Tb", "metric": "grade", "oxide": "Tb4O7"}),
    "treo_grade": ("TREO, mean of the batch", "ppm", {"analyte": "TREO", "metric": "grade", "oxide": "TREO"}),
    "dy_share": (
        "Dy₂O₃, share of TREO",
        "%",
        {"analyte": "Dy", "metric": "share", "oxide": "Dy2O3", "of": "TREO"},
    ),
    "tb_share": (
        "Tb₄O₇, share of TREO",
        "%",
        {"analyte": "Tb", "metric": "share", "oxide": "Tb4O7", "of": "TREO"},
    ),
}
_HUNDRED: Final = Decimal(100)


def _number(label: str, unit: str, *, required: bool = False, **kwargs: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"data-unit": unit, "inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(label=label, required=required, widget=widget, **kwargs)


class PolicyForm(forms.Form):
    """A draft of a policy: what it is for, what a batch must reach, and how sure we must be."""

    owner = forms.ModelChoiceField(Organisation.objects.none(), label="Owner")
    name = forms.CharField(label="Name", max_length=100, help_text="A known name makes its next version.")
    material_type = forms.ChoiceField(label="Material", choices=list(MATERIAL_LABELS.items()))
    basis = forms.ChoiceField(label="Basis of the results", choices=list(BASIS_LABELS.items()))
    dy_grade = _number(CRITERIA["dy_grade"][0], "ppm", min_value=0, max_value=1_000_000)
    tb_grade = _number(CRITERIA["tb_grade"][0], "ppm", min_value=0, max_value=1_000_000)
    treo_grade = _number(CRITERIA["treo_grade"][0], "ppm", min_value=0, max_value=1_000_000)
    dy_share = _number(CRITERIA["dy_share"][0], "%", min_value=0, max_value=100)
    tb_share = _number(
        CRITERIA["tb_share"][0],
        "%",
        min_value=0,
        max_value=100,
        help_text="For concentrates. A share needs a grade of TREO beside it.",
    )
    sure = _number("Sure of a flag", "%", required=True, min_value=51, max_value=99.99, initial=95)
    sure_not = _number("Sure of no flag", "%", required=True, min_value=51, max_value=99.99, initial=99)
    weighting = forms.ChoiceField(
        label="Sites weigh",
        choices=[(Weighting.EQUAL, "the same"), (Weighting.MASS, "by the dry mass of their samples")],
        help_text="By mass only when the bags are the lot, or stand for its tonnage.",
    )
    rationale = forms.CharField(
        label="Why these numbers", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = [
            m.organisation_id
            for m in user.roles
            if m.role == Role.MANAGER and m.organisation.kind == OrganisationKind.SPONSOR
        ]
        owner: Any = self.fields["owner"]
        owner.queryset = Organisation.objects.filter(pk__in=mine).order_by("name")
        if len(mine) == 1:
            owner.initial, owner.empty_label = mine[0], None

    def clean(self) -> dict[str, Any]:
        """Return what `make_policy` takes. Raises `ValidationError` when a batch would have to reach nothing."""
        given = super().clean() or {}
        criteria = []
        for name, (_, unit, criterion) in CRITERIA.items():
            value = given.pop(name, None)
            if value:
                threshold = "threshold_pct" if unit == "%" else "threshold_ppm"
                criteria.append({**criterion, threshold: float(value)})
        if not criteria and not self.errors:
            raise forms.ValidationError("Say what a batch must reach: at least one number.")
        given["criteria"] = criteria
        for name, argument in (("sure", "alpha"), ("sure_not", "alpha_reject")):
            if name in given:
                given[argument] = (_HUNDRED - given.pop(name)) / _HUNDRED
        return given
