"""What changed between two decisions on a batch: outcome, policy, samples and values, QC, certificates."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assays.grading.estimator import read_case
from assays.grading.models import Decision
from assays.reports import evidence, queries
from assays.reports.differences import differences
from assays.reports.figures import shown
from assays.reports.rules import formula
from lims.accounts.authentication import person
from lims.errors import NotFound, Problem
from lims.web.access import page


def _compared(decision: Decision) -> dict[str, Any]:
    """Return what `differences` compares of a decision."""
    criteria = read_case(decision.case).rule.criteria
    return {
        "outcome": decision.outcome,
        "provisional": decision.provisional,
        "criteria": [
            {
                "name": formula(one.name),
                "outcome": row["outcome"],
                "shown": f"{shown(row['lower'], row['u'])} to {shown(row['upper'], row['u'])} {one.unit} around"
                f" {shown(row['mean'], row['u'])} ({row['n']} sites)",
            }
            for one, row in zip(criteria, decision.criteria, strict=True)
        ],
        "case": decision.case,
        "certificates": [evidence.certificate_name(one) for one in decision.sources.get("certificates", [])],
        "versions": [
            ("Oxide factors", decision.factors_version),
            ("Computation", decision.code_version),
        ],
    }


def _earlier(decision: Decision, asked: str) -> Decision | None:
    """Return the decision to compare with: the one before, or the one whose number is asked for; None for the first.

    Raises `NotFound` ("decision-unknown") for a number that is none of the earlier ones.
    """
    rows = Decision.objects.filter(batch=decision.batch_id, number__lt=decision.number).order_by("-number")
    if not asked:
        return rows.select_related("policy").first()
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    found = rows.filter(number=number).select_related("policy").first()
    if found is None:
        raise NotFound(
            Problem("decision-unknown", f"There is no earlier decision {asked[:10]}.", "Look at the history.")
        )
    return found


@require_safe
@page("reports.read")
def changes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what a decision changed against the one before, or against no. `?since=`."""
    found = queries.decision_for(person(request), pk)
    earlier = _earlier(found, request.GET.get("since", ""))
    others = Decision.objects.filter(batch=found.batch_id, number__lt=found.number)
    context = {
        "decision": found,
        "earlier": earlier,
        "found": None if earlier is None else differences(_compared(earlier), _compared(found)),
        "others": others.order_by("-number").values_list("number", flat=True),
    }
    return render(request, "reports/changes.html", context)
