"""Due work of the record: sealing every few seconds, verifying every day."""

from typing import Final

import structlog

from lims.ledger import queries, services
from lims.ledger.rules import LAG_ALARM_S, SEAL, VERIFY
from lims.ledger.verify import verify
from lims.work.handlers import Held, handler, periodic

log = structlog.get_logger(__name__)

_SEAL_EVERY_S: Final = 5
_VERIFY_EVERY_S: Final = 24 * 3600


@handler(SEAL)
def seal(claim: Held) -> None:
    """Seal what can be sealed; warn when writers hold the seals back for long."""
    with claim.last_transaction():
        services.seal(actor=claim.actor)
    lag_s = queries.seal_lag_s()
    if lag_s > LAG_ALARM_S:
        log.warning("seal-lag", lag_s=round(lag_s), limit_s=LAG_ALARM_S, remedy="look for a long transaction")


@handler(VERIFY, lease_s=600)
def verify_record(claim: Held) -> None:
    """Verify the whole record and keep what was found."""
    report = verify()
    if not report.ok:
        log.error("record-broken", first=report.findings[0].as_dict(), findings=len(report.findings))
    with claim.last_transaction():
        services.keep_verification(actor=claim.actor, report=report)


periodic(SEAL, every_s=_SEAL_EVERY_S)
periodic(VERIFY, every_s=_VERIFY_EVERY_S)
