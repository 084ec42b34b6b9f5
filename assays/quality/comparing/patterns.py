"""Rare earths of many samples over CI chondrite in one small picture, as SVG without a script, and its table. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assays.chemistry.normalisation import CI_CHONDRITE, normalised, slips

WIDTH, HEIGHT = 620, 250
#: room for the axis, the names, and above
LEFT, BOTTOM, TOP = 58, 30, 14
#: elements that a pattern needs, or it is none
LEAST: Final = 3
#: patterns that are drawn faint, and those that are drawn strong with a name: more is a blot
FAINT, STRONG = 120, 4
Points = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sample's rare earths over CI chondrite, by element, and in words what is odd of it (empty: nothing)."""

    label: str
    over: Mapping[str, float]
    odd: str = ""


@dataclass(frozen=True, slots=True)
class ElementRow:
    """One element over CI chondrite: smallest, median and largest of all samples, and each odd one (None: not given)."""

    name: str
    low: float
    middle: float
    high: float
    odd: tuple[float | None, ...]


def pattern_of(label: str, ppm: Mapping[str, float]) -> Pattern | None:
    """Return the pattern of a sample from its contents (element → ppm); None with fewer than three rare earths.

    >>> pattern_of("A", {"La": 0.474, "Dy": 0.246}) is None
    True
    >>> pattern_of("A", {"La": 0.474, "Dy": 0.246, "Lu": 0.0246}).over
    {'La': 2.0, 'Dy': 1.0, 'Lu': 1.0}
    """
    over = normalised(ppm)
    return Pattern(label, over, " ".join(slips(ppm))) if len(over) >= LEAST else None


def strong(found: Sequence[Pattern]) -> list[Pattern]:
    """Return the patterns that are odd, the first few."""
    return [one for one in found if one.odd][:STRONG]


def table(found: Sequence[Pattern]) -> list[ElementRow]:
    """Return what the picture shows as numbers, an element a row, in the order in which it is drawn.

    >>> table([Pattern("A", {"La": 2.0}), Pattern("B", {"La": 4.0}, "odd")])
    [ElementRow(name='La', low=2.0, middle=3.0, high=4.0, odd=(4.0,))]
    """
    named = strong(found)
    rows = []
    for name in CI_CHONDRITE:
        given = [one.over[name] for one in found if name in one.over]
        if given:
            odd = tuple(one.over.get(name) for one in named)
            rows.append(ElementRow(name, min(given), median(given), max(given), odd))
    return rows


def drawn(found: Sequence[Pattern]) -> SafeString:
    """Return the patterns as inline SVG with a logarithmic axis: all faint, the odd ones strong with their names.

    >>> drawn([])
    ''
    """
    rows = table(found)
    if len(rows) < LEAST:
        return SafeString("")
    low, high = (
        math.floor(math.log10(min(row.low for row in rows))),
        math.ceil(math.log10(max(row.high for row in rows))),
    )
    frame = _Frame([row.name for row in rows], low, max(high, low + 1))
    named = strong(found)
    said = f"Rare earths of {len(found)} samples over CI chondrite; {len(named) or 'none'} drawn strong"
    return format_html(
        '<svg class="pattern" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}{}'
        '<path class="pattern-faint" d="{}"></path><path class="pattern-middle" d="{}"></path>{}</svg>',
        WIDTH,
        HEIGHT,
        said,
        said,
        frame.axis(),
        frame.names(),
        "".join(frame.line(one.over) for one in _spread_out([one for one in found if not one.odd])),
        frame.line({row.name: row.middle for row in rows}),
        format_html_join("", "{}", ((_strong_one(frame, at, one),) for at, one in enumerate(named, 1))),
    )


def _spread_out(found: Sequence[Pattern]) -> Sequence[Pattern]:
    """Return at most so many patterns, evenly from all of them: the same every time."""
    if len(found) <= FAINT:
        return found
    return [found[at * len(found) // FAINT] for at in range(FAINT)]


def _strong_one(frame: "_Frame", number: int, one: Pattern) -> SafeString:
    points = frame.points(one.over)
    last = points[-1]
    return format_html(
        '<path class="pattern-odd" d="{}"><title>{}</title></path>{}<text class="pattern-name" x="{}" y="{}"'
        ' text-anchor="end">{}</text>',
        frame.line(one.over),
        f"{one.label}: {one.odd}",
        format_html_join("", '<circle class="pattern-dot" cx="{}" cy="{}" r="3.5"></circle>', points),
        last[0],
        f"{float(last[1]) - 7:.1f}",
        number,
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where elements and decades lie in the picture."""

    elements: Sequence[str]
    low: int
    high: int

    def x(self, at: int) -> str:
        return f"{LEFT + 8 + at * (WIDTH - LEFT - 20) / max(len(self.elements) - 1, 1):.1f}"

    def y(self, power: float) -> str:
        share = (power - self.low) / (self.high - self.low)
        return f"{HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP):.1f}"

    def points(self, over: Mapping[str, float]) -> list[tuple[str, str]]:
        return [
            (self.x(at), self.y(math.log10(over[name])))
            for at, name in enumerate(self.elements)
            if name in over
        ]

    def line(self, over: Mapping[str, float]) -> str:
        return "".join(f"{'L' if at else 'M'}{x} {y}" for at, (x, y) in enumerate(self.points(over)))

    def names(self) -> SafeString:
        rows = ((self.x(at), HEIGHT - 8, name) for at, name in enumerate(self.elements))
        return format_html_join("", '<text x="{}" y="{}" text-anchor="middle">{}</text>', rows)

    def axis(self) -> SafeString:
        every = max(1, (self.high - self.low) // 6)
        rows = [
            (LEFT, self.y(decade), WIDTH - 6, f"{10.0**decade:g}", LEFT - 6)
            for decade in range(self.low, self.high + 1, every)
        ]
        form = '<path class="pattern-grid" d="M{0} {1}H{2}"></path><text x="{4}" y="{1}" dy="4" text-anchor="end">{3}</text>'
        return format_html_join("", form, rows)
