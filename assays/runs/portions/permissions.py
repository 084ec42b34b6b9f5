"""Who handles portions, and who says how long they are kept, as predicates registered by name."""

from typing import Any

import rules

from assays.runs.models import Portion, RetentionRule, StorePlace
from assays.runs.permissions import holds
from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind, Role


def laboratory_of(target: Any) -> Any:
    """Return the id of the laboratory that a thing is in; None for nothing in particular."""
    if isinstance(target, Portion | StorePlace | RetentionRule):
        return target.laboratory_id
    return target.pk if isinstance(target, Organisation) else None


@rules.predicate
def can_handle(user: Any, target: Any = None) -> bool:
    """Return whether the person splits, stores and gives away portions: technicians of the laboratory that has them."""
    where = laboratory_of(target)
    return holds(user, Role.TECHNICIAN, kind=OrganisationKind.LABORATORY, organisation_id=where)


@rules.predicate
def can_keep(user: Any, target: Any = None) -> bool:
    """Return whether the person says how long portions are kept: managers of the laboratory."""
    where = laboratory_of(target)
    return holds(user, Role.MANAGER, kind=OrganisationKind.LABORATORY, organisation_id=where)


rules.add_perm("portions.handle", can_handle)
rules.add_perm("portions.keep", can_keep)
