"""Forms of plans and blind items: they shape input, services decide."""

from typing import Any

from django import forms

from lims.errors import DomainError
from lims.web.forms import add_problems
from samples.registry.models import SamplingPlan
from samples.registry.plans.lines import read_sites, write_sites
from samples.registry.plans.rules import SiteDraft
from samples.registry.rules import BLIND_LABELS


class PlanForm(forms.Form):
    """A plan: sites with their numbers, or a number alone, and how the samples are taken."""

    sites = forms.CharField(
        label="Sites",
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "tag"}),
        help_text="A line for each pit, hole or heap: name; number of samples; latitude; longitude; note."
        " Paste from a spreadsheet, if you have one.",
    )
    planned_number = forms.IntegerField(
        label="Samples in all", required=False, help_text="The sum of the sites, if there are any."
    )
    method = forms.CharField(
        label="Method", required=False, max_length=200, help_text="Channel, auger, grab from the heap."
    )
    interval = forms.CharField(
        label="Interval",
        required=False,
        max_length=200,
        help_text="Every 2 m down the face; each tenth cart.",
    )
    sampler = forms.CharField(label="Sampler", required=False, max_length=200)
    planned_blanks = forms.IntegerField(
        label="Blanks to slip in", required=False, min_value=0, help_text="Unknown to the laboratory."
    )
    planned_crms = forms.IntegerField(label="Reference materials to slip in", required=False, min_value=0)

    def clean(self) -> dict[str, Any]:
        """Return the values as the verbs take them."""
        given: dict[str, Any] = super().clean() or {}
        try:
            given["sites"] = read_sites(given.get("sites") or "")
        except DomainError as error:
            add_problems(self, error)
        for name in ("planned_blanks", "planned_crms"):
            given[name] = given.get(name) or 0
        return given

    @staticmethod
    def beginning(plan: SamplingPlan | None) -> dict[str, Any]:
        """Return what the form shows of a plan, before anybody types."""
        if plan is None:
            return {}
        sites = [
            SiteDraft(site.name, site.planned_number, site.latitude, site.longitude, site.note)
            for site in plan.sites.order_by("position", "id")
        ]
        names = ("method", "interval", "sampler", "planned_blanks", "planned_crms")
        number = None if sites else plan.planned_number
        return {
            "sites": write_sites(sites),
            "planned_number": number,
            **{name: getattr(plan, name) for name in names},
        }


class BlindForm(forms.Form):
    """What the owner put into a bag instead of a sample."""

    kind = forms.ChoiceField(choices=[(kind.value, label) for kind, label in BLIND_LABELS.items()])
    material = forms.CharField(
        max_length=100, help_text="Its name and lot, as on the certificate: it is matched by this name."
    )
