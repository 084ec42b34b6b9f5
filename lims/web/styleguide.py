"""Every component with realistic content, on one page; only where the site is being tried or written."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lims.errors import NotFound
from lims.web.access import page
from lims.web.templatetags.ui import ICONS, OUTCOMES

MATERIALS = [
    ("", "Choose…"),
    ("clay", "Ion-adsorption clay"),
    ("granite", "Weathered granite"),
    ("carbonate", "Leach precipitate (carbonate)"),
]


@dataclass(frozen=True, slots=True)
class Row:
    """A bag as a list shows it; grades in ppm, each with its expanded uncertainty."""

    tag: str
    mass_g: Decimal | None
    state: str
    tone: str
    dy: Decimal | None = None
    dy_u: Decimal | None = None
    tb: Decimal | None = None
    tb_u: Decimal | None = None
    below: Decimal | None = None


ROWS = [
    Row("KC-0412-T", Decimal(2150), "Received", "good", *map(Decimal, ("41.2345", "1.63", "7.3128", "0.29"))),
    Row("KC-0413-9", Decimal(1987), "Received", "good", *map(Decimal, ("38.9012", "1.55", "6.9046", "0.28"))),
    Row("KC-0414-H", None, "Mass missing", "warn", below=Decimal("0.05")),
    Row("KC-0415-M", Decimal(2304), "Seal mismatch", "bad"),
    Row("KC-0416-2", Decimal(850), "In transit", "info", *map(Decimal, ("1527.41", "61", "190.37", "7.6"))),
]


class Specimen(forms.Form):
    """A form with one of each widget."""

    tag = forms.CharField(help_text="Scan the tag on the bag, or type it.", max_length=20)
    mass_g = forms.DecimalField(
        label="Mass", min_value=1, widget=forms.NumberInput({"data-unit": "g", "inputmode": "decimal"})
    )
    depth_m = forms.DecimalField(
        label="Depth", required=False, widget=forms.NumberInput({"data-unit": "m", "inputmode": "decimal"})
    )
    material = forms.ChoiceField(choices=MATERIALS)
    basis = forms.ChoiceField(
        choices=[("total", "Total"), ("leachable", "Leachable")],
        widget=forms.RadioSelect,
        help_text="What the laboratory dissolves before it measures.",
    )
    taken_on = forms.DateField(label="Taken on", widget=forms.DateInput({"type": "date"}))
    notes = forms.CharField(required=False, widget=forms.Textarea({"rows": 3}))
    sealed = forms.BooleanField(label="The bag is sealed")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Cursors as a keyset page has them."""

    next: str = "older"
    previous: str = "newer"


def _only_on_trial() -> None:
    if not (settings.TRIAL or settings.DEBUG):
        raise NotFound


def _entries() -> list[dict[str, Any]]:
    now = timezone.now()
    return [
        {
            "at": now - timedelta(days=9, hours=4),
            "title": "Sealed at the mine",
            "who": "Naw Ja, field coordinator",
            "detail": "12 bags, 25.4 kg, seals 88120 to 88131",
            "icon": "lock",
            "tone": "good",
        },
        {
            "at": now - timedelta(days=7),
            "title": "Handed over at Chipwe",
            "who": "Hill Road Carriers",
            "detail": "All seals whole; both sides confirmed",
            "icon": "transfer",
            "tone": "good",
        },
        {
            "at": now - timedelta(hours=5),
            "title": "Mass out of tolerance",
            "who": "Receiving, Hyderabad",
            "detail": "KC-0415-M is 214 g lighter than at the mine",
            "icon": "alert-triangle",
            "tone": "bad",
            "url": "#timeline",
        },
        {"title": "Due: split and run", "detail": "Method ICP-MS 11, 9 portions", "icon": "circle-dashed"},
    ]


def _components() -> dict[str, Any]:
    return {
        "chips": [
            {"label": "State: received", "remove_url": "?"},
            {"label": "Mine: Pangwa 3", "remove_url": "?"},
        ],
        "stats": [
            {"label": "Expected", "value": "105", "unit": "bags"},
            {"label": "Received", "value": "98", "unit": "bags", "hint": "since 09:40"},
            {"label": "Missing", "value": "5", "unit": "bags", "url": "#tables"},
            {"label": "Unsent mass", "value": "25.400", "unit": "kg"},
        ],
        "entries": _entries(),
        "neighbours": Neighbours(),
        "progress_url": reverse("web:styleguide_progress"),
    }


@require_safe
@page("anyone")
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show all components."""
    _only_on_trial()
    now = timezone.now()
    tried = Specimen({"tag": "", "mass_g": "0", "basis": "total", "sealed": "on"}, auto_id="tried_%s")
    tried.add_error(None, "The tag and the mass belong together. Weigh the bag again.")
    context = _components() | {
        "rows": ROWS,
        "split_g": Decimal("214.5"),
        "outcomes": list(OUTCOMES),
        "icons": sorted(ICONS),
        "sort": "tag" if request.GET.get("sort") != "-tag" else "-tag",
        "form": Specimen(),
        "tried": tried,
        "times": [now - timedelta(seconds=20), now - timedelta(hours=2), now - timedelta(days=40)],
    }
    return render(request, "web/styleguide.html", context)


@require_safe
@page("anyone")
def progress(request: HttpRequest) -> HttpResponse:
    """Answer the progress bar of the style guide: it is done at the first question."""
    _only_on_trial()
    return render(request, "components/progress.html", {"done": 2310, "total": 2310, "doing": "Values kept"})
