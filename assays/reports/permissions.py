"""Who reads reports (whoever reads decisions) and whose home is the dashboard (managers, and those who oversee)."""

from typing import Any

import rules

from assays.grading.permissions import can_read
from assays.runs.permissions import holds
from lims.accounts.models import User
from lims.accounts.rules import OrganisationKind, Role


@rules.predicate
def can_see_dashboard(user: Any, _target: Any = None) -> bool:
    """Return whether the person decides on batches, or oversees those who do."""
    if isinstance(user, User) and user.is_active and user.oversees:
        return True
    return holds(user, Role.MANAGER, kind=OrganisationKind.SPONSOR)


rules.add_perm("reports.read", can_read)
rules.add_perm("reports.dashboard", can_see_dashboard)
