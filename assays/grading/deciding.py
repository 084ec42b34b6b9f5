"""The verb of the decision: made by a worker, once per distinct state of its inputs, and never changed."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from assays.chemistry.oxides import FACTORS_VERSION
from assays.grading import permissions  # noqa: F401  # permissions register by name
from assays.grading.casework import Gathered, gather, policy_case, reported_samples
from assays.grading.estimator import answer, evaluate, read_case
from assays.grading.models import Decision, PinnedPolicy, Policy
from assays.grading.news import changes_news
from assays.grading.queries import pinned
from lims.permits import permit
from lims.verbs import Actor, verb
from lims.work.services import request
from samples.registry.models import Batch

NOTIFY, REPORT = "assays.notify_decision", "assays.make_report"
#: version of the arithmetic: a new one decides anew what the old one decided
CODE_VERSION: Final = "2026.1"


def digest_of(
    policy: Policy,
    case: Mapping[str, Any],
    sources: Mapping[str, Any],
    *,
    factors: str = FACTORS_VERSION,
    code: str = CODE_VERSION,
) -> str:
    """Return the SHA-256 over all that a decision uses: equal digests mean that nothing changed."""
    everything: dict[str, Any] = {
        "policy": {"id": str(policy.pk), "version": policy.version, **policy_case(policy)},
        "case": case,
        "sources": sources,
        "factors": factors,
        "code": code,
    }
    text = json.dumps(everything, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@verb
def decide_batch(*, actor: Actor, batch: Batch) -> Decision | None:
    """Evaluate a batch under its pinned policy and keep the decision, unless nothing changed since the latest one.

    None when there is nothing to decide: no policy, no approved result yet, or the digest equals the latest one's.
    """
    permit(actor, "grading.manage", batch)
    held = Batch.objects.select_for_update(of=("self",), no_key=True).select_related("owner").get(pk=batch.pk)
    pin = pinned(held)
    if pin is None:
        return None
    earlier = list(Decision.objects.filter(batch=held).order_by("-number"))
    if not earlier and not reported_samples(held.pk):
        return None
    gathered = gather(held, pin.policy, earlier)
    if not gathered.reported and not earlier:
        return None
    digest = digest_of(pin.policy, gathered.case, gathered.sources)
    latest = earlier[0] if earlier else None
    if latest is not None and latest.digest == digest:
        return None
    return _keep(held, pin, gathered, digest, latest)


def _keep(
    batch: Batch, pin: PinnedPolicy, gathered: Gathered, digest: str, latest: Decision | None
) -> Decision:
    said = answer(evaluate(read_case(gathered.case)))
    made = Decision.objects.create(
        batch=batch,
        number=latest.number + 1 if latest else 1,
        policy=pin.policy,
        outcome=said["decision"],
        provisional=said["provisional"],
        retrospective=_retrospective(pin),
        sentence=said["sentence"],
        criteria=said["criteria"],
        warnings=said["warnings"],
        case=gathered.case,
        sources=gathered.sources,
        factors_version=FACTORS_VERSION,
        code_version=CODE_VERSION,
        digest=digest,
    )
    request(REPORT, key=made.pk)
    if changes_news(latest, made):
        request(NOTIFY, key=made.pk)
    return made


def _retrospective(pin: PinnedPolicy) -> bool:
    """Return whether the policy came into force after the batch was received, and the owner has not agreed to it."""
    in_force_at = pin.policy.in_force_at
    return pin.at_receipt and in_force_at is not None and in_force_at > pin.pinned_at
