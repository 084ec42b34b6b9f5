"""Documents on paper: typst templates of ours, with what people wrote passed in as data, so that it stays text."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import segno
import typst

FONTS: Final = Path(__file__).resolve().parent / "fonts"
#: PDF/UA-1 (ISO 14289-1:2014): tagged, so that a screen reader reads it
TAGGED: Final = "ua-1"


def qr_svg(text: str, *, border: int = 2) -> str:
    """Return `text` as a QR code in SVG (ISO/IEC 18004); medium error correction survives a fold or a scratch.

    `border` is the quiet zone in modules: four by the standard, two where white paper surrounds it anyhow.

    >>> qr_svg("KC0000015").startswith("<svg")
    True
    """
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", border=border, dark="#14212a", xmldecl=False
    )
    return out.getvalue().decode()


def pdf(template: Path, data: Mapping[str, Any], *, ua: bool = True) -> bytes:
    """Return a template set with `data` as PDF; tagged (PDF/UA-1) unless `ua` is False (labels have no reading order).

    The template reads it with `json(bytes(sys.inputs.data))`. Raises `typst.TypstError` for what cannot be set.
    """
    made = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=[TAGGED] if ua else [],
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made


def picture(template: Path, data: Mapping[str, Any], *, ppi: float) -> list[bytes]:
    """Return the pages of a template set with `data` as PNG pictures, at `ppi` dots per inch."""
    # Its stub knows of one page only.
    made: Any = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="png",
        ppi=ppi,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    return made if isinstance(made, list) else [made]
