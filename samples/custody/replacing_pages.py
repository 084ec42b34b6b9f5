"""The page on which a bag gets another tag, and what a bag's page says of the tags that it had."""

from typing import Any
from uuid import UUID

import rules
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from lims.accounts.authentication import person
from lims.web.access import page
from samples.custody.forms import WhereForm, with_here
from samples.custody.models import TagReplacement
from samples.custody.replacing import replace_tag_with_picture
from samples.registry.forms import done
from samples.registry.models import Sample
from samples.registry.panels import Shown, register_panel
from samples.registry.photographs import visible_photographs
from samples.registry.queries import sample_for
from samples.registry.rules import SampleState
from samples.registry.sight import Sight, sight_of

_TAG = {"class": "tag", "autocapitalize": "characters", "autocomplete": "off", "autofocus": True}


class ReplaceForm(WhereForm):
    """Another tag, why, who saw it, and a photograph of the bag with it."""

    new_tag = forms.CharField(
        label="New tag",
        max_length=200,
        widget=forms.TextInput(attrs=_TAG),
        help_text="A free tag of the owner's. Scan it, or type it with its check character.",
    )
    reason = forms.CharField(
        label="Why", max_length=1000, help_text="As in: torn off at the checkpoint; filled into a new bag."
    )
    name_one = forms.CharField(label="First witness", max_length=200)
    document_one = forms.CharField(
        label="Document number of the first witness", max_length=100, required=False
    )
    name_two = forms.CharField(label="Second witness", max_length=200)
    document_two = forms.CharField(
        label="Document number of the second witness", max_length=100, required=False
    )
    photograph = forms.FileField(
        help_text="The bag with its new tag, JPEG or PNG. The place inside it is taken out.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
    )

    def clean(self) -> dict[str, Any]:
        """Return the values as the verb takes them."""
        given: dict[str, Any] = super().clean() or {}
        given["witnesses"] = [
            (given.pop(f"name_{which}", ""), given.pop(f"document_{which}", "")) for which in ("one", "two")
        ]
        upload = given.pop("photograph", None)
        return given | ({"content": upload.read()} if upload is not None else {})


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.explain")
def replace_tag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put another tag on a bag."""
    user = person(request)
    sample = sample_for(user, pk)
    if not rules.has_perm("custody.explain", user, sample):
        raise PermissionDenied
    form = ReplaceForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        verb = with_here(replace_tag_with_picture)
        made = done(form, verb, actor=user, sample=sample)
        if made is not None:
            messages.success(request, f"{made.old_tag} is {made.new_tag} from now on. Destroy the old tag.")
            return redirect("registry:sample", pk=pk)
    context = {"sample": sample, "form": form}
    return render(request, "custody/replace_tag.html", context, status=422 if form.errors else 200)


def tags_panel(request: HttpRequest, sample: Sample) -> Shown:
    """Return the tags that a bag had, and the way to another; reasons and witnesses for the owner's people."""
    user = person(request)
    rows = TagReplacement.objects.filter(sample=sample).order_by("-at")
    replaced = list(rows.select_related("old_tag", "new_tag", "witness_one", "witness_two", "recorded_by"))
    may = sample.state == SampleState.REGISTERED and rules.has_perm("custody.explain", user, sample)
    if not replaced and not may:
        return None
    sight = sight_of(user, sample.batch)
    context = {
        "sample": sample,
        "replaced": replaced,
        "may": may,
        "told": sight > Sight.BLIND,
        "named": sight is Sight.FULL or user.oversees,
        "pictures": set(
            visible_photographs(user)
            .filter(pk__in=[row.photograph_id for row in replaced])
            .values_list("pk", flat=True)
        ),
    }
    return "custody/tags_panel.html", context


register_panel("sample", tags_panel, order=32)
