"""Charts of quality control: one Vega-Lite specification each; every chart has its table on the page."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt

from assays.quality.charting.rules import CARRIED, BlankPoint, ControlChart, PairPoint
from assays.quality.control import Marked
from assays.quality.duplicates import POOR_HARD
from assays.quality.rules import QcVerdict

Spec = dict[str, Any]
INK, SOFT, LINE, DOT, WARN, BAD = "#14212a", "#46555e", "#d8d3c8", "#0a5a66", "#8a5a00", "#a3221b"
FONT: Final = "Atkinson Next, Atkinson Hyperlegible Next, sans-serif"
#: scores beyond are drawn at the edge: a swapped bottle would flatten everything else
EDGE: Final = 6.0
_COLOURS: Final = {QcVerdict.PASS: DOT, QcVerdict.WARN: WARN, QcVerdict.FAIL: BAD, QcVerdict.NONE: SOFT}
_SHAPES: Final = {
    QcVerdict.PASS: "circle",
    QcVerdict.WARN: "triangle-up",
    QcVerdict.FAIL: "cross",
    QcVerdict.NONE: "square",
}


def themed(chart: Any, height: int) -> Spec:
    """Return a chart as a specification in our type and colours, as wide as its place; nothing is fetched."""
    done = chart.properties(width="container", height=height).configure(
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


def _data(rows: Sequence[Any]) -> Any:
    return alt.InlineData(values=list(rows))


def _across(rows: Sequence[dict[str, Any]], y: Any, words: str = "") -> Any:
    """Return horizontal rules with a word at the right end of each."""
    base = alt.Chart(_data(rows)).encode(y=y)
    rule = base.mark_rule(color=SOFT, strokeDash=[5, 4], strokeWidth=1.2)
    word = base.mark_text(align="right", baseline="bottom", dx=-2, dy=-2, color=SOFT).encode(
        x=alt.value("width"), text=alt.Text(f"{words or 'word'}:N")
    )
    return alt.layer(rule, word)


def _row(at: int, one: Marked) -> dict[str, Any]:
    z = float(one.z)
    return {
        "n": at,
        "z": max(-EDGE, min(EDGE, z)),
        "look": one.verdict.value,
        "rules": ", ".join(rule for rule in one.rules if rule != "1-2s"),
        "above": z >= 0,
        "tip": f"z = {z:+.2f}: {one.point.qualifier}{float(one.point.ppm):.6g} ppm,"
        f" certified {float(one.point.certified_ppm):.6g} ± {float(one.point.sd_ppm):.6g}",
        "where": f"{one.point.label} in {one.point.run or 'a run without a name'}, {one.point.on:%d %b %Y}",
        "broke": ", ".join(one.rules) or "nothing",
    }


def control(chart: ControlChart) -> Spec:
    """Return a Shewhart chart of scores: limits at 2 and 3 s, broken rules named, other lots divided by a line."""
    rows = [_row(at, one) for at, one in enumerate(chart.drawn, 1)]
    top = max(4.0, *(abs(row["z"]) for row in rows)) + 0.6
    y = alt.Y(
        "z:Q",
        scale=alt.Scale(domain=[-top, top], nice=False),
        axis=alt.Axis(title="z = (x − C) / s", values=list(range(-6, 7)), grid=False),
    )
    x = alt.X(
        "n:Q",
        scale=alt.Scale(domain=[0.4, len(rows) + 0.6], nice=False),
        axis=alt.Axis(title="Results in time order, the newest on the right", grid=False, tickMinStep=1),
    )
    limits = [{"z": s, "word": f"{s:+d} s" if s else "certified"} for s in (-3, -2, 0, 2, 3)]
    tips = [
        alt.Tooltip("where:N", title="Where"),
        alt.Tooltip("tip:N", title="Read"),
        alt.Tooltip("broke:N", title="Rules broken"),
    ]
    base = alt.Chart(_data(rows)).encode(x=x, y=y)
    line = base.mark_line(color=LINE, strokeWidth=1.4)
    points = base.mark_point(filled=True, opacity=1, size=64).encode(
        color=_colours(), shape=_shapes(), tooltip=tips
    )
    named = base.transform_filter("datum.rules !== ''")
    over = named.transform_filter("datum.above").mark_text(dy=-12, fontSize=11, color=BAD)
    under = named.transform_filter("!datum.above").mark_text(dy=14, fontSize=11, color=BAD)
    layers = [_across(limits, y), line, points]
    layers += [part.encode(text=alt.Text("rules:N")) for part in (over, under)]
    return themed(alt.layer(*_lots(chart), *layers), 300)


def _colours() -> Any:
    names = [verdict.value for verdict in _COLOURS]
    return alt.Color("look:N", scale=alt.Scale(domain=names, range=list(_COLOURS.values())), legend=None)


def _shapes() -> Any:
    names = [verdict.value for verdict in _SHAPES]
    return alt.Shape("look:N", scale=alt.Scale(domain=names, range=list(_SHAPES.values())), legend=None)


def _lots(chart: ControlChart) -> list[Any]:
    """Return a line where another lot or another certified value begins, with its name."""
    rows: list[dict[str, Any]] = [
        {
            "n": at + 0.5,
            "lot": f"lot {chart.drawn[at].point.lot}" if chart.drawn[at].point.lot else "new value",
        }
        for at in chart.shifts
    ]
    if not rows:
        return []
    base = alt.Chart(_data(rows)).encode(x=alt.X("n:Q"))
    rule = base.mark_rule(color=INK, strokeWidth=1.5)
    word = base.mark_text(align="left", dx=4, baseline="top").encode(y=alt.value(2), text=alt.Text("lot:N"))
    return [rule, word]


def hard_plot(pairs: Sequence[PairPoint]) -> Spec:
    """Return HARD of each pair against the share of pairs that lie closer together, with the limits of each kind."""
    ordered = sorted(pairs, key=lambda one: one.hard)
    rows: list[dict[str, Any]] = [
        {
            "share": 100 * at / len(ordered),
            "hard": float(one.hard) * 100,
            "look": (QcVerdict.WARN if one.poor else QcVerdict.PASS).value,
            "tip": f"{one.label} in {one.number}: {float(one.first_ppm):.6g} and {float(one.second_ppm):.6g} ppm",
        }
        for at, one in enumerate(ordered, 1)
    ]
    top = max(20.0, *(row["hard"] for row in rows)) * 1.05
    x = alt.X(
        "share:Q", scale=alt.Scale(domain=[0, 101], nice=False), axis=alt.Axis(title="Pairs up to here, %")
    )
    y = alt.Y("hard:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(title="HARD, %"))
    limits = [{"hard": float(limit) * 100, "word": name} for name, limit in POOR_HARD.items()]
    tips = [alt.Tooltip("tip:N", title="Pair"), alt.Tooltip("hard:Q", title="HARD, %", format=".2f")]
    base = alt.Chart(_data(rows)).encode(x=x, y=y)
    line = base.mark_line(color=LINE)
    points = base.mark_point(filled=True, opacity=1, size=56).encode(
        color=_colours(), shape=_shapes(), tooltip=tips
    )
    return themed(alt.layer(_across(limits, y), line, points), 260)


def mean_difference(pairs: Sequence[PairPoint]) -> Spec:
    """Return the relative difference of each pair against its mean (Bland and Altman 1986), with the mean difference."""
    rows: list[dict[str, Any]] = [
        {
            "mean": float(one.mean_ppm),
            "difference": float(one.difference) * 100,
            "look": (QcVerdict.WARN if one.poor else QcVerdict.PASS).value,
            "tip": f"{one.label} in {one.number}: {float(one.first_ppm):.6g} and {float(one.second_ppm):.6g} ppm",
        }
        for one in pairs
    ]
    widest = max(10.0, *(abs(row["difference"]) for row in rows)) * 1.1
    means = [row["mean"] for row in rows]
    scale: Any = "log" if min(means) > 0 and max(means) / min(means) > 30 else "linear"
    x = alt.X("mean:Q", scale=alt.Scale(type=scale, zero=False), axis=alt.Axis(title="Mean of the pair, ppm"))
    y = alt.Y(
        "difference:Q",
        scale=alt.Scale(domain=[-widest, widest], nice=False),
        axis=alt.Axis(title="Second − first, % of the mean"),
    )
    mean = sum(row["difference"] for row in rows) / len(rows)
    lines = [{"difference": 0.0, "word": ""}, {"difference": mean, "word": f"mean {mean:+.1f} %"}]
    points = (
        alt.Chart(_data(rows))
        .mark_point(filled=True, opacity=1, size=56)
        .encode(x=x, y=y, color=_colours(), shape=_shapes(), tooltip=[alt.Tooltip("tip:N", title="Pair")])
    )
    return themed(alt.layer(_across(lines, y), points), 260)


def blanks(points: Sequence[BlankPoint]) -> Spec:
    """Return what blanks read over time, with the detection limit and five times it; below the limit is hollow."""
    rows: list[dict[str, Any]] = [
        {
            "n": at,
            "ppm": float(one.ppm),
            "look": one.verdict,
            "below": one.shown.startswith("<"),
            "tip": f"{one.label} in {one.number}, {one.on:%d %b %Y}: {one.shown} ppm",
        }
        for at, one in enumerate(points, 1)
    ]
    newest = points[-1]
    limits = [
        {"ppm": float(value), "word": word}
        for value, word in ((newest.lod_ppm, "LOD"), (newest.warn_ppm, "5 · LOD"))
        if value
    ]
    y = alt.Y("ppm:Q", scale=alt.Scale(zero=True), axis=alt.Axis(title="Read in the blank, ppm"))
    x = alt.X(
        "n:Q",
        scale=alt.Scale(domain=[0.4, len(rows) + 0.6], nice=False),
        axis=alt.Axis(title="Blanks in time order, the newest on the right", grid=False, tickMinStep=1),
    )
    base = alt.Chart(_data(rows)).encode(
        x=x, y=y, color=_colours(), shape=_shapes(), tooltip=[alt.Tooltip("tip:N", title="Blank")]
    )
    full = base.transform_filter("!datum.below").mark_point(filled=True, opacity=1, size=64)
    hollow = base.transform_filter("datum.below").mark_point(filled=False, size=64, strokeWidth=1.6)
    return themed(alt.layer(*([_across(limits, y)] if limits else []), full, hollow), 260)


def carry_over(points: Sequence[BlankPoint]) -> Spec | None:
    """Return a blank's excess against the sample before it, with the line of 2 %; None where no order is known."""
    rows: list[dict[str, Any]] = [
        {
            "before": float(one.before_ppm),
            "excess": float(one.excess_ppm),
            "look": one.verdict,
            "tip": f"{one.label} in {one.number}: {float(one.excess_ppm):.4g} ppm after {float(one.before_ppm):.4g} ppm",
        }
        for one in points
        if one.before_ppm is not None and one.excess_ppm is not None
    ]
    if not rows:
        return None
    far = max(row["before"] for row in rows) * 1.05
    line = [{"before": 0.0, "excess": 0.0}, {"before": far, "excess": far * float(CARRIED)}]
    x = alt.X("before:Q", axis=alt.Axis(title="Sample before the blank, ppm"))
    y = alt.Y("excess:Q", axis=alt.Axis(title="Blank above its background, ppm"))
    rule = alt.Chart(_data(line)).mark_line(color=SOFT, strokeDash=[5, 4]).encode(x=x, y=y)
    word = (
        alt.Chart(_data(line[1:]))
        .mark_text(align="right", baseline="bottom", dx=-6, color=SOFT)
        .encode(x=x, y=y, text=alt.value("2 % carried over"))
    )
    dots = (
        alt.Chart(_data(rows))
        .mark_point(filled=True, opacity=1, size=60)
        .encode(x=x, y=y, color=_colours(), shape=_shapes(), tooltip=[alt.Tooltip("tip:N", title="Blank")])
    )
    return themed(alt.layer(rule, word, dots), 260)
