"""The coordinator's home, and what the shell is told of the registry: its places and how to find its things."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.web.access import page
from lims.web.navigation import Place, register
from lims.web.search import Hit, register_finder
from samples.registry import finding, queries
from samples.registry.forms import open_batches
from samples.registry.panels import panels_for
from samples.registry.rules import read_tag

register(Place("Field", "registry:home", "pick", "registry.register", order=10, letter="f"))
register(Place("Samples", "registry:samples", "package", "registry.read", order=20, letter="s"))
register(Place("Batches", "registry:batches", "stack-2", "registry.read", order=25, letter="b"))
register(
    Place("Mines", "registry:mines", "mountain", "registry.see_mines", order=26, letter="m", phone=False)
)
register(Place("Tags", "registry:tags", "tags", "registry.manage", order=28, letter="t"))


def _find_samples(user: User, text: str) -> list[Hit]:
    """Return samples by tag or number; a tag in whatever spelling counts as exact."""
    hits = []
    for sample in queries.seen_samples(
        user, finding.matching(queries.samples_for(user), user, text=text).order_by("tag__code")[:8]
    ):
        numbers = {sample.field_number.casefold(), sample.laboratory_number.casefold()} - {""}
        meant = text.casefold() in numbers or finding.is_tag(text)
        known = sample.tag if meant else ""
        if finding.is_tag(text) and read_tag(text) != read_tag(sample.tag):
            known = f"its tag is {sample.tag} now"
        detail = " · ".join(filter(None, [known, sample.batch, sample.mine]))
        url = reverse("registry:sample", args=[sample.id])
        hits.append(Hit("sample", text if meant else sample.tag, url, detail))
    return hits


def _find_batches(user: User, text: str) -> list[Hit]:
    if "\x00" in text:
        return []
    found = queries.seen_batches(
        user, queries.batches_for(user).filter(code__istartswith=text).order_by("code")[:8]
    )
    return [
        Hit("batch", batch.code, reverse("registry:batch", args=[batch.id]), batch.mine or batch.owner)
        for batch in found
    ]


def _find_mines(user: User, text: str) -> list[Hit]:
    if "\x00" in text:
        return []
    found = queries.mines_for(user).filter(name__icontains=text) | queries.mines_for(user).filter(
        code__iexact=text
    )
    return [
        Hit("mine", mine.name, reverse("registry:mine", args=[mine.pk]), mine.code)
        for mine in found.order_by("name")[:8]
    ]


register_finder("sample", _find_samples)
register_finder("batch", _find_batches)
register_finder("mine", _find_mines)


@require_safe
@page("registry.register")
def home(request: HttpRequest) -> HttpResponse:
    """Show the coordinator what arrived: the batch that is being filled, the last bags, what waits."""
    user = person(request)
    batches = queries.seen_batches(
        user, queries.batches_for(user).filter(pk__in=open_batches(user)).order_by("-id")[:5]
    )
    last = queries.seen_samples(
        user, queries.samples_for(user).filter(registered_by=user).order_by("-registered_at", "-id")[:8]
    )
    context = {
        "batches": batches,
        "last": last,
        "today": queries.registered_since(
            user, timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        ),
        "free_tags": queries.free_tags(user).count(),
        "waiting": queries.lists_for(user)
        .filter(state__in=["WAITING", "READ", "COMMITTING"])
        .order_by("-id")[:5],
    }
    context |= panels_for(request, "home", user)
    return render(request, "registry/home.html", context)
