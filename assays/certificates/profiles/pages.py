"""Pages of profiles: what each laboratory means by its cells, every version of it, and the form for the next."""

from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assays.catalogue.models import Profile
from assays.catalogue.queries import newest_profiles
from assays.certificates.profiles import services
from assays.certificates.profiles.forms import ProfileForm, narrowed
from assays.certificates.profiles.words import in_words
from assays.chemistry.cells import Conventions
from lims.accounts.authentication import person
from lims.errors import DomainError, NotFound, Problem
from lims.web.access import page
from lims.web.forms import add_problems


def _one(pk: UUID | str) -> Profile:
    try:
        found = (
            Profile.objects.select_related("laboratory", "method", "created_by")
            .filter(pk=UUID(str(pk)))
            .first()
        )
    except ValueError:
        found = None
    if found is None:
        raise NotFound(Problem("profile-unknown", "There is no such profile.", "Look it up in the list."))
    return found


def _said(profile: Profile) -> dict[str, Any]:
    columns = profile.mapping.get("columns", []) if profile.mapping else []
    return {
        "profile": profile,
        "words": in_words(Conventions.from_dict(profile.conventions)),
        "columns": columns,
    }


@require_safe
@page("certificates.read")
def profiles(request: HttpRequest) -> HttpResponse:
    """List every laboratory's profiles in their newest version, in words."""
    context = {
        "rows": [_said(one) for one in newest_profiles(on=None)],
        "may_add": rules.has_perm("certificates.profile", person(request)),
        "today": timezone.localdate(),
    }
    return render(request, "certificates/profiles/profiles.html", context)


@require_safe
@page("certificates.read")
def profile(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one profile with every version of it."""
    found = _one(pk)
    versions = Profile.objects.filter(laboratory=found.laboratory_id, name__iexact=found.name)
    context = _said(found) | {
        "versions": [_said(one) for one in versions.select_related("created_by").order_by("-version")],
        "may_add": rules.has_perm("certificates.profile", person(request), found.laboratory),
    }
    return render(request, "certificates/profiles/profile.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("certificates.profile")
def add_profile(request: HttpRequest) -> HttpResponse:
    """Say what a laboratory means; `of` names the profile whose next version it is."""
    user = person(request)
    earlier = _one(request.GET["of"]) if request.GET.get("of") else None
    initial = ProfileForm.initial_of(earlier) if earlier else {}
    form = ProfileForm(user, request.POST or None, initial=initial)
    if earlier is not None:
        form = narrowed(form, earlier)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_profile(actor=user, **form.values())
        except DomainError as error:
            add_problems(form, error)
        else:
            messages.success(request, f"{made} is kept: files are read by it from now on.")
            return redirect("certificates:profile", pk=made.pk)
    context = {"form": form, "earlier": earlier}
    return render(request, "certificates/profiles/add.html", context, status=422 if form.is_bound else 200)
