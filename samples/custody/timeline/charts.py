"""Gross masses over time as one Vega-Lite specification: in the browser as it is, on paper as SVG."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import vl_convert

from lims.typesetting import FONTS
from samples.custody.timeline.content import Weighing

Spec = dict[str, Any]
INK, SOFT, LINE, DOT = "#14212a", "#46555e", "#d8d3c8", "#0a5a66"
FONT: Final = "Atkinson Next, Atkinson Hyperlegible Next, sans-serif"
#: as the browser's file (lims/web/static/vendor)
VEGA_LITE: Final = "6.4"
#: width on paper, in px of its own
WIDTH: Final = 640


def masses(weighed: Sequence[Weighing]) -> Spec | None:
    """Return the chart of gross masses in g over time, each with its scale's division; None below two masses.

    The numbers are inside; nothing is fetched.
    """
    if len(weighed) < 2:
        return None
    values = [
        {
            "at": one.at.isoformat(),
            "mass_g": float(one.mass_g),
            "low_g": float(one.mass_g - (one.division_g or 0)),
            "high_g": float(one.mass_g + (one.division_g or 0)),
            "title": one.title,
        }
        for one in weighed
    ]
    allowed = [
        {"at": one.at.isoformat(), "least_g": float(one.low_g), "most_g": float(one.high_g)}
        for one in weighed
        if one.low_g is not None and one.high_g is not None
    ]
    time = {"field": "at", "type": "temporal", "title": "Time (UTC)", "scale": {"type": "utc", "padding": 14}}
    mass = {
        "field": "mass_g",
        "type": "quantitative",
        "title": "Gross mass, g",
        "scale": {"zero": False, "padding": 10},
    }
    told = [
        {"field": "title", "title": "What"},
        {
            "field": "at",
            "type": "temporal",
            "title": "When",
            "format": "%d %b %Y, %H:%M",
            "formatType": "time",
        },
        {"field": "mass_g", "type": "quantitative", "title": "Gross mass, g"},
    ]
    span = {
        "y": {
            "field": "low_g",
            "type": "quantitative",
            "title": "Gross mass, g",
            "scale": {"zero": False, "padding": 10},
        },
        "y2": {"field": "high_g"},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": values},
        "width": "container",
        "height": 200,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "encoding": {"x": time},
        "layer": [
            *_band(allowed),
            {"mark": {"type": "line", "color": SOFT, "strokeWidth": 1.5}, "encoding": {"y": mass}},
            {"mark": {"type": "rule", "color": DOT, "strokeWidth": 2}, "encoding": span},
            {
                "mark": {"type": "point", "color": DOT, "filled": True, "size": 70},
                "encoding": {"y": mass, "tooltip": told},
            },
        ],
        "config": {
            "font": FONT,
            "background": "transparent",
            "view": {"stroke": None},
            "axis": {
                "labelColor": INK,
                "titleColor": INK,
                "labelFontSize": 12,
                "titleFontSize": 12,
                "gridColor": LINE,
                "domainColor": SOFT,
                "tickColor": SOFT,
            },
        },
    }


def _band(allowed: list[dict[str, Any]]) -> list[Spec]:
    """Return the layer that shows between which masses nothing is off; none without two of them."""
    if len(allowed) < 2:
        return []
    scale = {"zero": False, "padding": 10}
    least = {"field": "least_g", "type": "quantitative", "title": "Gross mass, g", "scale": scale}
    return [
        {
            "data": {"values": allowed},
            "mark": {"type": "area", "color": DOT, "opacity": 0.12},
            "encoding": {"y": least, "y2": {"field": "most_g"}},
        }
    ]


def words_of(weighed: Sequence[Weighing]) -> str:
    """Return what the chart shows, for whoever does not see it."""
    if not weighed:
        return "It was never weighed."
    first, last = weighed[0], weighed[-1]
    off = sum(one.off for one in weighed)
    return (
        f"{len(weighed)} gross masses from {first.mass_g.normalize():f} g ({first.title.lower()}) to"
        f" {last.mass_g.normalize():f} g ({last.title.lower()})."
        + (f" {off} outside what is allowed since sealing." if off else "")
    )


@cache
def _know_fonts() -> None:
    vl_convert.register_font_directory(str(FONTS))


def svg(spec: Spec) -> str:
    """Return a chart as SVG for paper; reads nothing from anywhere. Raises `ValueError` for what cannot be drawn."""
    _know_fonts()
    drawn: str = vl_convert.vegalite_to_svg(
        json.dumps({**spec, "width": WIDTH}), vl_version=VEGA_LITE, allowed_base_urls=[]
    )
    return drawn
