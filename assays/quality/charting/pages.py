"""Pages of quality control over time: control charts, duplicates, blanks, rates, umpires, laboratories side by side."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from assays.catalogue.rules import BASIS_LABELS
from assays.quality.charting import drawing, queries
from assays.quality.charting.insertion import insertion_report
from assays.quality.charting.rules import ControlChart, SeriesKey, blank_of, pair_of
from assays.quality.charting.scorecard import scorecard
from assays.quality.charting.umpires import umpire_lines
from assays.quality.control import MARKS, Standing
from assays.quality.duplicates import spread
from assays.quality.results import formula
from assays.quality.rules import VERDICT_LABELS, QcVerdict
from assays.quality.summary import TONES
from assays.quality.umpire import Agreement
from assays.runs.rules import ItemKind
from lims.accounts.authentication import person
from lims.errors import NotFound, Problem
from lims.web.access import page

BIAS: Final = {
    Standing.TOO_FEW: ("Too few results", "neutral"),
    Standing.FINE: ("No bias seen", "good"),
    Standing.WARN: ("Bias over 5 %", "warn"),
    Standing.FAIL: ("Bias over 10 %", "bad"),
}
AGREEMENT: Final = {
    Agreement.TOO_FEW: ("Too few pairs", "neutral"),
    Agreement.EQUIVALENT: ("Equivalent", "good"),
    Agreement.NOT_SHOWN: ("Not shown to agree", "warn"),
}
#: rows of a table beside a chart
ON_PAGE: Final = 200


def key_of(request: HttpRequest) -> SeriesKey:
    """Return what the address asks for. Raises `NotFound` ("chart-unknown")."""
    asked = request.GET
    try:
        laboratory = UUID(asked.get("laboratory", ""))
    except ValueError:
        raise unknown() from None
    names = (asked.get(name, "")[:60] for name in ("method", "analyte", "oxide", "material"))
    key = SeriesKey(laboratory, *names)
    if any("\x00" in part for part in key[1:]):
        raise unknown()
    return key


def unknown() -> NotFound:
    """Return the refusal of a chart that is not there, or not for this person."""
    return NotFound(Problem("chart-unknown", "There is no such chart.", "Choose one from the list."))


@require_safe
@page("runs.read")
def index(request: HttpRequest) -> HttpResponse:
    """List the control charts that one may see, with what they broke."""
    found = queries.charts_for(person(request))
    rows = [_row(line.chart) for line in found]
    return render(request, "quality/charts/index.html", {"rows": rows, "tab": "materials"})


def _row(chart: ControlChart) -> dict[str, Any]:
    last = chart.points[-1]
    label, tone = BIAS[chart.bias.standing]
    return {
        "chart": chart,
        "name": formula(chart.key.content),
        "last": last,
        "z": f"{last.z:+.2f}".replace("-", "−"),
        "look": VERDICT_LABELS[last.verdict],
        "tone": TONES[last.verdict],
        "failed": chart.rules["1-3s"],
        "pairs": chart.rules["2-2s"],
        "bias": percent(chart.bias.relative),
        "bias_label": label,
        "bias_tone": tone,
    }


def percent(share: float | None, *, sign: bool = True) -> str:
    """Return a fraction as per cent with its sign; empty for None.

    >>> percent(-0.0312), percent(0.5, sign=False), percent(None)
    ('−3.1 %', '50.0 %', '')
    """
    if share is None:
        return ""
    return f"{share * 100:{'+' if sign else ''}.1f} %".replace("-", "−")


@require_safe
@page("runs.read")
def chart(request: HttpRequest) -> HttpResponse:
    """Show one control chart with its table; without a choice, the list. Raises `NotFound` ("chart-unknown")."""
    if not request.GET:
        return redirect("quality:charts")
    found = queries.chart_for(person(request), key_of(request))
    if found is None:
        raise unknown()
    label, tone = BIAS[found.bias.standing]
    context = {
        "chart": found,
        "name": formula(found.key.content),
        "spec": drawing.control(found),
        "words": _chart_words(found),
        "rules": [(rule, found.rules[rule]) for rule in MARKS],
        "bias": percent(found.bias.relative),
        "half": percent(found.bias.half_width, sign=False),
        "bias_label": label,
        "bias_tone": tone,
        "rows": [
            {
                "one": one,
                "z": f"{one.z:+.2f}".replace("-", "−"),
                "tone": TONES[one.verdict],
                "look": VERDICT_LABELS[one.verdict],
            }
            for one in reversed(found.drawn)
        ],
        "tab": "materials",
    }
    return render(request, "quality/charts/chart.html", context)


def _chart_words(chart: ControlChart) -> str:
    broke = ", ".join(f"{number} of {rule}" for rule, number in chart.rules.items() if number)
    return (
        f"Control chart of {chart.key.content} in {chart.key.material}: the newest {len(chart.drawn)} of"
        f" {len(chart.points)} results. Rules broken: {broke or 'none'}. The table below has every number."
    )


def _list(request: HttpRequest, kind: ItemKind, template: str, tab: str) -> HttpResponse:
    found = queries.method_contents(person(request), kind)
    rows = [
        {"key": key, "laboratory": laboratory, "count": count, "name": formula(key.content)}
        for key, laboratory, count in found
    ]
    return render(request, template, {"rows": rows, "tab": tab})


@require_safe
@page("runs.read")
def duplicates(request: HttpRequest) -> HttpResponse:
    """Show the duplicates of a method and content; without one in the address, the list. Raises `NotFound`."""
    if "laboratory" not in request.GET:
        return _list(request, ItemKind.DUPLICATE, "quality/charts/duplicates.html", "duplicates")
    key = key_of(request)
    pairs = [pair_of(one) for one in queries.of_key(person(request), ItemKind.DUPLICATE, key)]
    if not pairs:
        raise unknown()
    told = spread([((one.first_ppm, one.second_ppm), one.stage.lower()) for one in pairs])
    assert told is not None
    context = {
        "key": key,
        "name": formula(key.content),
        "told": told,
        "numbers": {
            "HARD, median": percent(float(told.hard_median), sign=False),
            "HARD, 90 % of pairs within": percent(float(told.hard_p90), sign=False),
            "AMPRD": percent(float(told.amprd), sign=False),
            "Average CV": percent(float(told.cv), sign=False),
        },
        "hard": drawing.hard_plot(pairs),
        "difference": drawing.mean_difference(pairs),
        "rows": [
            {
                "one": one,
                "hard": percent(float(one.hard), sign=False),
                "difference": percent(float(one.difference)),
            }
            for one in reversed(pairs[-ON_PAGE:])
        ],
        "tab": "duplicates",
    }
    return render(request, "quality/charts/pairs.html", context)


@require_safe
@page("runs.read")
def blanks(request: HttpRequest) -> HttpResponse:
    """Show the blanks of a method and content; without one in the address, the list. Raises `NotFound`."""
    if "laboratory" not in request.GET:
        return _list(request, ItemKind.BLANK, "quality/charts/blanks.html", "blanks")
    key = key_of(request)
    found = [blank_of(one) for one in queries.of_key(person(request), ItemKind.BLANK, key)]
    if not found:
        raise unknown()
    context = {
        "key": key,
        "name": formula(key.content),
        "over_time": drawing.blanks(found[-ON_PAGE:]),
        "carried": drawing.carry_over(found[-ON_PAGE:]),
        "rows": [
            {
                "one": one,
                "carried": "" if one.carried is None else percent(float(one.carried), sign=False),
                "look": VERDICT_LABELS[QcVerdict(one.verdict)],
                "tone": TONES[QcVerdict(one.verdict)],
            }
            for one in reversed(found[-ON_PAGE:])
        ],
        "tab": "blanks",
    }
    return render(request, "quality/charts/blank.html", context)


@require_safe
@page("runs.read")
def rates(request: HttpRequest) -> HttpResponse:
    """Show how much QC laboratories place beside what their rule asks for."""
    context = {"rows": insertion_report(person(request)), "tab": "rates"}
    return render(request, "quality/charts/rates.html", context)


@require_safe
@page("runs.read")
def umpire(request: HttpRequest) -> HttpResponse:
    """Show how laboratories agree on the same samples."""
    found = umpire_lines(person(request))
    rows = [
        {
            "line": line,
            "name": formula(line.content),
            "basis": _basis(line.basis),
            "mean": percent(line.comparison.mean),
            "lower": percent(line.comparison.lower),
            "upper": percent(line.comparison.upper),
            "label": AGREEMENT[line.comparison.says][0],
            "tone": AGREEMENT[line.comparison.says][1],
        }
        for line in found
    ]
    return render(request, "quality/charts/umpire.html", {"rows": rows, "tab": "umpire"})


def _basis(code: str) -> str:
    return next((label for basis, label in BASIS_LABELS.items() if basis == code), code)


@require_safe
@page("runs.read")
def laboratories(request: HttpRequest) -> HttpResponse:
    """Show laboratories side by side."""
    rows = [
        {
            "score": one,
            "bias": percent(one.bias),
            "crm": _share(one.crm_failed, one.crm),
            "blanks": _share(one.blanks_failed, one.blanks),
            "pairs": _share(one.pairs_poor, one.pairs),
            "failed": _share(one.failed, one.evaluations),
        }
        for one in scorecard(person(request))
    ]
    return render(request, "quality/charts/laboratories.html", {"rows": rows, "tab": "laboratories"})


def _share(part: int, of: int) -> str:
    return percent(part / of, sign=False) if of else ""
