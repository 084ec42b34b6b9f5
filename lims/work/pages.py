"""The operator's page of due work."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from lims.verbs import Actor
from lims.web.access import page
from lims.web.navigation import Place, register
from lims.work import services
from lims.work.queries import overview

register(Place("System", "work:overview", "server", "work.read", order=70, letter="w", phone=False))


def _actor(request: HttpRequest) -> Actor:
    """Return who is signed in: the page's access let nobody else come here."""
    assert request.user.is_authenticated
    return request.user


@require_safe
@page("work.read")
def show(request: HttpRequest) -> HttpResponse:
    """Show what is due, held and failed; refreshed by itself every few seconds."""
    template = "work/_overview.html" if request.headers.get("HX-Request") else "work/overview.html"
    return render(request, template, {"work": overview()})


@require_POST
@page("work.operate")
def retry(request: HttpRequest) -> HttpResponse:
    """Try failed work again now: one key, or everything."""
    kind, key = request.POST.get("kind", ""), request.POST.get("key", "")
    if kind:
        services.retry(actor=_actor(request), kind=kind, key=key)
        messages.success(request, f"{kind} {key} is tried again.")
    else:
        count = services.retry_all(actor=_actor(request))
        messages.success(
            request, f"{count} tried again." if count else "Nothing was waiting to be tried again."
        )
    return redirect("work:overview")
