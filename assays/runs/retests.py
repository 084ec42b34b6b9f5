"""Retests: a reviewer wants an item analysed again; the wish stays open until another run has done it."""

from django.db.models import QuerySet

from assays.runs import permissions  # noqa: F401  # permissions register by name
from assays.runs.models import Retest, Run, RunItem
from assays.runs.queries import items_for
from assays.runs.rules import RunState
from lims.accounts.models import User
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry.arguments import bounded, person_of, said


@verb
def ask_retest(*, actor: Actor, run: Run, item: RunItem, reason: str, analyte: str = "") -> Retest:
    """Ask for an item of a run to be analysed again, for one element or for all; the results that are there stay.

    Raises `Invalid` ("item-elsewhere", "analyte-not-reported") or `Conflict` ("run-without-results", "retest-asked-once").
    """
    permit(actor, "runs.review", run)
    held = Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
    if held.state in {RunState.PLANNED, RunState.OPEN}:
        raise conflict("run-without-results", f"{held} has no results yet.", "Wait for its certificate.")
    if item.run_id != held.pk:
        raise invalid(
            "item-elsewhere", f"{item} is not in {held}.", "Choose an item of this run.", field="item"
        )
    name = bounded(analyte.strip(), field="analyte", most=8)
    if name and not item.determinations.filter(analyte=name).exists():
        message = f"{name} was not reported of {item}."
        raise invalid("analyte-not-reported", message, "Leave it empty for every element.", field="analyte")
    return Retest.objects.create(
        run=held,
        item=item,
        analyte=name,
        reason=said(reason, field="reason", most=1000),
        asked_by=person_of(actor),
    )


def retests_of(user: User, run: Run) -> QuerySet[Retest]:
    """Return the retests that were asked for of a run, the newest first: of QC items, and of samples that one may see."""
    rows = Retest.objects.filter(run=run, item__in=items_for(user, run).values("pk"))
    return rows.select_related("item__sample__tag", "asked_by", "done_in").order_by("-id")
