"""Verbs of runs: review by a second person, requests for analysis, moisture."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from assays.catalogue.models import Method
from assays.catalogue.rules import CompetentTo
from assays.catalogue.standing.arguments import check_competent_for
from assays.runs import permissions  # noqa: F401  # permissions register by name
from assays.runs.building.days import due_day
from assays.runs.models import AnalysisRequest, Moisture, RequestedSample, Review, Run
from assays.runs.parts import methods_of
from assays.runs.queries import batches_in
from assays.runs.rules import RUN_TRANSITIONS, RunState, Verdict, signed_words
from lims.accounts.models import User
from lims.accounts.signing import signature_of
from lims.errors import conflict, invalid, not_permitted
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from lims.work.services import request
from samples.registry.arguments import bounded, person_of, said
from samples.registry.models import Batch, Sample
from samples.registry.rules import check_collected

DECIDE = "assays.decide_batch"


@verb
def approve_run(
    *, actor: Actor, run: Run, version: str, note: str = "", password: str | None = None
) -> Review:
    """Let a run's results count, as they stood when the reviewer read them; its batches are decided again.

    With the reviewer's `password` the review is signed. Raises `NotPermitted` ("review-own"), `Conflict` ("run-changed":
    another version stands now, "transition-refused"), `NotPermitted` ("competence-missing": by a method of its
    results others were found able to approve, the actor not), and what `signature_of` raises.
    """
    words = bounded(note.strip(), field="note", most=1000)
    return _review(actor, run, version, Verdict.APPROVED, words, password)


@verb
def return_run(*, actor: Actor, run: Run, version: str, reason: str, password: str | None = None) -> Review:
    """Send a run's results back with a reason; what was approved counts no more. Raises as `approve_run`."""
    return _review(actor, run, version, Verdict.RETURNED, said(reason, field="reason", most=1000), password)


def _review(
    actor: Actor, run: Run, version: str, verdict: Verdict, reason: str, password: str | None
) -> Review:
    permit(actor, "runs.review", run)
    held = Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
    assert isinstance(actor, User)
    if held.submitted_by_id == actor.pk:
        raise not_permitted(
            "review-own", "You brought these results in yourself.", "A second person reviews them."
        )
    check_transition(RUN_TRANSITIONS, RunState(held.state), RunState(verdict))
    if verdict == Verdict.APPROVED:
        check_competent_for(actor, methods_of(held), CompetentTo.APPROVE)
    assert held.submitted_by_id is not None  # a run that was reported has somebody who brought it in
    if held.version != version:
        raise conflict(
            "run-changed",
            f"The results of {held} changed while you read them.",
            "Look at what stands now, then review that.",
            field="version",
        )
    words = signed_words(held.pk, version, verdict, reason)
    review = Review.objects.create(
        run=held,
        version=version,
        verdict=verdict,
        reason=reason,
        submitted_by_id=held.submitted_by_id,
        reviewer=actor,
        signature="" if password is None else signature_of(actor, words, password=password),
    )
    held.state = RunState(verdict)
    held.save(update_fields=["state"])
    for batch in batches_in(held):
        request(DECIDE, key=batch)
    return review


@verb
def request_analysis(
    *,
    actor: Actor,
    batch: Batch,
    method: Method,
    samples: Sequence[Sample],
    agreed_rule: str = "",
    due_on: date | None = None,
    hold_until: date | None = None,
    dispose_after: date | None = None,
) -> AnalysisRequest:
    """Ask a laboratory to analyse samples of one batch by a method: they are expected until it reports them.

    `agreed_rule` is what was agreed with it; without `due_on` the method's turnaround in working days counts from today.
    Raises `Invalid` ("samples-none", "sample-of-another-batch", "due-in-past", "analysis-held-before-disposal") or `Conflict`
    ("analysis-requested-once").
    """
    permit(actor, "runs.request", batch)
    if not samples:
        raise invalid("samples-none", "No sample is chosen.", "Choose at least one.", field="samples")
    if any(sample.batch_id != batch.pk for sample in samples):
        raise invalid(
            "sample-of-another-batch", "A sample is of another batch.", "Ask batch by batch.", field="samples"
        )
    today = timezone.localdate()
    if due_on is not None and due_on < today:
        raise invalid("due-in-past", f"{due_on:%Y-%m-%d} is over.", "Choose a day to come.", field="due_on")
    made = AnalysisRequest.objects.create(
        batch=batch,
        method=method,
        agreed_rule=bounded(agreed_rule.strip(), field="agreed_rule", most=1000),
        due_on=due_on or due_day(today, method.turnaround_days),
        hold_until=hold_until,
        dispose_after=dispose_after,
        requested_by=person_of(actor),
    )
    RequestedSample.objects.bulk_create(RequestedSample(request=made, sample=sample) for sample in samples)
    request(DECIDE, key=batch.pk)
    return made


@verb
def record_moisture(
    *,
    actor: Actor,
    sample: Sample,
    wet_g: Decimal,
    dry_g: Decimal,
    temperature_c: Decimal,
    measured_at: datetime,
) -> Moisture:
    """Record what a sample lost on drying: masses in g, temperature in °C; the newest record counts.

    Raises `Invalid` ("moisture-masses-in-order", "moisture-temperature-of-an-oven", "date-in-future").
    """
    permit(actor, "runs.weigh", sample)
    check_collected(measured_at, now=timezone.now())
    made = Moisture.objects.create(
        sample=sample,
        wet_g=wet_g,
        dry_g=dry_g,
        temperature_c=temperature_c,
        measured_at=measured_at,
        recorded_by=person_of(actor),
    )
    request(DECIDE, key=sample.batch_id)
    return made
