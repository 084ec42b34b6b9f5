"""Who reads certificates and who logs them, as predicates registered by name."""

from typing import Any

import rules

from assays.certificates.models import Certificate, Upload
from assays.runs.models import Run
from assays.runs.permissions import holds
from lims.accounts.models import Organisation
from lims.accounts.permissions import is_member
from lims.accounts.rules import OrganisationKind, Role


@rules.predicate
def can_log(user: Any, target: Any = None) -> bool:
    """Return whether the person brings certificates in: technicians of the laboratory that keeps them."""
    keeper = None
    if isinstance(target, Upload | Run):
        keeper = target.kept_by_id
    elif isinstance(target, Certificate):
        keeper = target.run.kept_by_id
    elif isinstance(target, Organisation):
        keeper = target.pk
    return holds(user, Role.TECHNICIAN, kind=OrganisationKind.LABORATORY, organisation_id=keeper)


@rules.predicate
def can_watch(user: Any, target: Any = None) -> bool:
    """Return whether the person sees uploads on their way: everybody of the laboratory that keeps them."""
    keeper = target.kept_by_id if isinstance(target, Upload) else None
    roles = (Role.TECHNICIAN, Role.REVIEWER, Role.RECEPTIONIST, Role.MANAGER)
    return holds(user, *roles, kind=OrganisationKind.LABORATORY, organisation_id=keeper)


rules.add_perm("certificates.read", is_member)
rules.add_perm("certificates.watch", can_watch)
rules.add_perm("certificates.log", can_log)
