"""Verbs of reports: asked for, and kept as printed."""

from typing import Final

from assays.grading.models import Decision
from assays.reports import permissions  # noqa: F401  # permissions register by name
from assays.reports.models import GradeReport
from assays.reports.rules import report_code
from lims.permits import permit
from lims.verbs import Actor, verb
from lims.work.services import request

#: requested by name at every decision, a floor below
MAKE: Final = "assays.make_report"


@verb
def request_report(*, actor: Actor, decision: Decision) -> None:
    """Have a worker print a decision's report, if it has not been printed."""
    permit(actor, "reports.read", decision)
    if not GradeReport.objects.filter(decision=decision).exists():
        request(MAKE, key=decision.pk)


@verb
def keep_report(*, actor: Actor, decision: Decision, sha256: str) -> GradeReport:
    """Keep a printed report, whose file lies in the store; one that was kept before stays."""
    permit(actor, "reports.read", decision)
    kept = GradeReport.objects.filter(decision=decision).first()
    if kept is not None:
        return kept
    return GradeReport.objects.create(
        decision=decision, code=report_code(decision.digest, decision.number), sha256=sha256
    )
