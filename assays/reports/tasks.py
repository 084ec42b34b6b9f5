"""Due work of reports: printing them."""

from assays.grading.models import Decision
from assays.reports.compose import compose
from assays.reports.printing import pdf_of
from assays.reports.queries import report_of
from assays.reports.services import MAKE, keep_report
from lims import files
from lims.work import progress
from lims.work.handlers import Held, handler


@handler(MAKE, queue="report", lease_s=60)
def make_report(claim: Held) -> None:
    """Print the report of a decision and keep it; printed before, nothing happens."""
    decision = (
        Decision.objects.select_related("batch__owner", "batch__mine", "policy").filter(pk=claim.key).first()
    )
    if decision is None or report_of(decision) is not None:
        return
    progress.tell(MAKE, claim.key, done=0, total=2, doing="Gathering the evidence")
    report = compose(decision)
    progress.tell(MAKE, claim.key, done=1, total=2, doing="Setting the pages")
    sha256 = files.put(pdf_of(report))
    with claim.last_transaction():
        keep_report(actor=claim.actor, decision=decision, sha256=sha256)
