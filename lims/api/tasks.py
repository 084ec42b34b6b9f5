"""Housekeeping of the API, started by beat."""

from celery import shared_task

from lims.api.idempotency import purge_old_keys
from lims.verbs import SystemActor


@shared_task(name="lims.api.purge_idempotency_keys")
def purge_idempotency_keys() -> None:
    """Delete idempotency keys that nobody will send again."""
    purge_old_keys(actor=SystemActor("housekeeping"))
