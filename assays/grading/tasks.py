"""Due work of decisions: pinning policies, evaluating QC by their thresholds, deciding, telling managers."""

from django.db.models import Exists, OuterRef

from assays.grading.deciding import NOTIFY, decide_batch
from assays.grading.models import Decision, Policy
from assays.grading.notices import mail_managers, tell_managers
from assays.grading.queries import pinned
from assays.grading.screening import screen_batch
from assays.grading.services import DECIDE, EVALUATE, WHAT_IF, pin_policy
from assays.grading.thresholds import thresholds_of
from assays.grading.what_if import batches_for, remember, what_if
from assays.quality.models import QcEvaluation
from assays.quality.services import evaluate_run
from assays.runs.models import Run
from assays.runs.queries import batches_in
from assays.runs.rules import RunState
from lims.work import progress
from lims.work.handlers import Held, handler
from samples.registry.models import Batch

PIN = "assays.pin_policy"


def _batch(claim: Held) -> Batch | None:
    return Batch.objects.select_related("owner").filter(pk=claim.key).first()


@handler(PIN, queue="decide")
def pin(claim: Held) -> None:
    """Pin the policy in force to a batch that was received for the first time."""
    batch = _batch(claim)
    if batch is not None:
        with claim.last_transaction():
            pin_policy(actor=claim.actor, batch=batch)


@handler(EVALUATE, queue="decide", lease_s=120)
def evaluate(claim: Held) -> None:
    """Judge a run's QC by the lowest thresholds of its batches; a batch that nobody received gets its policy now."""
    run = Run.objects.select_related("laboratory").filter(pk=claim.key).first()
    if run is None:
        return
    with claim.last_transaction():
        for batch in Batch.objects.filter(pk__in=batches_in(run)).order_by("pk"):
            if pinned(batch) is None:
                pin_policy(actor=claim.actor, batch=batch)
        evaluate_run(actor=claim.actor, run=run, thresholds=thresholds_of(run))


def _catch_up(claim: Held, batch: Batch) -> None:
    """Judge the QC of the batch's runs that have changed since: a decision must not rest on what QC said before.

    The batch is locked first, as everywhere: then its runs.
    """
    Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)
    current = QcEvaluation.objects.filter(run=OuterRef("pk"), version=OuterRef("version"))
    known = Run.objects.filter(items__sample__batch=batch, state=RunState.APPROVED).distinct()
    for run in known.exclude(Exists(current)).select_related("laboratory").order_by("pk"):
        evaluate_run(actor=claim.actor, run=run, thresholds=thresholds_of(run))


@handler(DECIDE, queue="decide", lease_s=120)
def decide(claim: Held) -> None:
    """Decide a batch on what stands now, and screen it; nothing changed, nothing is kept."""
    batch = _batch(claim)
    if batch is None:
        return
    with claim.last_transaction():
        _catch_up(claim, batch)
        decide_batch(actor=claim.actor, batch=batch)
        screen_batch(actor=claim.actor, batch=batch)


@handler(NOTIFY, queue="notify")
def notify(claim: Held) -> None:
    """Tell the owner's managers that a batch is flagged, or no longer, or blocked."""
    decision = Decision.objects.select_related("batch__owner").filter(pk=claim.key).first()
    if decision is None:
        return
    mail_managers(decision)
    with claim.last_transaction():
        tell_managers(actor=claim.actor, decision=decision)


@handler(WHAT_IF, queue="report", lease_s=60)
def compute_what_if(claim: Held) -> None:
    """Compute what a policy would say of all its batches, for whoever waits; nothing of it is recorded."""
    policy = Policy.objects.filter(pk=claim.key).first()
    if policy is None:
        return
    total = batches_for(policy).count()

    def tell(done: int) -> None:
        if done % 10 == 0:
            claim.renew()
            progress.tell(WHAT_IF, claim.key, done=done, total=total, doing="Judging batches by this policy")

    remember(what_if(policy, tell=tell))
    with claim.last_transaction():
        pass
