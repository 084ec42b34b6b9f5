"""Who lets results count although QC says otherwise, as a predicate registered by name."""

from typing import Any

import rules

from assays.quality.models import QcOverride
from assays.runs.models import Run
from assays.runs.permissions import holds
from lims.accounts.rules import OrganisationKind, Role


@rules.predicate
def can_override(user: Any, target: Any = None) -> bool:
    """Return whether the person overrides QC: reviewers and managers of the laboratory that keeps the run."""
    run = target.run if isinstance(target, QcOverride) else target
    keeper = run.kept_by_id if isinstance(run, Run) else None
    roles = (Role.REVIEWER, Role.MANAGER)
    return holds(user, *roles, kind=OrganisationKind.LABORATORY, organisation_id=keeper)


rules.add_perm("quality.override", can_override)
