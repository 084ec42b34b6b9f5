"""Pages of reports: the dashboard, the samples of a stage, decisions, a grade report and its PDF."""

from typing import Any, Final
from uuid import UUID

import rules
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from assays.grading.models import Decision
from assays.grading.queries import decisions_of
from assays.grading.rules import OUTCOME_LABELS, Outcome
from assays.reports import charts, overview, queries, services
from assays.reports.compose import compose, facts_of
from assays.reports.content import Report
from assays.reports.pipeline import pipeline, samples_by_stage
from assays.reports.printing import PATTERN_CAPTION, pattern_words, strip_words, words_of
from assays.reports.rules import STAGE_LABELS, STAGE_WAITS, Stage, read_code
from assays.reports.sparkline import stage_bar
from assays.reports.stuck import overdue_count, stuck
from assays.reports.words import what_changed
from lims import files
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.errors import NotFound, Problem
from lims.web.access import page
from lims.web.navigation import Place, register
from lims.web.search import Hit, register_finder
from lims.work import progress

register(Place("Dashboard", "reports:dashboard", "home", "reports.dashboard", order=5, letter="d"))
#: decisions on the dashboard; the list of decisions has all
ON_DASHBOARD: Final = 12


def _find_reports(user: User, text: str) -> list[Hit]:
    """Return the printed report with this code, however it is spelled."""
    code = read_code(text)
    found = queries.report_by_code(user, code) if code and rules.has_perm("reports.read", user) else None
    if found is None:
        return []
    url = reverse("reports:decision", args=[found.decision_id])
    return [Hit("report", text, url, f"{found.decision.batch.code}, decision {found.decision.number}")]


register_finder("report", _find_reports)


@require_safe
@page("reports.dashboard")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what is flagged, what is stuck, what changed; constant queries."""
    user, now = person(request), overview.now()
    decisions = overview.decisions_with_news(user)
    stages = pipeline(user)
    counts = overview.counts(decisions, stages, overdue_count(user, now), now)
    found = list(overview.notable(decisions, now)[: ON_DASHBOARD + 1])
    context = {
        "sentence": overview.sentence(counts),
        "stages": stages,
        "rows": [overview.row_of(one, now) for one in found[:ON_DASHBOARD]],
        "more": len(found) > ON_DASHBOARD,
        "stuck": stuck(user, now),
        "total": sum(stage.count for stage in stages),
        "bar": stage_bar(stages),
    }
    return render(request, "reports/dashboard.html", context)


@require_safe
@page("reports.dashboard")
def stage(request: HttpRequest, stage: str) -> HttpResponse:
    """List the samples that are in one stage, those registered first on top."""
    if stage not in list(Stage):
        raise NotFound(Problem("stage-unknown", "There is no such stage.", "Look at the dashboard."))
    here = Stage(stage)
    found: Any = samples_by_stage(person(request)).select_related("tag", "batch__mine")
    rows = keyset_page(
        found.filter(stage=here.value), order=("id",), cursor=request.GET.get("cursor"), size=100
    )
    context = {
        "page": rows,
        "rows": rows.rows,
        "stage": here,
        "label": STAGE_LABELS[here],
        "waits": STAGE_WAITS[here],
        "stages": [(one.value, STAGE_LABELS[one]) for one in Stage],
    }
    return render(request, "reports/stage.html", context)


@require_safe
@page("reports.read")
def decisions(request: HttpRequest) -> HttpResponse:
    """List the decisions that stand, the newest first; narrowed by outcome."""
    user, outcome = person(request), request.GET.get("outcome", "")
    found = overview.decisions_with_news(user)
    if outcome in list(Outcome):
        found = found.filter(outcome=outcome)
    rows = keyset_page(found, order=("-decided_at", "-id"), cursor=request.GET.get("cursor"))
    now = overview.now()
    context = {
        "page": rows,
        "rows": [overview.row_of(one, now) for one in rows.rows],
        "outcome": outcome,
        "outcomes": [(one.value, label) for one, label in OUTCOME_LABELS.items()],
    }
    return render(request, "reports/decisions.html", context)


@require_safe
@page("reports.read")
def decision(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a grade report: the answer first, the evidence behind it."""
    found = queries.decision_for(person(request), pk)
    report = compose(found)
    history = list(decisions_of(found.batch_id))
    context = {
        "report": report,
        "decision": found,
        "charts": charted(report),
        "pattern": charts.pattern(report.pattern, report.left_out),
        "pattern_words": pattern_words(report),
        "pattern_caption": PATTERN_CAPTION,
        "newer": history[0] if history[0].pk != found.pk else None,
        "history": changes(history),
        **_printed(found),
    }
    return render(request, "reports/decision.html", context)


def charted(report: Report) -> list[dict[str, Any]]:
    """Return each criterion with its charts and their words, as templates show them."""
    return [
        {
            "id": str(number),
            "view": view,
            "interval": interval,
            "strip": strip,
            "words": words_of(view),
            "strip_words": strip_words(view),
        }
        for number, (view, interval, strip) in enumerate(charts.charts_of(report.criteria))
    ]


def changes(history: list[Decision]) -> list[tuple[Decision, str]]:
    """Return decisions of a batch, the newest first, each with what it changed."""
    return [
        (one, what_changed(facts_of(before), facts_of(one) or {}))
        for one, before in zip(history, [*history[1:], None], strict=True)
    ]


def _printed(found: Decision) -> dict[str, Any]:
    """Return the printed report, or how far the work on it is; neither when nobody has asked for it."""
    kept = queries.report_of(found)
    due = kept is None and queries.is_due(services.MAKE, found.pk)
    told = progress.of(services.MAKE, found.pk) if due else None
    waiting = told or progress.Progress(0, 2, "Waiting for a worker")
    return {"printed": kept, "due": due, "progress": waiting}


@require_safe
@page("reports.read")
def pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the printed report."""
    found = queries.decision_for(person(request), pk)
    kept = queries.report_of(found)
    if kept is None:
        raise NotFound(
            Problem(
                "report-missing", "This report is not printed yet.", "Have it made on the decision's page."
            )
        )
    answer = HttpResponse(files.get(kept.sha256), content_type="application/pdf")
    name = f"grade-report-{found.batch.code}-{found.number}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
@page("reports.read")
def make_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have the report printed."""
    user = person(request)
    services.request_report(actor=user, decision=queries.decision_for(user, pk))
    return redirect("reports:decision", pk=pk)


@require_safe
@page("reports.read")
def pdf_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer the progress bar; when the work is over, have the page load anew."""
    found = queries.decision_for(person(request), pk)
    context = {"decision": found, **_printed(found)}
    if not context["due"]:
        answer = HttpResponse(status=200)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "reports/_pdf_progress.html", context)


@require_safe
@page("reports.read")
def by_code(request: HttpRequest, code: str) -> HttpResponse:
    """Go from the code on a paper copy to its decision."""
    found = queries.report_by_code(person(request), read_code(code))
    if found is None:
        raise NotFound(
            Problem(
                "report-unknown",
                f"There is no report {code[:20]} that you may read.",
                "Compare the code with the paper: a report with another code is not ours.",
            )
        )
    return redirect("reports:decision", pk=found.decision_id)
