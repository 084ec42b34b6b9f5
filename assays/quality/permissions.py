"""Who lets results count, looks into failures and keeps histories, as predicates registered by name."""

from typing import Any

import rules

from assays.quality.models import QcOverride
from assays.runs.models import Run
from assays.runs.permissions import holds
from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind, Role


@rules.predicate
def can_override(user: Any, target: Any = None) -> bool:
    """Return whether the person overrides QC: reviewers and managers of the laboratory that keeps the run."""
    run = target.run if isinstance(target, QcOverride) else target
    keeper = run.kept_by_id if isinstance(run, Run) else None
    roles = (Role.REVIEWER, Role.MANAGER)
    return holds(user, *roles, kind=OrganisationKind.LABORATORY, organisation_id=keeper)


@rules.predicate
def can_investigate(user: Any, target: Any = None) -> bool:
    """Return whether the person looks into failures: technicians, reviewers, managers of the run's laboratory."""
    keeper = target.kept_by_id if isinstance(target, Run) else None
    roles = (Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER)
    return holds(user, *roles, kind=OrganisationKind.LABORATORY, organisation_id=keeper)


@rules.predicate
def can_keep_history(user: Any, target: Any = None) -> bool:
    """Return whether the person brings in QC of the past: reviewers and managers of the laboratory that keeps it."""
    keeper = target.pk if isinstance(target, Organisation) else None
    roles = (Role.REVIEWER, Role.MANAGER)
    return holds(user, *roles, kind=OrganisationKind.LABORATORY, organisation_id=keeper)


rules.add_perm("quality.override", can_override)
rules.add_perm("quality.investigate", can_investigate)
rules.add_perm("quality.keep_history", can_keep_history)
