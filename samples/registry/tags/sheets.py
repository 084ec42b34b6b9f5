"""Labels: A4 sheets as PDF, and ZPL II for label printers of 203 dpi."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import segno
from django.conf import settings

from lims.typesetting import pdf, qr_svg
from samples.registry.models import Tag
from samples.registry.rules import show_tag, tag_address
from samples.registry.tags.rules import LAYOUTS, LabelSize, Layout, doubled, on_sheets, zpl_data

TEMPLATE: Final = Path(__file__).resolve().parent / "labels.typ"
#: the quiet zone that ISO/IEC 18004 asks for, in modules
QUIET: Final = 4
#: 203 dpi are 8 dots a mm: a label of 70 x 37 mm
WIDTH_DOTS, HEIGHT_DOTS = 560, 296
#: the code's side, at most: what the text below leaves
QR_DOTS: Final = 200
MOST_MAGNIFICATION: Final = 6


def address_of(code: str) -> str:
    """Return what the QR code of a tag holds, at this site."""
    return tag_address(settings.SITE_ADDRESS, code)


def sheet_data(
    tags: Sequence[Tag], *, size: LabelSize, inside: bool = False, marks: bool = False, skip: int = 0
) -> dict[str, Any]:
    """Return what the template of sheets is set with: the labels of each sheet with their places in mm."""
    layout, owners = LAYOUTS[size], {tag.code: tag.owner.code for tag in tags}
    codes = {tag.code: qr_svg(address_of(tag.code), border=QUIET) for tag in tags}
    sheets = [
        [_label(layout, place, code, owners[code], second=second) for place, (code, second) in sheet]
        for sheet in on_sheets(doubled(owners, inside=inside), layout, skip=skip)
    ]
    return {
        "width": layout.width_mm,
        "height": layout.height_mm,
        "large": size is LabelSize.LARGE,
        "marks": marks,
        "codes": codes,
        "sheets": sheets,
    }


def _label(layout: Layout, place: int, code: str, owner: str, *, second: bool) -> dict[str, Any]:
    x, y = layout.corner(place)
    return {"x": x, "y": y, "code": code, "shown": show_tag(code), "owner": owner, "inside": second}


def sheets(tags: Sequence[Tag], **options: Any) -> bytes:
    """Return A4 sheets of labels as PDF; options as `sheet_data`. Labels have no reading order: not PDF/UA."""
    return pdf(TEMPLATE, sheet_data(tags, **options), ua=False)


def magnification(address: str) -> int:
    """Return how many dots wide the modules of a tag's code are on a label printer: as wide as the label allows.

    >>> magnification("https://lims.example/t/KC000123J")
    6
    """
    modules = segno.make(address, error="m", micro=False).symbol_size(border=0)[0]
    return int(max(1, min(MOST_MAGNIFICATION, QR_DOTS // modules)))


def zpl(tags: Iterable[Tag], *, inside: bool = False) -> str:
    """Return labels of 70 x 37 mm for printers that speak ZPL II, at 203 dpi: code (^BQ), tag and owner."""
    owners = {tag.code: tag.owner.code for tag in tags}
    return "".join(
        _zpl_label(code, owners[code], second=second) for code, second in doubled(owners, inside=inside)
    )


def _zpl_label(code: str, owner: str, *, second: bool) -> str:
    address = address_of(code)
    right = 24 + QR_DOTS + 24
    lines = [
        "^XA",
        "^CI28",
        f"^PW{WIDTH_DOTS}",
        f"^LL{HEIGHT_DOTS}",
        "^LH0,0",
        # Model 2; M: medium error correction; A: the printer finds the mode.
        f"^FO24,16^BQN,2,{magnification(address)}^FH^FDMA,{zpl_data(address)}^FS",
        f"^FO{right},32^A0N,40,40^FH^FD{zpl_data(owner)}^FS",
        f"^FO{right},96^A0N,30,30^FD{'INSIDE THE BAG' if second else 'ON THE BAG'}^FS",
        f"^FO24,234^A0N,58,62^FD{show_tag(code)}^FS",
        "^XZ",
    ]
    return "\n".join(lines) + "\n"
