"""Labels of portions as PDF: a QR code with the label, which a scanner types into any field."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from assays.runs.models import Portion
from assays.runs.portions.retention import day_of
from assays.runs.portions.rules import grams
from lims.typesetting import pdf, qr_svg
from samples.registry.tags.rules import LAYOUTS, LabelSize, Layout, on_sheets

TEMPLATE: Final = Path(__file__).resolve().parent / "labels.typ"
#: a roll of small labels, in mm: one a page
ROLL: Final = Layout(1, 1, 50.0, 25.0, 0.0, 0.0)
#: ISO 216
A4_MM: Final = (210.0, 297.0)


def label_data(portions: Sequence[Portion], *, sheet: bool = False) -> dict[str, Any]:
    """Return what the template is set with: the labels page by page, each at its place in mm."""
    layout = LAYOUTS[LabelSize.SMALL] if sheet else ROLL
    width, height = A4_MM if sheet else (layout.width_mm, layout.height_mm)
    return {
        "page_width": width,
        "page_height": height,
        "width": layout.width_mm,
        "height": layout.height_mm,
        "codes": {portion.label: qr_svg(portion.label) for portion in portions},
        "sheets": [
            [_label(portion, *layout.corner(place)) for place, portion in page]
            for page in on_sheets(portions, layout)
        ],
    }


def _label(portion: Portion, x: float, y: float) -> dict[str, Any]:
    tag, _, part = portion.label.partition("-")
    return {
        "x": x,
        "y": y,
        "label": portion.label,
        "tag": tag,
        "part": part,
        "kind": portion.get_kind_display(),
        "mass": grams(portion.made_g),
        "made": f"{day_of(portion.made_at):%-d %b %Y}",
        "laboratory": portion.laboratory.code,
    }


def labels(portions: Sequence[Portion], *, sheet: bool = False) -> bytes:
    """Return labels as PDF: 50 x 25 mm one a page, or A4 sheets of 24. Labels have no reading order: not PDF/UA."""
    return pdf(TEMPLATE, label_data(portions, sheet=sheet), ua=False)
