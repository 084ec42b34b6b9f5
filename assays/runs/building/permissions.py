"""Who sets how much QC a laboratory places, as a predicate registered by name."""

from typing import Any

import rules

from assays.runs.permissions import holds
from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind, Role


@rules.predicate
def can_set_rates(user: Any, target: Any = None) -> bool:
    """Return whether the person sets the QC rule: managers of the laboratory."""
    where = target.pk if isinstance(target, Organisation) else None
    return holds(user, Role.MANAGER, kind=OrganisationKind.LABORATORY, organisation_id=where)


rules.add_perm("runs.set_rates", can_set_rates)
