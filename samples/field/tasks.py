"""Housekeeping of the field application, started by beat."""

from typing import Final

from lims.work.handlers import Held, handler, periodic
from samples.field.uploads import purge_parts

PURGE: Final = "field.purge_parts"


@handler(PURGE, queue="default", lease_s=300)
def purge(claim: Held) -> None:
    """Remove photographs that came in parts and that nobody took up within a month."""
    with claim.last_transaction():
        purge_parts(actor=claim.actor)


periodic(PURGE, every_s=6 * 3600)
