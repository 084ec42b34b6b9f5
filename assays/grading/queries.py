"""Reads of policies and decisions."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from assays.grading.models import Decision, PinnedPolicy, Policy
from assays.grading.rules import PolicyState
from lims.accounts.models import User
from lims.accounts.rules import OrganisationKind
from samples.registry.models import Batch


def policies(user: User) -> QuerySet[Policy]:
    """Return the policies that the person may see: those in force first, then by name and version."""
    rows = Policy.objects.visible_to(user).select_related("owner", "made_by")
    return rows.order_by("owner__name", "material_type", "name", "-version")


def policy_in_force(batch: Batch) -> Policy | None:
    """Return the policy of the batch's owner that is in force for its material type."""
    return Policy.objects.filter(
        owner=batch.owner_id, material_type=batch.material_type, state=PolicyState.IN_FORCE
    ).first()


def pinned(batch: Batch | UUID) -> PinnedPolicy | None:
    """Return what a batch is judged by: the newest of its pins."""
    return PinnedPolicy.objects.filter(batch=batch).select_related("policy__owner").order_by("-id").first()


def latest_decision(batch: Batch | UUID) -> Decision | None:
    """Return the decision that stands for a batch."""
    return Decision.objects.filter(batch=batch).select_related("policy").order_by("-number").first()


def decisions_of(batch: Batch | UUID) -> QuerySet[Decision]:
    """Return every decision on a batch, the newest first."""
    return Decision.objects.filter(batch=batch).select_related("policy", "report").order_by("-number")


def standing_decisions(user: User) -> QuerySet[Decision]:
    """Return the decision that stands for each batch whose decisions the person may see; ordered by batch."""
    newest = Decision.objects.visible_to(user).order_by("batch", "-number").distinct("batch").values("pk")
    return Decision.objects.filter(pk__in=newest).select_related("batch__owner", "batch__mine", "policy")


def with_decisions(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Return batches with all their decisions, the newest first, in one more query."""
    return batches.prefetch_related(Prefetch("decisions", Decision.objects.order_by("-number")))


def decisions_for(user: User) -> QuerySet[Decision]:
    """Return every decision that the person may read, with batch and policy."""
    return Decision.objects.visible_to(user).select_related("batch", "policy")


def batches_read_by(user: User) -> QuerySet[Batch]:
    """Return the batches whose decisions the person may read."""
    owners = [m.organisation_id for m in user.roles if m.organisation.kind == OrganisationKind.SPONSOR]
    return Batch.objects.all() if user.oversees else Batch.objects.filter(owner__in=owners)
