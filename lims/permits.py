"""The first step of every verb: may this actor do this?"""

import rules

from lims.errors import not_permitted
from lims.verbs import Actor, SystemActor


def permit(actor: Actor, permission: str, target: object = None) -> None:
    """Raise `NotPermitted` ("not-permitted") unless `actor` holds `permission` (on `target`).

    Named parts of the system act on behalf of nobody: whoever caused them to act was asked already.

    >>> permit(SystemActor("beat"), "accounts.administer")
    """
    if isinstance(actor, SystemActor):
        return
    if not rules.has_perm(permission, actor, target):
        raise not_permitted(
            "not-permitted",
            "Your role does not allow this.",
            f"Ask an administrator for “{permission}” if you need it.",
        )
