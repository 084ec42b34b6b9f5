"""The verb by which a built run begins: its gates, and the codes that say nothing of what they stand for."""

from django.utils import timezone

from assays.catalogue.models import Equipment
from assays.runs.building.arguments import check_instrument, planned, usable
from assays.runs.building.queries import rack_of
from assays.runs.building.rules import code_of
from assays.runs.building.standing import may_analyse
from assays.runs.models import Portion, Run, RunItem
from assays.runs.rules import RUN_TRANSITIONS, RunState
from lims.accounts.models import User
from lims.errors import invalid, not_permitted
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.registry.arguments import bounded


@verb
def begin_run(
    *, actor: Actor, run: Run, version: str, instrument: Equipment | None = None, reason: str = ""
) -> Run:
    """Begin a built run: its rack stands from now on, and every position gets its code.

    Raises `NotPermitted` ("competence-missing"), `Invalid` ("qc-below-rule": the rack has less QC than the rule asks for and no `reason` is
    given), `Conflict` ("run-begun", "rack-changed", "portion-gone", …).
    """
    permit(actor, "runs.bench", run)
    held, items = planned(run, version)
    check_transition(RUN_TRANSITIONS, RunState(held.state), RunState.OPEN)
    assert held.method is not None
    if isinstance(actor, User) and not may_analyse(actor, held.method, timezone.localdate()):
        message = f"You were not found able to analyse by {held.method}."
        raise not_permitted(
            "competence-missing", message, "Have your competence recorded, or ask a colleague."
        )
    check_instrument(instrument, held.laboratory)
    seen: dict[object, Portion] = {
        item.portion.pk: item.portion for item in items if item.portion is not None
    }
    usable(list(seen.values()), held.laboratory, held.method, besides=held.pk)
    words = bounded(reason.strip(), field="reason", most=500)
    short = rack_of(held).short
    if short and not words:
        message = f"The rule asks for more QC: {', '.join(short)}."
        raise invalid("qc-below-rule", message, "Put it in, or say why the run goes without.", field="reason")
    for item in items:
        assert item.position is not None
        item.label, item.occurrence = code_of(held.number, item.position, len(items)), 1
    RunItem.objects.bulk_update(items, ["label", "occurrence"])
    held.state, held.qc_reason = RunState.OPEN, words if short else ""
    held.instrument = instrument or held.instrument
    held.save(update_fields=["state", "qc_reason", "instrument"])
    return held
