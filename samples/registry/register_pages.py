"""Pages that take a sample's facts: registration, one after the other, and correction."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lims.accounts.authentication import person
from lims.web.access import page
from samples.registry import queries, sample_queries, sample_services
from samples.registry.drafts import CORRECTABLE
from samples.registry.forms import CorrectionForm, RegisterForm, degrees, done, open_batches
from samples.registry.models import Batch, Sample
from samples.registry.sight import Sight, sight_of

#: what the next bag most likely shares with the last one
CARRIED: Final = (
    "batch",
    "collected_at",
    "collector",
    "latitude",
    "longitude",
    "accuracy_m",
    "depth_m",
    "site",
)
_SESSION: Final = "registry.carried"


def _initial(request: HttpRequest) -> dict[str, Any]:
    """Return what the form begins with: the batch of the address, then what the last sample had, then now."""
    carried = dict(request.session.get(_SESSION, {}))
    if request.GET.get("batch") and request.GET["batch"] != carried.get("batch"):
        carried = {"batch": request.GET["batch"]}
    if request.GET.get("tag"):
        carried["tag"] = request.GET["tag"]
    user = person(request)
    return {"collected_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"), "collector": user.name} | carried


@require_http_methods(["GET", "HEAD", "POST"])
@page("registry.register")
def register(request: HttpRequest) -> HttpResponse:
    """Register a sample; "Save and next" keeps what the next bag shares with it."""
    user = person(request)
    if not open_batches(user).exists():
        return render(request, "registry/register_without_batch.html")
    form = RegisterForm(user, request.POST or None, initial=_initial(request))
    made = _registered(form, user) if request.method == "POST" else None
    if made is None:
        context = {"form": form, "sites": sample_queries.sites_in(open_batches(user))}
        return render(request, "registry/register.html", context, status=422 if form.is_bound else 200)
    request.session[_SESSION] = {name: form.data[name] for name in CARRIED if form.data.get(name)}
    messages.success(request, f"{made.tag} is registered in {made.batch}.")
    if "next" in request.POST:
        return redirect(f"{reverse('registry:register')}?batch={made.batch_id}")
    return redirect("registry:sample", pk=made.pk)


def _registered(form: RegisterForm, user: Any) -> Sample | None:
    def verb(*, tag: str, **given: Any) -> Sample:
        return sample_services.register_sample(tag_code=tag, **given)

    return done(form, verb, actor=user)


@require_http_methods(["GET", "HEAD", "POST"])
@page("registry.correct")
def correct(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct what was registered, with a reason."""
    user = person(request)
    found = queries.sample_for(user, pk)
    if sight_of(user, found.batch) is not Sight.FULL:
        raise PermissionDenied  # the form would show the exact place
    form = CorrectionForm(request.POST or None, initial=_as_typed(found))

    def verb(*, reason: str, **changes: Any) -> Sample:
        return sample_services.correct_sample(
            actor=user, sample=found, reason=reason, changes=_changes(found, changes)
        )

    if request.method == "POST" and done(form, verb) is not None:
        messages.success(request, f"{found} is corrected; the record keeps what it was.")
        return redirect("registry:sample", pk=pk)
    sites = sample_queries.sites_in(Batch.objects.filter(pk=found.batch_id))
    context = {"form": form, "sample": found, "sites": sites}
    return render(request, "registry/correct.html", context, status=422 if form.is_bound else 200)


def _as_typed(found: Sample) -> dict[str, Any]:
    numbers = {
        name: degrees(getattr(found, name))
        for name in ("mass_g", "latitude", "longitude", "accuracy_m", "depth_m")
    }
    return {name: getattr(found, name) for name in CORRECTABLE} | numbers


def _changes(found: Sample, given: dict[str, Any]) -> dict[str, Any]:
    """Leave out the time when the minute is the same: the form does not show seconds, and must not cut them off."""
    before = found.collected_at
    if given["collected_at"] == before.replace(second=0, microsecond=0):
        return given | {"collected_at": before}
    return given
