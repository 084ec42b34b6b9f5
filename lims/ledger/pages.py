"""Pages of the record: one timeline for any object or person, and how far it is sealed and verified."""

from typing import cast

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lims.api.pagination import keyset_page
from lims.ledger import queries, services
from lims.ledger.changes import changes
from lims.ledger.forms import FilterForm
from lims.ledger.rules import LAG_ALARM_S
from lims.verbs import Actor
from lims.web.access import page
from lims.web.navigation import Place, register

register(Place("Record", "ledger:record", "history", "record.read", order=80, letter="r", phone=False))


def _without(request: HttpRequest, name: str) -> str:
    """Return the address of this list without one of its filters, on its first page."""
    left = request.GET.copy()
    for gone in (name, "cursor"):
        left.pop(gone, None)
    return f"{request.path}?{left.urlencode()}" if left else request.path


@require_safe
@page("record.read")
def record(request: HttpRequest) -> HttpResponse:
    """Show the entries that fit the filters in the address, newest first, and the state of the seals."""
    form = FilterForm(request.GET)
    understood = form.is_valid()
    found = queries.entries_where(form.filters())
    rows = keyset_page(found, order=("-id",), cursor=request.GET.get("cursor"))
    state = queries.seal_state()
    context = {
        "form": form,
        "page": rows,
        "changes": changes(rows.rows),
        "chips": [{"label": words, "remove_url": _without(request, name)} for name, words in form.chips()],
        "state": state,
        "late": state.lag_s > LAG_ALARM_S,
        "may_verify": rules.has_perm("work.operate", request.user),
    }
    return render(request, "ledger/record.html", context, status=200 if understood else 422)


@require_POST
@page("work.operate")
def verify(request: HttpRequest) -> HttpResponse:
    """Have the record verified by a worker."""
    services.request_verification(actor=cast("Actor", request.user))
    messages.info(request, "The record is being verified; the result shows here in a moment.")
    return redirect(reverse("ledger:record"))
