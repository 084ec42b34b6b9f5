"""Due work of custody: looking for what is late on the road."""

from typing import Final

from django.utils import timezone

from lims.work.handlers import Held, handler, periodic
from samples.custody.routes.legs import note_overdue, overdue_consignments

WATCH: Final = "custody.watch_legs"


@handler(WATCH, queue="default", lease_s=120)
def watch_legs(claim: Held) -> None:
    """Open incidents for legs that are overdue beyond their grace, each once."""
    now = timezone.now()
    for consignment in overdue_consignments(now):
        note_overdue(actor=claim.actor, consignment=consignment, at=now)
    with claim.last_transaction():
        pass


periodic(WATCH, every_s=60)
