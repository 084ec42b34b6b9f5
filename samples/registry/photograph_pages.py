"""Photographs on pages: added to a bag, shown beside it, each served only to those who may see it."""

from typing import Any
from uuid import UUID

import rules
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lims import files
from lims.accounts.authentication import person
from lims.web.access import page
from samples.registry import queries
from samples.registry.forms import done
from samples.registry.models import Sample
from samples.registry.panels import Shown, register_panel
from samples.registry.photographs import keep_photograph, photograph_for, visible_photographs

#: pictures on a bag's page; a bag has a handful
MOST_SHOWN = 24


class PhotographForm(forms.Form):
    """A picture from this machine."""

    photograph = forms.FileField(
        label="Photograph",
        help_text="JPEG or PNG. It is made smaller, and the place inside it is taken out.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
    )

    def clean(self) -> dict[str, Any]:
        """Return the picture's bytes, as the verb takes them."""
        given: dict[str, Any] = super().clean() or {}
        upload = given.pop("photograph", None)
        return {"content": upload.read()} if upload is not None else given


def photographs_panel(request: HttpRequest, sample: Sample) -> Shown:
    """Return a bag's pictures; nothing without any, for those who could add none."""
    user = person(request)
    pictures = list(visible_photographs(user).filter(sample=sample).order_by("id")[:MOST_SHOWN])
    may_add = rules.has_perm("registry.photograph", user, sample)
    if not pictures and not may_add:
        return None
    return "registry/photographs_panel.html", {"pictures": pictures, "sample": sample, "may_add": may_add}


register_panel("sample", photographs_panel, order=20)


@require_safe
@page("registry.read")
def photograph(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a photograph's bytes to whoever may see it, and to no cache between."""
    found = photograph_for(person(request), pk)
    answer = HttpResponse(files.get(found.sha256), content_type=found.media_type)
    ending = found.media_type.removeprefix("image/").replace("jpeg", "jpg")
    answer["Content-Disposition"] = f'inline; filename="{found.sha256[:12]}.{ending}"'
    answer["Cache-Control"] = "private, max-age=3600, immutable"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@page("registry.photograph")
def add_photograph(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a picture to a bag."""
    user = person(request)
    sample = queries.sample_for(user, pk)
    form = PhotographForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        made = done(form, keep_photograph, actor=user, owner=sample.batch.owner, sample=sample)
        if made is not None:
            messages.success(request, f"Photograph of {sample} kept.")
            return redirect(reverse("registry:sample", args=[sample.pk]))
    context = {"sample": sample, "form": form}
    return render(request, "registry/add_photograph.html", context, status=422 if form.errors else 200)
