"""Who says what a laboratory means by its cells, as a predicate registered by name."""

from typing import Any

import rules

from assays.catalogue.permissions import keeps_catalogue
from assays.certificates.permissions import can_log


@rules.predicate
def keeps_profiles(user: Any, target: Any = None) -> bool:
    """Return whether the person keeps profiles of a laboratory: its technicians, and whoever keeps its part of the catalogue.

    A laboratory without people of its own here is read by everybody's technicians: any of them may say what it means.
    """
    if can_log(user, target) or keeps_catalogue(user, target):
        return True
    return target is not None and can_log(user) and not target.memberships.exists()


rules.add_perm("certificates.profile", keeps_profiles)
