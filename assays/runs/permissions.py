"""Who sees, requests and reviews runs, as predicates registered by name."""

from typing import Any

import rules

from assays.runs.models import Run
from lims.accounts.models import Organisation, User
from lims.accounts.permissions import is_member
from lims.accounts.rules import OrganisationKind, Role
from samples.registry.models import Batch, Sample


def holds(user: Any, *roles: Role, kind: OrganisationKind, organisation_id: Any = None) -> bool:
    """Return whether the person has one of `roles` in an organisation of `kind` (in this one, if one is given)."""
    return (
        isinstance(user, User)
        and user.is_active
        and any(
            m.role in roles
            and m.organisation.kind == kind
            and (organisation_id is None or m.organisation_id == organisation_id)
            for m in user.roles
        )
    )


@rules.predicate
def can_review(user: Any, target: Any = None) -> bool:
    """Return whether the person reviews the runs of the laboratory that keeps them."""
    keeper = target.kept_by_id if isinstance(target, Run) else None
    return holds(user, Role.REVIEWER, kind=OrganisationKind.LABORATORY, organisation_id=keeper)


@rules.predicate
def works_at_bench(user: Any, target: Any = None) -> bool:
    """Return whether runs are the person's daily work: technicians, reviewers and managers of the laboratory."""
    roles = (Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER)
    where = target.kept_by_id if isinstance(target, Run) else None
    if isinstance(target, Organisation):
        where = target.pk
    return holds(user, *roles, kind=OrganisationKind.LABORATORY, organisation_id=where)


@rules.predicate
def can_request(user: Any, target: Any = None) -> bool:
    """Return whether the person asks laboratories for analyses: the owner's managers and coordinators."""
    owner = target.owner_id if isinstance(target, Batch) else None
    roles = (Role.MANAGER, Role.FIELD_COORDINATOR)
    return holds(user, *roles, kind=OrganisationKind.SPONSOR, organisation_id=owner)


@rules.predicate
def can_weigh(user: Any, target: Any = None) -> bool:
    """Return whether the person records measurements on a sample: technicians of a laboratory that tests its batch."""
    if not holds(user, Role.TECHNICIAN, kind=OrganisationKind.LABORATORY):
        return False
    return not isinstance(target, Sample) or Sample.objects.visible_to(user).filter(pk=target.pk).exists()


rules.add_perm("runs.read", is_member)
rules.add_perm("runs.review", can_review)
rules.add_perm("runs.bench", works_at_bench)
rules.add_perm("runs.request", can_request)
rules.add_perm("runs.weigh", can_weigh)
