"""Due work of the registry: reading lists and registering their rows."""

from django.utils import timezone

from lims import files
from lims.errors import DomainError
from lims.work import progress
from lims.work.handlers import Held, handler
from samples.registry.list_services import (
    COMMIT,
    READ,
    keep_reading,
    refuse_list,
    register_list,
    return_list,
)
from samples.registry.models import SampleList
from samples.registry.readers import read_samples
from samples.registry.rules import ListState
from samples.registry.tables import read_table


def _waiting(claim: Held, state: ListState) -> SampleList | None:
    """Return the list of this claim, if it still waits for this work."""
    known = SampleList.objects.select_related("batch__owner", "committed_by")
    return known.filter(pk=claim.key, state=state).first()


@handler(READ, queue="import", lease_s=120)
def read_list(claim: Held) -> None:
    """Read a list's file and show it as a preview, or say why it cannot be read."""
    found = _waiting(claim, ListState.WAITING)
    if found is None:
        return
    progress.tell(READ, claim.key, done=0, total=1, doing="Reading the file")
    try:
        table = read_table(files.get(found.sha256), name=found.file_name)
        rows = read_samples(table, now=timezone.now())
    except DomainError as error:
        with claim.last_transaction():
            refuse_list(actor=claim.actor, sample_list=found, problems=error.problems)
        return
    progress.tell(READ, claim.key, done=len(rows), total=len(rows), doing="Comparing with the record")
    with claim.last_transaction():
        keep_reading(actor=claim.actor, sample_list=found, table=table, rows=rows)


@handler(COMMIT, queue="import", lease_s=300)
def commit_list(claim: Held) -> None:
    """Register the good rows in the name of whoever committed the list, or go back to the preview."""
    found = _waiting(claim, ListState.COMMITTING)
    if found is None or found.committed_by is None:
        return

    def tell(done: int, total: int) -> None:
        progress.tell(COMMIT, claim.key, done=done, total=total, doing="Registering samples")

    try:
        with claim.last_transaction():
            register_list(actor=found.committed_by, sample_list=found, tell=tell)
    except DomainError as error:
        # Nothing of the rows stands: the transaction above was rolled back, and the claim is still ours.
        with claim.last_transaction():
            return_list(actor=claim.actor, sample_list=found, problems=error.problems)
