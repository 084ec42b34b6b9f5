"""A grade report as PDF: typeset by typst, tagged for screen readers (PDF/UA-1), with the charts of the screen."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils import timezone

from assays.reports import charts, drawing
from assays.reports.content import CriterionView, Report
from assays.reports.rules import ZONE
from assays.reports.words import listed, several
from lims.typesetting import pdf, qr_svg

HERE: Final = Path(__file__).resolve().parent
TEMPLATE: Final = HERE / "report.typ"
#: width of a chart on paper, in px of its own: the text comes out at the size of the table's
CHART_WIDTH: Final = 700
CRITERIA_HEADS: Final = ("Criterion", "Outcome", "Sites", "Mean", "Lower", "Upper", "Threshold")


def time_of(at: datetime) -> str:
    """Return a time as it is printed, in Indian time, named as such."""
    here = at.astimezone(ZONE)
    return f"{here.day} {here:%b %Y, %H:%M} IST"


def words_of(view: CriterionView) -> str:
    """Return a criterion's chart in words, for whoever does not see it."""
    return (
        f"{view.name}: {view.word}. Mean {view.shown_mean}, lower bound {view.shown_lower}, upper bound"
        f" {view.shown_upper}, threshold {view.shown_threshold} {view.unit}, {view.n} sites."
    )


def strip_words(view: CriterionView) -> str:
    """Return what the chart of a criterion's samples shows."""
    return f"{view.title}: {len(view.points)} samples against the threshold {view.shown_threshold}."


def pattern_words(report: Report) -> str:
    """Return what the pattern's chart shows."""
    return (
        f"Chondrite-normalised rare earths of {len(report.pattern)} samples; the strong line is their mean."
    )


PATTERN_CAPTION: Final = (
    "Content divided by CI chondrite (McDonough and Sun 1995), as the certificates report it. Hollow: below"
    " detection, at its limit; in the mean, and only there, it counts as half the limit."
)


def _charts(report: Report) -> dict[str, Any]:
    intervals, strips = [], []
    for view, interval, strip in charts.charts_of(report.criteria):
        if interval is not None:
            picture = drawing.svg(interval, width=CHART_WIDTH)
            intervals.append({"svg": picture, "alt": words_of(view)})
        if strip is not None:
            picture = drawing.svg(strip, width=CHART_WIDTH)
            strips.append({"svg": picture, "alt": strip_words(view)})
    spec = charts.pattern(report.pattern, report.left_out)
    pattern = None
    if spec is not None:
        picture = drawing.svg(spec, width=CHART_WIDTH)
        pattern = {"svg": picture, "alt": pattern_words(report), "caption": PATTERN_CAPTION}
    return {"intervals": intervals, "strips": strips, "pattern": pattern}


def _stands_on(report: Report) -> list[list[str]]:
    """Return in a line each what the answer stands on: rule, QC, certificates, custody, record."""
    verdicts = Counter(line.parts[3] for line in report.qc)
    qc = "; ".join(f"{count} {word.lower()}" for word, count in verdicts.items())
    last = (
        f"{report.custody[-1].title}, {time_of(report.custody[-1].at)}"
        if report.custody
        else "Nothing is recorded"
    )
    incidents = several(len(report.incidents), "open incident") if report.incidents else "no open incident"
    return [
        ["Policy", f"{report.policy_words[0]} {report.policy_agreed}"],
        ["Quality control", f"Verdicts by run and analyte: {qc}." if qc else "None."],
        ["Certificates", listed([line.parts[0] for line in report.certificates]) or "None."],
        ["Custody", f"{last}; {incidents}."],
        ["Record", f"{report.seal.sentence}; sealed to {time_of(report.seal.sealed_to)}."],
    ]


def _facts(report: Report) -> list[tuple[str, str]]:
    return [
        ("Samples", str(report.samples)),
        ("Sites", str(report.units)),
        ("Mass", f"{report.mass_kg} kg"),
        ("Confidence of a flag", report.confidence),
    ]


def _criteria(report: Report) -> list[list[str]]:
    return [
        [
            f"{view.name}, {view.unit}",
            view.word,
            str(view.n),
            *map(str, (view.shown_mean, view.shown_lower, view.shown_upper, view.shown_threshold)),
        ]
        for view in report.criteria
    ]


def _samples(report: Report) -> dict[str, Any]:
    heads = ["Sample", "Site", *report.columns, "Note"]
    rows = [[line.tag, line.site or "–", *map(str, line.cells), line.note] for line in report.lines]
    return {"sample-heads": heads, "samples": rows}


def _versions(report: Report) -> list[list[str]]:
    seal = report.seal
    verified = "" if seal.verified_at is None else f" at {time_of(seal.verified_at)}"
    return [
        *map(list, report.versions),
        ["Decision", f"no. {report.number}, SHA-256 {report.digest}"],
        ["Record", f"{seal.sentence}{verified}; sealed to {time_of(seal.sealed_to)}"],
        ["Printed", time_of(timezone.now())],
    ]


def _adds(report: Report, view: CriterionView) -> bool:
    """Return whether a criterion's reason says more than the report's sentence."""
    return view.reason not in report.sentence and view.outcome not in {"FLAGGED", report.outcome}


def data_of(report: Report) -> dict[str, Any]:
    """Return everything that the template sets, as text."""
    plain = ("title", "code", "address", "batch", "owner", "material", "mine", "campaign", "number", "word")
    more = ("sign", "colour", "provisional", "retrospective", "answer", "sentence", "policy", "settles")
    return {
        **{name: getattr(report, name) for name in (*plain, *more, "incidents", "definitions")},
        "decided": time_of(report.decided_at),
        "qr": qr_svg(report.address),
        "facts": _facts(report),
        "stands-on": _stands_on(report),
        **_charts(report),
        "criteria-heads": CRITERIA_HEADS,
        "criteria": _criteria(report),
        # What the sentence says already is not said again.
        "reasons": [f"{view.name}: {view.reason}" for view in report.criteria if _adds(report, view)],
        "exclusions": [list(line.parts) for line in report.exclusions],
        "notes": [*report.censored, *report.warnings],
        **_samples(report),
        "qc": [list(line.parts) for line in report.qc],
        "certificates": [list(line.parts) for line in report.certificates],
        "custody": [[time_of(step.at), step.title, step.detail] for step in report.custody],
        "policy-agreed": report.policy_agreed,
        "policy-words": report.policy_words,
        "policy-rationale": report.policy_rationale,
        "versions": _versions(report),
    }


def pdf_of(report: Report) -> bytes:
    """Return a report as a tagged PDF (PDF/UA-1), A4. What people wrote goes in as data and stays text.

    Raises `typst.TypstError` for what cannot be set.
    """
    return pdf(TEMPLATE, data_of(report))
