"""Specifications as pictures for paper: vl-convert draws what the browser would."""

import json
from functools import cache
from typing import Any, Final

import vl_convert

from assays.reports.charts import printed
from lims.typesetting import FONTS

#: the Vega-Lite of the browser's file (lims/web/static/vendor) and of Altair's specifications
VEGA_LITE: Final = "6.4"


@cache
def _know_fonts() -> None:
    vl_convert.register_font_directory(str(FONTS))


def svg(spec: dict[str, Any], *, width: int) -> str:
    """Return a specification as SVG, `width` px wide; reads nothing from anywhere.

    Raises `ValueError` for a specification that cannot be drawn.
    """
    _know_fonts()
    drawn: str = vl_convert.vegalite_to_svg(
        json.dumps(printed(spec, width)), vl_version=VEGA_LITE, allowed_base_urls=[]
    )
    return drawn
