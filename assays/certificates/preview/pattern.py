"""A row's rare earths over CI chondrite against the median of its file: a small picture without a script, and its table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assays.chemistry.normalisation import CI_CHONDRITE, normalised

WIDTH: Final = 620
HEIGHT: Final = 250
#: room for the axis, the names, and above
LEFT, BOTTOM, TOP = 58, 30, 14
ROW, MEDIAN = "#a3341b", "#44535c"
#: elements that a pattern needs, or it is none
LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Element:
    """One element: ppm in the row and in the file's median, and both over CI chondrite; None where not given."""

    name: str
    ppm: float | None
    median: float | None
    row_over: float | None
    median_over: float | None


def elements(ppm: Mapping[str, float], median: Mapping[str, float]) -> list[Element]:
    """Return the rare earths of a row or of its file, in the order in which a pattern is drawn."""
    row, usual = normalised(ppm), normalised(median)
    return [
        Element(name, ppm.get(name), median.get(name), row.get(name), usual.get(name))
        for name in CI_CHONDRITE
        if name in row or name in usual
    ]


def drawn(found: Sequence[Element], label: str) -> SafeString:
    """Return the pattern as inline SVG with a logarithmic axis; empty with too few elements.

    >>> drawn([], "A")
    ''
    """
    if sum(one.row_over is not None for one in found) < LEAST:
        return SafeString("")
    low, high = _decades(found)
    step = (WIDTH - LEFT - 20) / max(len(found) - 1, 1)

    def place(at: int, over: float) -> tuple[str, str]:
        share = (math.log10(over) - low) / (high - low)
        return f"{LEFT + 8 + at * step:.1f}", f"{HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP):.1f}"

    usual = [place(at, one.median_over) for at, one in enumerate(found) if one.median_over]
    row = [place(at, one.row_over) for at, one in enumerate(found) if one.row_over]
    said = f"Rare earths of {label} over CI chondrite, against the median of the file"
    return format_html(
        '<svg class="pattern" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}{}'
        '<path d="{}" fill="none" stroke="{}" stroke-width="1.5" stroke-dasharray="5 4"></path>'
        '<path d="{}" fill="none" stroke="{}" stroke-width="2"></path>{}</svg>',
        WIDTH,
        HEIGHT,
        said,
        said,
        _axis(low, high),
        format_html_join(
            "",
            '<text x="{}" y="{}" text-anchor="middle">{}</text>',
            ((f"{LEFT + 8 + at * step:.1f}", HEIGHT - 8, one.name) for at, one in enumerate(found)),
        ),
        _line(usual),
        MEDIAN,
        _line(row),
        ROW,
        format_html_join("", '<circle cx="{}" cy="{}" r="3.5" fill="{}"></circle>', ((*p, ROW) for p in row)),
    )


def _decades(found: Sequence[Element]) -> tuple[int, int]:
    overs = [over for one in found for over in (one.row_over, one.median_over) if over]
    low, high = math.floor(math.log10(min(overs))), math.ceil(math.log10(max(overs)))
    return low, max(high, low + 1)


def _line(points: Sequence[tuple[str, str]]) -> str:
    return "".join(f"{'L' if at else 'M'}{x} {y}" for at, (x, y) in enumerate(points))


def _axis(low: int, high: int) -> SafeString:
    every = max(1, (high - low) // 6)
    lines = []
    for decade in range(low, high + 1, every):
        y = HEIGHT - BOTTOM - (decade - low) / (high - low) * (HEIGHT - BOTTOM - TOP)
        lines.append((LEFT, f"{y:.1f}", WIDTH - 6, f"{10.0**decade:g}", LEFT - 6, f"{y + 4:.1f}"))
    return format_html_join(
        "",
        '<path d="M{0} {1}H{2}" stroke="#d5dbdf"></path><text x="{4}" y="{5}" text-anchor="end">{3}</text>',
        lines,
    )
