"""Pages of tags: issued, reserved in blocks, printed on labels; and the address that is on each label."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from lims.accounts.authentication import person
from lims.api.pagination import keyset_page
from lims.web.access import page
from samples.registry import queries, services
from samples.registry.forms import LettersForm, TagsForm, done, owners
from samples.registry.models import Tag, TagSeries
from samples.registry.rules import show_tag
from samples.registry.tags.forms import BlockForm, LabelForm
from samples.registry.tags.queries import block_for, blocks_for, look_up, seen_blocks, tags_to_print
from samples.registry.tags.services import release_block, reserve_tags
from samples.registry.tags.sheets import sheets, zpl
from samples.registry.writers import csv_file

#: blocks on the page of tags: those still reserved, the newest first
_BLOCKS = 20


@require_safe
@page("registry.manage")
def tags(request: HttpRequest) -> HttpResponse:
    """List tags and blocks; issue new ones, reserve them, print them."""
    return _tags(request)


def _tags(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    user, only = person(request), request.GET.get("only", "")
    found = queries.free_tags(user) if only == "free" else Tag.objects.visible_to(user)
    rows = keyset_page(
        found.select_related("sample__batch", "owner", "block__coordinator"),
        order=("-id",),
        cursor=request.GET.get("cursor"),
    )
    series = list(TagSeries.objects.filter(owner__in=owners(user)).select_related("owner").order_by("prefix"))
    context: dict[str, Any] = {
        "page": rows,
        "rows": [(show_tag(tag.code), tag, getattr(tag, "sample", None)) for tag in rows.rows],
        "blocks": seen_blocks(user, blocks_for(user).order_by("released_at", "-id")[:_BLOCKS]),
        "only": only,
        "free": queries.free_tags(user).count(),
        "series": series,
        "without_letters": len({s.owner_id for s in series}) < len(owners(user)),
        "form": TagsForm(user),
        "letters_form": LettersForm(user),
        "block_form": BlockForm(user),
        "label_form": LabelForm(),
    }
    return render(request, "registry/tags.html", context | forms, status=status)


@require_POST
@page("registry.manage")
def issue(request: HttpRequest) -> HttpResponse:
    """Issue an owner's next tags."""
    user = person(request)
    form = TagsForm(user, request.POST)
    made = done(form, services.issue_tags, actor=user)
    if made is None:
        return _tags(request, 422, form=form)
    messages.success(request, f"{len(made)} tags are issued, {made[0]} to {made[-1]}.")
    return redirect("registry:tags")


@require_POST
@page("registry.manage")
def letters(request: HttpRequest) -> HttpResponse:
    """Give an owner the two letters of their tags."""
    user = person(request)
    form = LettersForm(user, request.POST)
    made = done(form, services.start_tags, actor=user)
    if made is None:
        return _tags(request, 422, letters_form=form)
    messages.success(request, f"Tags begin with {made} from now on.")
    return redirect("registry:tags")


@require_POST
@page("registry.manage")
def reserve(request: HttpRequest) -> HttpResponse:
    """Issue tags for one coordinator."""
    user = person(request)
    form = BlockForm(user, request.POST)
    made = done(form, reserve_tags, actor=user)
    if made is None:
        return _tags(request, 422, block_form=form)
    first, last = show_tag(made.first), show_tag(made.last)
    messages.success(request, f"{first} to {last} are reserved for {made.coordinator.name}.")
    return redirect("registry:tags")


@require_POST
@page("registry.manage")
def release(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let everybody of the owner's use the rest of a block."""
    user = person(request)
    block = release_block(actor=user, block=block_for(user, pk))
    messages.success(request, f"{show_tag(block.first)} to {show_tag(block.last)} are released.")
    return redirect("registry:tags")


@require_safe
@page("registry.manage")
def labels(request: HttpRequest) -> HttpResponse:
    """Choose which labels to print, and on what."""
    user, block = person(request), request.GET.get("block", "")
    form = LabelForm(initial={name: request.GET.get(name, "") for name in ("block", "first", "last")})
    return _labels(request, form, block_for(user, _id(block)) if block else None)


def _labels(request: HttpRequest, form: LabelForm, block: Any, status: int = 200) -> HttpResponse:
    user = person(request)
    shown = seen_blocks(user, [block])[0] if block else None
    return render(request, "registry/labels.html", {"form": form, "chosen": shown}, status=status)


def _id(text: str) -> UUID:
    """Return the id in a text; one that nothing has when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _chosen(request: HttpRequest) -> tuple[LabelForm, dict[str, Any] | None]:
    """Return the form of an address, and its choices with the tags; None when it cannot be obeyed."""
    user = person(request)

    def choose(*, block: UUID | None, first: str, last: str, **options: Any) -> dict[str, Any]:
        return {"tags": tags_to_print(user, block=block, first=first, last=last), **options}

    form = LabelForm(request.GET)
    return form, done(form, choose)


@require_safe
@page("registry.manage")
def label_sheets(request: HttpRequest) -> HttpResponse:
    """Give labels as A4 sheets, PDF."""
    form, given = _chosen(request)
    if given is None:
        return _labels(request, form, None, 422)
    found = given["tags"]
    name = f"labels_{found[0].code}_{found[-1].code}.pdf"
    return _file(sheets(**given), "application/pdf", name)


@require_safe
@page("registry.manage")
def label_zpl(request: HttpRequest) -> HttpResponse:
    """Give labels for a label printer of 203 dpi, ZPL."""
    form, given = _chosen(request)
    if given is None:
        return _labels(request, form, None, 422)
    found = given["tags"]
    name = f"labels_{found[0].code}_{found[-1].code}.zpl"
    return _file(zpl(found, inside=given["inside"]).encode(), "text/plain; charset=utf-8", name)


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
@page("registry.manage")
def free_tags(request: HttpRequest) -> HttpResponse:
    """Give the tags that are on no bag yet as CSV, for whoever prints them."""
    found = queries.free_tags(person(request)).select_related("owner").order_by("code")
    rows = [[show_tag(tag.code), tag.owner.code, tag.issued_at.isoformat()] for tag in found]
    content = csv_file(["tag", "owner", "issued_at"], rows)
    return _file(content, "text/csv; charset=utf-8", "free-tags.csv")


@require_safe
@page("registry.read")
def by_tag(request: HttpRequest, tag: str) -> HttpResponse:
    """Go to the page of the bag with this tag: what a phone's ordinary camera opens."""
    found = look_up(person(request), tag)
    if found.sample is None:
        context = {"code": found.code, "shown": show_tag(found.code)}
        return render(request, "registry/free_tag.html", context)
    if found.formerly:
        messages.warning(
            request, f"{show_tag(found.code)} was replaced: this bag's tag is {found.sample} now."
        )
    return redirect("registry:sample", pk=found.sample.pk)
