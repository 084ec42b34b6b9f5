"""Verbs of policies: made as drafts, put in force, retired; pinned to batches; samples left out with a reason."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from assays.catalogue.rules import Basis
from assays.grading import permissions  # noqa: F401  # permissions register by name
from assays.grading.casework import policy_case, reported_samples
from assays.grading.estimator import read_case
from assays.grading.models import Exclusion, PinnedPolicy, Policy
from assays.grading.queries import pinned, policy_in_force
from assays.grading.rules import POLICY_TRANSITIONS, PolicyState, Weighting, When
from lims.accounts.models import Organisation, User
from lims.errors import conflict, invalid, not_permitted
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from lims.work.services import request
from samples.registry.arguments import one_of, person_of, said
from samples.registry.models import Batch, Sample
from samples.registry.rules import MaterialType

DECIDE, EVALUATE, WHAT_IF = "assays.decide_batch", "assays.evaluate_run", "assays.what_if"


@verb
def make_policy(
    *,
    actor: Actor,
    owner: Organisation,
    name: str,
    material_type: str,
    basis: str,
    criteria: Sequence[Mapping[str, Any]],
    rationale: str,
    alpha: Decimal = Decimal("0.05"),
    alpha_reject: Decimal = Decimal("0.01"),
    weighting: str = Weighting.EQUAL,
    prior_relative: Decimal | None = None,
    prior_df: int | None = None,
    repeatability: Decimal | None = None,
    priors: Sequence[Mapping[str, Any]] = (),
    biases: Sequence[Mapping[str, Any]] = (),
) -> Policy:
    """Make a draft of a policy: a new name is version 1, a known one the next version.

    `criteria` are as METHODS.md section 4 has them. A share of TREO needs a grade floor on TREO beside it. Raises
    `Invalid` ("share-without-floor", and what the estimator finds wrong with the criteria).
    """
    permit(actor, "grading.manage", owner)
    shares = any(one.get("metric") == "share" for one in criteria)
    floor = any(one.get("metric") == "grade" and one.get("analyte") == "TREO" for one in criteria)
    if shares and not floor:
        raise invalid(
            "share-without-floor",
            "A share of TREO alone would flag a precipitate with almost no rare earths.",
            "Add a grade of TREO that the batch must reach as well.",
            field="criteria",
        )
    called = said(name, field="name", most=100)
    policy = Policy(
        owner=owner,
        name=called,
        version=1 + (_versions(owner, called) or 0),
        material_type=one_of(MaterialType, material_type, field="material_type"),
        basis=one_of(Basis, basis, field="basis"),
        criteria=[dict(one) for one in criteria],
        alpha=alpha,
        alpha_reject=alpha_reject,
        weighting=one_of(Weighting, weighting, field="weighting"),
        prior_relative=prior_relative,
        prior_df=prior_df,
        repeatability=repeatability,
        priors=[dict(one) for one in priors],
        biases=[dict(one) for one in biases],
        rationale=said(rationale, field="rationale", most=2000),
        made_by=person_of(actor),
    )
    # What decides later reads it now, with one sample that decides nothing: a criterion that it refuses is refused here.
    read_case({"policy": policy_case(policy), "samples": []})
    policy.save(force_insert=True)
    return policy


def _versions(owner: Organisation, name: str) -> int | None:
    found = Policy.objects.filter(owner=owner, name__iexact=name)
    newest: int | None = found.aggregate(newest=Max("version"))["newest"]
    return newest


@verb
def put_in_force(*, actor: Actor, policy: Policy) -> Policy:
    """Let a draft decide the batches that are received from now on; the one in force for the material type retires.

    Batches that were received under another version stay with that. Raises `Conflict` ("transition-refused").
    """
    permit(actor, "grading.manage", policy)
    # The owner first: two drafts put in force at once wait for each other here.
    Organisation.objects.select_for_update(no_key=True).get(pk=policy.owner_id)
    held = Policy.objects.select_for_update().get(pk=policy.pk)
    check_transition(POLICY_TRANSITIONS, PolicyState(held.state), PolicyState.IN_FORCE)
    now = timezone.now()
    before = Policy.objects.select_for_update().filter(
        owner=held.owner_id, material_type=held.material_type, state=PolicyState.IN_FORCE
    )
    for old in before:
        old.state, old.retired_at = PolicyState.RETIRED, now
        old.save(update_fields=["state", "retired_at"])
    held.state, held.in_force_at = PolicyState.IN_FORCE, now
    held.save(update_fields=["state", "in_force_at"])
    for batch in Batch.objects.filter(owner=held.owner_id, material_type=held.material_type).values_list(
        "pk", flat=True
    ):
        request(DECIDE, key=batch, sweep=True)
    return held


@verb
def retire_policy(*, actor: Actor, policy: Policy) -> Policy:
    """End a policy without another one in its place: batches received from now on have none.

    Raises `Conflict` ("transition-refused").
    """
    permit(actor, "grading.manage", policy)
    held = Policy.objects.select_for_update().get(pk=policy.pk)
    check_transition(POLICY_TRANSITIONS, PolicyState(held.state), PolicyState.RETIRED)
    held.state, held.retired_at = PolicyState.RETIRED, timezone.now()
    held.save(update_fields=["state", "retired_at"])
    return held


@verb
def pin_policy(*, actor: Actor, batch: Batch) -> PinnedPolicy | None:
    """Pin the policy in force to a batch at its first receipt; None when there is none, or it has one already."""
    permit(actor, "grading.manage", batch)
    held = Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)
    policy = policy_in_force(held)
    if policy is None or pinned(held) is not None:
        return None
    made = PinnedPolicy.objects.create(batch=held, policy=policy, at_receipt=True)
    _decide_again(held)
    return made


@verb
def agree_policy(*, actor: Actor, batch: Batch, policy: Policy, reason: str) -> PinnedPolicy:
    """Let a batch be judged by another policy than the one pinned at its receipt; the reason is printed on the report.

    Raises `Invalid` ("policy-of-another") or `Conflict` ("policy-not-in-force", "policy-agreed-already").
    """
    permit(actor, "grading.manage", batch)
    held = Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)
    policy = Policy.objects.get(pk=policy.pk)
    if policy.owner_id != held.owner_id or policy.material_type != held.material_type:
        raise invalid(
            "policy-of-another",
            f"{policy} is for another owner or material type.",
            "Choose one for this batch's material.",
            field="policy",
        )
    if policy.state == PolicyState.DRAFT:
        raise conflict(
            "policy-not-in-force", f"{policy} is a draft.", "Put it in force first.", field="policy"
        )
    standing = pinned(held)
    if standing is not None and standing.policy_id == policy.pk and not standing.at_receipt:
        raise conflict("policy-agreed-already", f"{held} is judged by {policy} already.", field="policy")
    made = PinnedPolicy.objects.create(
        batch=held,
        policy=policy,
        at_receipt=False,
        reason=said(reason, field="reason", most=1000),
        agreed_by=person_of(actor),
    )
    _decide_again(held)
    return made


@verb
def ask_what_if(*, actor: Actor, policy: Policy) -> None:
    """Have a worker compute what a policy would say of every batch that is decided; nothing of it is recorded."""
    permit(actor, "grading.read", policy)
    request(WHAT_IF, key=policy.pk, sweep=True)


def _decide_again(batch: Batch) -> None:
    """Have the runs of a batch judged by the new thresholds, and the batch by them."""
    runs = batch.samples.filter(run_items__isnull=False).values_list("run_items__run", flat=True)
    for run in sorted(set(runs)):
        request(EVALUATE, key=run)
    request(DECIDE, key=batch.pk)


@verb
def exclude_sample(*, actor: Actor, sample: Sample, reason: str) -> Exclusion:
    """Leave a sample out of its batch's decision. Once its results are visible, a second person must agree.

    Whether that is so is looked up, not asked. Raises `Conflict` ("already-recorded").
    """
    permit(actor, "grading.manage", sample)
    assert isinstance(actor, User)
    Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=sample.batch_id)
    when = When.AFTER if sample.pk in reported_samples(sample.batch_id) else When.BEFORE
    made = Exclusion.objects.create(
        sample=sample, when=when, reason=said(reason, field="reason", most=1000), excluded_by=actor
    )
    request(DECIDE, key=sample.batch_id)
    return made


@verb
def agree_exclusion(*, actor: Actor, exclusion: Exclusion) -> Exclusion:
    """Agree, as a second person, that a sample is left out although its results were visible.

    Raises `NotPermitted` ("second-person") or `Conflict` ("exclusion-agreed").
    """
    permit(actor, "grading.manage", exclusion)
    assert isinstance(actor, User)
    held = Exclusion.objects.select_for_update(of=("self",)).select_related("sample").get(pk=exclusion.pk)
    if held.excluded_by_id == actor.pk:
        raise not_permitted("second-person", "You left it out yourself.", "A second person agrees.")
    if held.second_by_id is not None:
        raise conflict("exclusion-agreed", "A second person has agreed before.")
    held.second_by, held.second_at = actor, timezone.now()
    held.save(update_fields=["second_by", "second_at"])
    request(DECIDE, key=held.sample.batch_id)
    return held
