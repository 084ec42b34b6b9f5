"""Verbs of quality control: evaluating a run, and overriding what QC says by two persons."""

from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from assays.quality import permissions  # noqa: F401  # permissions register by name
from assays.quality.blind import Views
from assays.quality.evaluation import Thresholds, evaluate
from assays.quality.evidence import evidence_of
from assays.quality.models import QcEvaluation, QcOverride
from assays.quality.rules import OVERRIDE_TRANSITIONS, OverrideState
from assays.runs.models import Run
from assays.runs.queries import batches_in
from lims.accounts.models import User
from lims.errors import conflict, invalid, not_permitted
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from lims.work.services import request
from samples.registry.arguments import said

DECIDE = "assays.decide_batch"
_TOLD = (
    "version",
    "verdict",
    "reason",
    "blank_excess_ppm",
    "threshold_ppm",
    "marks",
    "withheld",
    "owner_view",
)


@verb
def evaluate_run(*, actor: Actor, run: Run, thresholds: Thresholds) -> list[QcEvaluation]:
    """Judge the QC of a run as it stands and keep what changed; then its batches are decided again.

    `thresholds`: analyte → (oxide, lowest ppm of that oxide among the policies of the run's batches). Returns one
    evaluation for each method, analyte and oxide that was reported for samples. Twice the same changes nothing.
    """
    permit(actor, "quality.override", run)
    held = _held(run)
    evidence = evidence_of(held)
    views = Views(held, evidence)
    known = {_key(one): one for one in QcEvaluation.objects.filter(run=held)}
    made = [
        QcEvaluation(
            run=held,
            version=held.version,
            evaluated_at=Now(),
            owner_view=views.of(key, thresholds),
            **evaluate(evidence, key, thresholds),
        )
        for key in evidence.keys()  # noqa: SIM118  # no mapping: what was reported of samples
    ]
    gone = known.keys() - {_key(one) for one in made}
    changed = [one for one in made if _differs(one, known.get(_key(one)))]
    if gone:
        QcEvaluation.objects.filter(pk__in=[known[key].pk for key in gone]).delete()
    if changed:
        QcEvaluation.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["run", "method_code", "analyte", "oxide"],
            update_fields=[*_TOLD, "evaluated_at"],
        )
    if gone or changed:
        _decide_again(held)
    order = ("method_code", "analyte", "oxide")
    return list(QcEvaluation.objects.filter(run=held).order_by(*order))


def _held(run: Run) -> Run:
    """Return the run, locked: a certificate that is being committed to it comes before or after, never between."""
    rows = Run.objects.select_for_update(of=("self",), no_key=True).select_related("laboratory")
    return rows.get(pk=run.pk)


def _key(one: QcEvaluation) -> tuple[str, str, str]:
    return one.method_code, one.analyte, one.oxide


def _differs(one: QcEvaluation, known: QcEvaluation | None) -> bool:
    return known is None or any(getattr(one, name) != getattr(known, name) for name in _TOLD)


def _decide_again(run: Run) -> None:
    for batch in batches_in(run):
        request(DECIDE, key=batch)


@verb
def propose_override(*, actor: Actor, run: Run, analyte: str = "", reason: str) -> QcOverride:
    """Propose that results count although QC says otherwise: those of one analyte (an element), or all of a run.

    It counts once a second person agrees, and only for the results that stand now. Raises `Invalid`
    ("analyte-not-judged", "field-required") or `Conflict` ("run-without-results", "override-once").
    """
    permit(actor, "quality.override", run)
    assert isinstance(actor, User)
    words = said(reason, field="reason", most=1000)
    held = _held(run)
    if not held.version:
        raise conflict("run-without-results", f"{held} has no results yet.", "Wait for its certificate.")
    name = analyte.strip()
    if name and not QcEvaluation.objects.filter(run=held, version=held.version, analyte=name).exists():
        raise invalid(
            "analyte-not-judged",
            f"QC says nothing of “{name[:8]}” in {held}.",
            "Name one of its analytes by its element, as in Dy, or none for all of them.",
            field="analyte",
        )
    return QcOverride.objects.create(
        run=held, version=held.version, analyte=name, reason=words, proposed_by=actor
    )


@verb
def second_override(*, actor: Actor, override: QcOverride, reason: str) -> QcOverride:
    """Agree to an override as a second person: from now on it counts, and the run's batches are decided again.

    Raises `NotPermitted` ("second-person") or `Conflict` ("run-changed", "transition-refused").
    """
    held = _judge_override(actor, override, OverrideState.IN_FORCE, reason)
    _decide_again(held.run)
    return held


@verb
def refuse_override(*, actor: Actor, override: QcOverride, reason: str) -> QcOverride:
    """Refuse an override as a second person: what QC says stands.

    Raises `NotPermitted` ("second-person") or `Conflict` ("transition-refused").
    """
    return _judge_override(actor, override, OverrideState.REFUSED, reason)


def _judge_override(actor: Actor, override: QcOverride, after: OverrideState, reason: str) -> QcOverride:
    permit(actor, "quality.override", override)
    assert isinstance(actor, User)
    words = said(reason, field="reason", most=1000)
    run = _held(override.run)
    held = QcOverride.objects.select_for_update(of=("self",), no_key=True).get(pk=override.pk)
    held.run = run
    if held.proposed_by_id == actor.pk:
        raise not_permitted("second-person", "You proposed it yourself.", "A second person decides.")
    check_transition(OVERRIDE_TRANSITIONS, OverrideState(held.state), after)
    if after == OverrideState.IN_FORCE and held.version != run.version:
        raise conflict(
            "run-changed",
            f"The results of {run} have changed since this was proposed.",
            "Look at what QC says of them now, and propose it anew if it is still needed.",
        )
    told: dict[str, Any] = {
        "state": after,
        "second_by": actor,
        "second_at": timezone.now(),
        "second_reason": words,
    }
    for name, value in told.items():
        setattr(held, name, value)
    held.save(update_fields=list(told))
    return held
