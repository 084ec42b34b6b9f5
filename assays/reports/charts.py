"""The charts of a report: one Vega-Lite specification each, shown on screen and printed on paper.

On screen a chart is as wide as its place; `printed` gives it a width for paper. Each has a table beside it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import altair as alt

from assays.chemistry.normalisation import CI_CHONDRITE, normalised
from assays.grading.estimator.model import Reading
from assays.reports.content import CriterionView
from assays.reports.readings import pattern_mean
from assays.reports.rules import OUTCOMES

Spec = dict[str, Any]
INK, SOFT, LINE, DOT = "#14212a", "#46555e", "#d8d3c8", "#0a5a66"
FONT: Final = "Atkinson Next, Atkinson Hyperlegible Next, sans-serif"
#: a scale is logarithmic when what it shows spans more than this
LOG_FROM: Final = 30.0
#: width of a chart that is not in a place of its own, in px
WIDTH: Final = 620
#: many samples: each line of a pattern is fainter
_FAINT: Final = 0.35


def styled(chart: Any) -> Spec:
    """Return a chart as a specification in our type and colours; numbers are inside, nothing is fetched."""
    done = chart.configure(
        font=FONT,
        background="transparent",
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=INK,
            titleColor=INK,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="bold",
            gridColor=LINE,
            domainColor=SOFT,
            tickColor=SOFT,
        ),
        text=alt.MarkConfig(color=INK, fontSize=12),
    )
    spec: Spec = done.to_dict()
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def printed(spec: Spec, width: int = WIDTH) -> Spec:
    """Return a specification with a width of its own, for paper."""
    return {**spec, "width": width}


def domain_of(numbers: Iterable[float | None]) -> tuple[float, float, bool]:
    """Return (from, to, logarithmic) of an axis that shows these numbers with room around them.

    >>> domain_of([20.0, 30.0])
    (19.2, 30.8, False)
    >>> domain_of([1.0, 100.0])[2]
    True
    """
    found = [number for number in numbers if number is not None and math.isfinite(number)]
    low, high = min(found), max(found)
    if low > 0 and high / low > LOG_FROM:
        return low / 1.3, high * 1.3, True
    room = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    least = low - room
    return (max(least, 0.0) if low >= 0 else least), high + room, False


def _axis(view: CriterionView, numbers: Iterable[float | None]) -> tuple[alt.X, tuple[float, float]]:
    low, high, logarithmic = domain_of(numbers)
    scale = alt.Scale(domain=[low, high], type="log" if logarithmic else "linear", nice=False, zero=False)
    axis = alt.Axis(
        title=view.title,
        tickCount=6,
        grid=not logarithmic,
        labelOverlap="greedy",
        format=",.4~r" if high < 10 else ",~r",
    )
    return alt.X("x:Q", scale=scale, axis=axis), (low, high)


def _everything(view: CriterionView) -> list[float | None]:
    """Return all numbers of a criterion, so that its charts share an axis."""
    # A bound below nought is drawn to the edge: no content is.
    lower = None if view.lower is None else max(view.lower, 0.0)
    return [view.threshold, view.mean, lower, view.upper, *(point.value for point in view.points)]


def interval(view: CriterionView) -> Spec | None:
    """Return mean and bounds of a criterion against its threshold; None when there is nothing to draw.

    A bound that is open (over range) runs to the edge of the axis.
    """
    if view.mean is None:
        return None
    numbers = [view.threshold, view.mean, view.lower, view.upper]
    x, (low, high) = _axis(view, [None if n is None else max(n, 0.0) for n in numbers])
    left = low if view.lower is None else max(view.lower, low)
    right = high if view.upper is None else view.upper
    word, sign, colour = OUTCOMES[view.outcome]
    tip = (
        f"{word}: mean {view.shown_mean}, lower {view.shown_lower}, upper {view.shown_upper},"
        f" threshold {view.shown_threshold} {view.unit}"
    )
    row = {"x": left, "x2": right, "mean": view.mean, "tip": tip}
    data = alt.InlineData(values=[row])
    y = alt.value(38)
    base = alt.Chart(data).encode(y=y, tooltip=alt.Tooltip("tip:N", title=view.name))
    bar = base.mark_rule(strokeWidth=12, color=colour, opacity=0.95).encode(x=x, x2="x2:Q")
    ends = [
        base.mark_tick(thickness=2, size=24, color=INK).encode(x=alt.X(f"{name}:Q"), y=y)
        for name, number in (("x", view.lower), ("x2", view.upper))
        if number is not None
    ]
    mean = base.mark_point(
        shape="diamond", size=110, filled=True, opacity=1, color="#ffffff", stroke=INK, strokeWidth=2
    )
    words = base.mark_text(align="left", dy=-22, fontWeight="bold").encode(
        x=alt.X("x:Q"), text=alt.value(f"{sign} {word}")
    )
    layers = [bar, *_threshold(view, low, high), *ends, mean.encode(x=alt.X("mean:Q")), words]
    return styled(alt.layer(*layers).properties(width="container", height=64))


def _threshold(view: CriterionView, low: float, high: float) -> list[Any]:
    """Return the rule of the threshold with its word, on the side where there is room."""
    data = alt.InlineData(values=[{"x": view.threshold}])
    rule = alt.Chart(data).mark_rule(strokeDash=[6, 4], strokeWidth=2, color=INK).encode(x="x:Q")
    leaning: Any = "right" if view.threshold > (low + high) / 2 else "left"
    word = (
        alt.Chart(data)
        .mark_text(align=leaning, dx=-6 if leaning == "right" else 6, baseline="bottom", color=INK)
        .encode(x="x:Q", y=alt.value(62), text=alt.value(f"threshold {view.shown_threshold} {view.unit}"))
    )
    return [rule, word]


def strip(view: CriterionView) -> Spec | None:
    """Return each sample of a criterion as a dot against the threshold; None without samples.

    Hollow: below detection (at its limit), over range, left out, or withheld by QC; its tooltip says which.
    """
    if not view.points:
        return None
    x, (low, high) = _axis(view, _everything(view))
    rows = [
        {
            "x": max(point.value, low),
            "tag": point.tag,
            "site": point.site or "none",
            "value": f"{point.sign} {point.value:.4g} {view.unit}".strip(),
            "state": point.state
            if not point.sign
            else f"{point.state}, {'below' if point.sign == '<' else 'over'} limit",
            "y": _spread(number),
        }
        for number, point in enumerate(view.points)
    ]
    tips = [
        alt.Tooltip("tag:N", title="Sample"),
        alt.Tooltip("site:N", title="Site"),
        alt.Tooltip("value:N", title=view.name),
        alt.Tooltip("state:N", title="In the decision"),
    ]
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, 1]), axis=None)
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y, tooltip=tips)
    dots = base.transform_filter("datum.state === 'counts'").mark_point(
        filled=True, size=58, color=DOT, opacity=0.75
    )
    hollow = base.transform_filter("datum.state !== 'counts'").mark_point(
        filled=False, size=58, color=SOFT, strokeWidth=1.6
    )
    layers = [*_threshold(view, low, high), dots, hollow]
    return styled(alt.layer(*layers).properties(width="container", height=64))


def _spread(number: int) -> float:
    """Return where a dot stands across the strip: spread evenly without chance, so that a picture stays the same."""
    return 0.45 + 0.45 * ((number * 0.6180339887) % 1.0)


def pattern(samples: Mapping[str, Mapping[str, Reading]], left_out: frozenset[str]) -> Spec | None:
    """Return the chondrite-normalised patterns: each sample a faint line, their mean a strong one.

    None when nobody reported three rare earths. Below detection is hollow, at its limit.
    """
    kept = {tag: values for tag, values in samples.items() if tag not in left_out and len(values) >= 3}
    if not kept:
        return None
    rows = [row for tag, values in kept.items() for row in _pattern_rows(tag, values)]
    mean = normalised(pattern_mean(list(kept.values())))
    means = [{"element": name, "n": value, "series": "mean"} for name, value in mean.items()]
    x = alt.X(
        "element:N",
        sort=list(CI_CHONDRITE),
        scale=alt.Scale(domain=list(CI_CHONDRITE)),
        axis=alt.Axis(title=None, labelAngle=0, grid=False),
    )
    y = alt.Y(
        "n:Q",
        scale=alt.Scale(type="log", nice=True),
        axis=alt.Axis(title="Sample / CI chondrite", values=_decades(row["n"] for row in rows), format="~g"),
    )
    tips = [
        alt.Tooltip("tag:N", title="Sample"),
        alt.Tooltip("element:N", title="Element"),
        alt.Tooltip("said:N", title="Content"),
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y)
    faint = base.mark_line(color=DOT, opacity=_FAINT, strokeWidth=1).encode(detail="tag:N")
    hollow = base.transform_filter("datum.below")
    marks = hollow.mark_point(filled=False, size=34, color=SOFT, strokeWidth=1.4).encode(tooltip=tips)
    touch = base.mark_point(filled=True, size=30, opacity=0, color=DOT).encode(tooltip=tips)
    strong = alt.Chart(alt.InlineData(values=means)).encode(x=x, y=y)
    line = strong.mark_line(color=INK, strokeWidth=3, point=alt.OverlayMarkDef(color=INK, size=40))
    layers = [faint, marks, touch, line]
    return styled(alt.layer(*layers).properties(width="container", height=250))


def _decades(numbers: Iterable[float]) -> list[float]:
    """Return where a logarithmic axis over these numbers has its lines: powers of ten, and halves of few of them.

    >>> _decades([12.0, 800.0])
    [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]
    >>> _decades([0.5, 800.0])
    [0.1, 1.0, 10.0, 100.0, 1000.0]
    """
    found = list(numbers)
    first, last = math.floor(math.log10(min(found))), math.ceil(math.log10(max(found)))
    parts = (1, 2, 5) if last - first <= 2 else (1,)
    lines = [part * 10.0**power for power in range(first, last) for part in parts]
    return [*lines, 10.0**last]


def _pattern_rows(tag: str, values: Mapping[str, Reading]) -> list[dict[str, Any]]:
    drawn = normalised({element: one.high for element, one in values.items()})
    signs = {element: "<" if one.below else ">" if one.over else "" for element, one in values.items()}
    return [
        {
            "tag": tag,
            "element": element,
            "n": float(f"{value:.6g}"),
            "below": values[element].below,
            "said": f"{signs[element]} {values[element].high:.4g} ppm".strip(),
        }
        for element, value in drawn.items()
    ]


def charts_of(views: Sequence[CriterionView]) -> list[tuple[CriterionView, Spec | None, Spec | None]]:
    """Return each criterion with its two charts: interval, and samples."""
    return [(view, interval(view), strip(view)) for view in views]
