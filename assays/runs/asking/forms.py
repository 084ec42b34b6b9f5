"""The form of a request for analysis."""

from typing import Any

from django import forms
from django.db.models import Q

from assays.catalogue.models import Method
from assays.catalogue.queries import methods
from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind
from samples.registry.models import Batch, Sample
from samples.registry.rules import Part, SampleState


class _Methods(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in its stubs only
    def label_from_instance(self, obj: Any) -> str:
        """Return laboratory, code and name: two laboratories may have one code."""
        return f"{obj.laboratory.name}: {obj.code}, {obj.name}"


def _day(label: str, help_text: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


class AskForm(forms.Form):
    """Which samples of a batch are analysed by which method, and what was agreed with the laboratory."""

    method = _Methods(Method.objects.none(), empty_label=None)
    samples = forms.ModelMultipleChoiceField(
        Sample.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="All are asked for unless one is left out.",
    )
    due_on = _day("Due on", "Empty: by the method's turnaround in working days.")
    agreed_rule = forms.CharField(
        label="Agreed with the laboratory",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        help_text="Duplicates, limits, what is measured again, how it reports.",
    )
    hold_until = _day("What is left is kept until", "The laboratory disposes of nothing before.")
    dispose_after = _day("May be disposed of from", "Empty: it asks first.")

    def __init__(self, batch: Batch, *args: Any, **kwargs: Any) -> None:
        rows = Sample.objects.filter(batch=batch, state=SampleState.REGISTERED).select_related("tag")
        kwargs.setdefault("initial", {}).setdefault("samples", [one.pk for one in rows])
        super().__init__(*args, **kwargs)
        samples, method = self.fields["samples"], self.fields["method"]
        assert isinstance(samples, forms.ModelMultipleChoiceField)
        assert isinstance(method, forms.ModelChoiceField)
        samples.queryset = rows.order_by("tag__code")
        testers = batch.parties.filter(part=Part.TESTER).values("organisation")
        # An outside laboratory's methods are asked for through the one that tests the batch.
        outside = Organisation.objects.filter(kind=OrganisationKind.LABORATORY, memberships=None)
        asked = batch.analysis_requests.values("method")
        method.queryset = (
            methods().filter(Q(laboratory__in=testers) | Q(laboratory__in=outside)).exclude(pk__in=asked)
        )

    def values(self) -> dict[str, Any]:
        """Return the arguments of the verb."""
        return self.cleaned_data | {"samples": list(self.cleaned_data["samples"])}
