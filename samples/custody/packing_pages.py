"""The packing table: bags sealed and packed one after the other, or chosen from those that are sealed."""

from typing import Any, Final
from uuid import UUID

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.web.access import page
from lims.web.problems import is_fragment
from samples.custody import page_queries, queries, services
from samples.custody.forms import PackForm
from samples.custody.happenings import Here
from samples.custody.models import Consignment, ConsignmentItem
from samples.custody.packing_services import seal_and_pack
from samples.registry.forms import done

_MAKER: Final = "custody.seal_maker"
_SCALE: Final = "custody.scale"
#: so many bags are offered at once to be ticked; the rest is scanned
MOST_LOOSE: Final = 200


def packed(user: User, pk: UUID) -> Consignment:
    """Return the consignment, if the person packs for its owner."""
    found = queries.consignment_for(user, pk)
    if not rules.has_perm("custody.pack", user, found):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.pack")
def pack(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Seal and pack one bag, and be ready for the next."""
    user = person(request)
    found = packed(user, pk)
    fresh = PackForm(user, initial=_kept(request))
    if request.method != "POST":
        return _table(request, found, fresh)
    form = PackForm(user, request.POST)
    here = Here(timezone.now())
    made = done(form, seal_and_pack, actor=user, consignment=found, here=here)
    if made is None:
        return _table(request, found, form, status=422)
    request.session[_MAKER] = form.cleaned_data["maker"]
    request.session[_SCALE] = request.POST.get("scale", "")
    if is_fragment(request):
        again = PackForm(user, initial=_kept(request))
        return _table(request, found, again, last=str(made.sample.pk))
    messages.success(request, f"{made} is in {found}.")
    return redirect("custody:pack", pk=pk)


def _kept(request: HttpRequest) -> dict[str, str]:
    """Return what stays from bag to bag: the maker of the seals, and the scale."""
    kept = {"maker": request.session.get(_MAKER, ""), "scale": request.session.get(_SCALE, "")}
    return {name: value for name, value in kept.items() if value or name == "maker"}


def _table(
    request: HttpRequest, found: Consignment, form: PackForm, *, status: int = 200, last: str = ""
) -> HttpResponse:
    """Return the table, or for htmx its changing part; htmx shows a part only when it comes with 200."""
    receipt = queries.receipt_of(found)
    loose = list(page_queries.loose_bags(found)[:MOST_LOOSE])
    rows: list[Any] = sorted(receipt.rows, key=lambda row: row.item.pk, reverse=True)
    context = {
        "consignment": found,
        "form": form.ready(),
        "packed": rows,
        "mass_g": sum((row.item.sealed_mass_g for row in receipt.rows), start=0),
        "loose": loose,
        "unsealed": page_queries.unsealed_count(found),
        "last": last,
    }
    part = is_fragment(request)
    name = "custody/pack_table.html" if part else "custody/pack.html"
    return render(request, name, context, status=200 if part else status)


@require_POST
@page("custody.pack")
def pack_chosen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Pack the sealed bags that were ticked, all or none."""
    user = person(request)
    found = packed(user, pk)
    wanted = set(request.POST.getlist("bag"))
    chosen = [bag for bag in page_queries.loose_bags(found) if str(bag.pk) in wanted]
    if not chosen:
        messages.error(request, "No bag was ticked. Tick those that travel together.")
        return redirect("custody:pack", pk=pk)
    services.pack(actor=user, consignment=found, samples=chosen)
    bags = "1 bag is" if len(chosen) == 1 else f"{len(chosen)} bags are"
    messages.success(request, f"{bags} in {found}.")
    return redirect("custody:pack", pk=pk)


@require_POST
@page("custody.pack")
def unpack(request: HttpRequest, pk: UUID, item: UUID) -> HttpResponse:
    """Take a bag out again; its seal stays on it."""
    user = person(request)
    found = packed(user, pk)
    rows = ConsignmentItem.objects.select_related("consignment", "sample__tag")
    held = get_object_or_404(rows, pk=item, consignment=found)
    services.unpack(actor=user, item=held)
    messages.success(request, f"{held.sample} is out of {found}; it is still sealed.")
    return redirect("custody:pack", pk=pk)
