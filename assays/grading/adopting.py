"""The verb by which a person adopts what our own data propose: as the next version of a policy, a draft."""

from collections.abc import Collection
from datetime import date

from django.utils import timezone

from assays.grading import permissions  # noqa: F401  # permissions register by name
from assays.grading.models import Policy
from assays.grading.proposals import bias_proposals, prior_proposals
from assays.grading.services import make_policy
from lims.accounts.models import User
from lims.errors import invalid
from lims.permits import permit
from lims.verbs import Actor, verb


@verb
def adopt_evidence(
    *,
    actor: Actor,
    policy: Policy,
    biases: Collection[str] = (),
    priors: Collection[str] = (),
    review_on: date,
    rationale: str,
) -> Policy:
    """Make the next version of a policy, a draft, with the b of methods and the spreads of deposits that are chosen.

    `biases` are keys of `bias_proposals`, `priors` ids of mines of `prior_proposals`; the numbers are computed here,
    never taken from whoever asks. What the policy had adopted for other methods and deposits stays. Raises `Invalid`
    ("nothing-chosen", "proposal-gone", "one-material-each", "review-date-past").
    """
    permit(actor, "grading.manage", policy)
    assert isinstance(actor, User)
    if not biases and not priors:
        raise invalid("nothing-chosen", "Nothing is chosen.", "Choose what the policy is to adopt.")
    if review_on <= timezone.localdate():
        raise invalid(
            "review-date-past",
            "The day of review is not in the future.",
            "Name a later day.",
            field="review_on",
        )
    offered = {one.key: one for one in bias_proposals(actor, policy)}
    spreads = {str(one.mine): one for one in prior_proposals(policy)}
    if not set(biases) <= set(offered) or not set(priors) <= set(spreads):
        raise invalid(
            "proposal-gone", "Something that was chosen is not proposed any longer.", "Look at it anew."
        )
    chosen = {}
    for one in (offered[key] for key in sorted(set(biases))):
        if (str(one.method), one.analyte) in chosen:
            raise invalid(
                "one-material-each",
                f"{one.analyte} by {one.code} is chosen from two materials.",
                "Choose one material for each method and analyte.",
                field="biases",
            )
        chosen[str(one.method), one.analyte] = one.adopted(review_on)
    kept = [one for one in policy.biases if (one["method"], one["analyte"]) not in chosen]
    stays = [one for one in policy.priors if one["mine"] not in set(priors)]
    return make_policy(
        actor=actor,
        owner=policy.owner,
        name=policy.name,
        material_type=policy.material_type,
        basis=policy.basis,
        criteria=policy.criteria,
        alpha=policy.alpha,
        alpha_reject=policy.alpha_reject,
        weighting=policy.weighting,
        prior_relative=policy.prior_relative,
        prior_df=policy.prior_df,
        repeatability=policy.repeatability,
        biases=[*kept, *chosen.values()],
        priors=[*stays, *(spreads[mine].adopted(review_on) for mine in sorted(set(priors)))],
        rationale=rationale,
    )
