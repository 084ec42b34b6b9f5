"""The laboratory's door: what is awaited, and bags received one scan after the other."""

from typing import Any, Final
from uuid import UUID

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.errors import DomainError
from lims.web.access import page
from lims.web.problems import is_fragment
from samples.custody import page_queries, queries, receiving
from samples.custody.forms import ReceiveForm
from samples.custody.happenings import Here
from samples.custody.line import is_late
from samples.custody.models import Consignment, ConsignmentItem
from samples.custody.queries import Receipt, ReceivedRow
from samples.custody.rules import ConsignmentState
from samples.custody.scales.queries import scale_unfit
from samples.registry.forms import done
from samples.registry.models import Photograph
from samples.registry.photographs import visible_photographs
from samples.registry.rules import read_tag, show_tag

#: the scale that bags are weighed on, until another is chosen
_SCALE: Final = "custody.scale"


@require_safe
@page("custody.receive")
def awaited(request: HttpRequest) -> HttpResponse:
    """List what the laboratory waits for, the most urgent first."""
    user = person(request)
    rows = [{"it": one, "late": is_late(one)} for one in page_queries.awaited_by(user)[:200]]
    context = {"rows": rows, "may_send": rules.has_perm("custody.desk", user)}
    return render(request, "custody/awaited.html", context)


def _awaited(user: User, pk: UUID) -> Consignment:
    """Return the consignment, if the person receives for its laboratory."""
    found = queries.consignment_for(user, pk)
    if not rules.has_perm("custody.receive", user, found):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@page("custody.receive")
def receive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Receive one bag, and be ready for the next; what is there already stays, so one may stop and go on later."""
    user = person(request)
    found = _awaited(user, pk)
    if request.method != "POST":
        return _desk(request, found, _empty(request))
    form = ReceiveForm(user, request.POST)

    def verb(*, tag: str, number: str, **given: Any) -> ConsignmentItem:
        seals = _seals(found, tag, number)
        return receiving.receive_bag(actor=user, consignment=found, tag=tag, seals=seals, **given)

    made = done(form, verb, here=Here(timezone.now()))
    if made is None:
        return _desk(request, found, form, status=422)
    # The scale stays chosen until another one is; a laboratory without scales is not asked.
    scale = form.cleaned_data.get("scale")
    request.session[_SCALE] = str(scale.pk) if scale else ""
    if is_fragment(request):
        return _desk(request, found, _empty(request))
    messages.success(request, f"{made} is received.")
    return redirect("custody:receive", pk=pk)


def _empty(request: HttpRequest) -> ReceiveForm:
    """Return the form for the next bag, with the scale of the last one."""
    return ReceiveForm(person(request), initial={"scale": request.session.get(_SCALE, "")})


def _warning(form: ReceiveForm) -> str:
    """Return why the chosen scale should not be used now; empty if nothing speaks against it, or none is chosen."""
    if "scale" not in form.fields:
        return ""
    chosen = form["scale"].value()
    scale = form.fields["scale"].queryset.filter(pk=chosen).first() if chosen else None  # type: ignore[attr-defined]  # a field with choices
    return f"{scale}: {why}" if scale is not None and (why := scale_unfit(scale, timezone.now())) else ""


def _seals(found: Consignment, tag: str, number: str) -> list[tuple[str, str]]:
    """Return the seal that was found; its maker is that of the bag's own seal, as only the number is scanned."""
    if not number.strip():
        return []
    bag = page_queries.bag_in_hand(found, read_tag(tag))
    applied = page_queries.applied_seal(bag) if bag else None
    return [(applied.maker if applied else "", number.strip())]


def _desk(request: HttpRequest, found: Consignment, form: ReceiveForm, *, status: int = 200) -> HttpResponse:
    """Return the desk, or for htmx its changing part; htmx shows a part only when it comes with 200."""
    receipt = queries.receipt_of(found)
    last = receipt.last
    context = {
        "consignment": found,
        "form": form.ready(),
        "receipt": receipt,
        "stats": _stats(receipt),
        "last": last,
        "found": page_queries.found_on(last.item) if last else "",
        "pictures": list(_pictures(person(request), last)),
        "scale_warning": _warning(form),
        "open": found.state in page_queries.AWAITED,
        "partly": found.state == ConsignmentState.PARTLY_RECEIVED,
    }
    part = is_fragment(request)
    name = "custody/receive_desk.html" if part else "custody/receive.html"
    return render(request, name, context, status=200 if part else status)


def _stats(receipt: Receipt) -> list[dict[str, Any]]:
    """Return the running numbers."""
    return [
        {"label": "Expected", "value": receipt.expected},
        {"label": "Received", "value": receipt.received},
        {"label": "Missing", "value": receipt.missing},
        {
            "label": "With a problem",
            "value": receipt.problems,
            "hint": f"{receipt.unexpected} unexpected, {receipt.damaged} damaged",
        },
        _difference(receipt),
    ]


def _difference(receipt: Receipt) -> dict[str, Any]:
    """Return what the received bags weigh more or less than when they were sealed."""
    if not receipt.sealed_g:
        return {"label": "Mass difference", "value": "–", "hint": "nothing received yet"}
    off = receipt.received_g - receipt.sealed_g
    return {
        "label": "Mass difference",
        "value": f"{off.normalize() + 0:+f}" if off else "0",
        "unit": "g",
        "hint": f"{100 * off / receipt.sealed_g:+.2f} % of {receipt.sealed_g / 1000:.3f} kg",
    }


def _pictures(user: User, last: ReceivedRow | None) -> list[Photograph]:
    """Return the pictures of the bag that was received last, to compare it with: the first ones."""
    if last is None:
        return []
    return list(visible_photographs(user).filter(sample=last.item.sample_id).order_by("id")[:2])


@require_safe
@page("custody.receive")
def bag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show, as soon as its tag is scanned, what a bag should look like: its seal, its mass."""
    found = _awaited(person(request), pk)
    try:
        code = read_tag(request.GET.get("tag", ""))
    except DomainError as error:
        return render(request, "custody/receive_bag.html", {"problems": error.problems})
    sample = page_queries.bag_in_hand(found, code)
    item = page_queries.line_of(found, sample) if sample else None
    context = {
        "item": item,
        "sample": sample,
        "replaced": sample is not None and sample.tag.code != code,
        "tag": show_tag(code),
        "seal": page_queries.applied_seal(item.sample) if item else None,
        "consignment": found,
    }
    return render(request, "custody/receive_bag.html", context)


@require_POST
@page("custody.receive")
def finish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End the receipt: what is not there is missing, and may still be received later."""
    user = person(request)
    found = _awaited(user, pk)
    after = receiving.finish_receipt(actor=user, consignment=found, here=Here(timezone.now()))
    if after.state == ConsignmentState.RECEIVED:
        messages.success(request, f"{after} is received completely.")
    else:
        messages.warning(request, f"{after} is partly received; what is missing may still be scanned in.")
    return redirect("custody:consignment", pk=pk)
