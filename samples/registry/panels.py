"""What higher floors show on the pages of samples and batches: they register panels, this floor does not know them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

#: what a panel shows of an object to the person of a request; None when there is nothing for them
Shown = tuple[str, dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: of "sample", "batch" or "home" (the coordinator's day), in the wide column or beside it, the smaller order first."""

    kind: str
    show: Callable[[HttpRequest, Any], Shown]
    order: int
    aside: bool


PANELS: Final[list[Panel]] = []


def register_panel(
    kind: str, show: Callable[[HttpRequest, Any], Shown], *, order: int = 50, aside: bool = False
) -> None:
    """Show a panel on every page of a kind; `show` returns a template and its context, or None."""
    PANELS.append(Panel(kind, show, order, aside))
    PANELS.sort(key=lambda panel: panel.order)


def panels_for(request: HttpRequest, kind: str, thing: Any) -> dict[str, list[SafeString]]:
    """Return the panels of an object for the person of this request, as HTML: those of the wide column and those beside."""
    found: dict[str, list[SafeString]] = {"panels": [], "aside_panels": []}
    for panel in PANELS:
        shown = panel.show(request, thing) if panel.kind == kind else None
        if shown is not None:
            template, context = shown
            place = "aside_panels" if panel.aside else "panels"
            found[place].append(render_to_string(template, context, request))
    return found
