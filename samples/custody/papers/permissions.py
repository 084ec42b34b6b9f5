"""Who reads the register of documents and forms: those who pack for an owner, and those who oversee."""

from typing import Any

import rules

from lims.accounts.models import User
from samples.custody.permissions import can_pack


@rules.predicate
def can_read_documents(user: Any) -> bool:
    """Return whether the person reads an owner's documents: a carrier and a laboratory see those of a consignment there."""
    return bool(can_pack(user)) or (isinstance(user, User) and user.is_active and user.oversees)


rules.add_perm("custody.documents", can_read_documents)
