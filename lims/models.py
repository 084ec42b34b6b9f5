"""Every model of this app, for Django, which looks nowhere else."""

from lims.accounts.models import HandOverCode, Invitation, Membership, Organisation, User
from lims.api.models import IdempotencyKey
from lims.ledger.models import Entry, Era, Seal, Shape, Verification
from lims.web.models import Notice
from lims.work.models import Claim, Request

__all__ = [
    "Claim",
    "Entry",
    "Era",
    "HandOverCode",
    "IdempotencyKey",
    "Invitation",
    "Membership",
    "Notice",
    "Organisation",
    "Request",
    "Seal",
    "Shape",
    "User",
    "Verification",
]
