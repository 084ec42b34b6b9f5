"""A line's worth of picture: an interval against its threshold, as SVG that needs no script."""

from collections.abc import Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assays.reports.charts import domain_of
from assays.reports.pipeline import StageCount
from assays.reports.rules import OUTCOMES, STAGE_COLOURS

WIDTH: Final = 168
HEIGHT: Final = 26


def sparkline(
    *, lower: float | None, mean: float, upper: float | None, threshold: float, outcome: str, said: str
) -> SafeString:
    """Return bounds and mean against a threshold as inline SVG, `said` being its name for screen readers.

    A bound that is open runs to the edge.
    """
    low, high, _ = domain_of([threshold, mean, None if lower is None else max(lower, 0.0), upper])

    def place(value: float) -> str:
        return f"{4 + (WIDTH - 8) * min(max((value - low) / (high - low), 0.0), 1.0):.1f}"

    left, right = place(low if lower is None else lower), place(high if upper is None else upper)
    width = f"{max(float(right) - float(left), 2.0):.1f}"
    return format_html(
        '<svg class="interval-line" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}"><title>{}</title>'
        '<rect x="{}" y="9" width="{}" height="8" rx="2" fill="{}"></rect>'
        '<path d="M{} 1V25" stroke="#14212a" stroke-width="1.5" stroke-dasharray="3 2"></path>'
        '<path d="M{} 8.5l4.5 4.5-4.5 4.5-4.5-4.5z" fill="#fff" stroke="#14212a" stroke-width="1.5"></path></svg>',
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT,
        said,
        said,
        left,
        width,
        OUTCOMES[outcome][2],
        place(threshold),
        place(mean),
    )


def stage_bar(stages: Sequence[StageCount]) -> SafeString:
    """Return the samples of all stages as one horizontal bar, each stage as wide as its share."""
    parts, at = [], 0.0
    for stage in stages:
        if stage.count:
            title = f"{stage.label}: {stage.count}"
            width = 1000 * stage.share
            parts.append((f"{at:.1f}", f"{width:.1f}", STAGE_COLOURS[stage.stage], title))
            at += width
    bars = format_html_join(
        "", '<rect x="{}" width="{}" y="0" height="14" fill="{}"><title>{}</title></rect>', parts
    )
    said = ", ".join(title for _, _, _, title in parts)
    return format_html(
        '<svg class="pipeline-bar" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        said,
        bars,
    )
