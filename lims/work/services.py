"""Asking for work, and asking again for work that failed."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models.functions import Now
from django.db.transaction import TransactionManagementError

from lims.errors import NotFound, Place, Problem
from lims.permits import permit
from lims.verbs import Actor, request_id, verb
from lims.work import messages
from lims.work.models import Claim, Request


@dataclass(frozen=True, slots=True)
class _Look:
    """Sends one message when the transaction has committed; equal ones are registered once."""

    kind: str
    key: str
    sweep: bool

    def __call__(self) -> None:
        messages.send(self.kind, self.key, sweep=self.sweep)


def request(kind: str, *, key: object, sweep: bool = False) -> None:
    """Make (kind, key) due in the current transaction: a worker does it soon after the commit, however many ask.

    `sweep` marks one of very many keys, which must not hold up others. Only inserts, so it waits for nobody.
    Raises `TransactionManagementError` outside a transaction: the change and the request must commit together.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            f"request({kind!r}) outside a transaction: call it inside the verb that changes things"
        )
    Request.objects.create(kind=kind, key=str(key), sweep=sweep, request_id=request_id.get())
    look = _Look(kind, str(key), sweep)
    # Django drops the callbacks of a savepoint that is rolled back, so whatever is registered still stands.
    if all(registered[1] != look for registered in connection.run_on_commit):
        transaction.on_commit(look, robust=True)


@verb
def retry(*, actor: Actor, kind: str, key: str) -> None:
    """Make a failed (kind, key) due now. Raises `NotFound` ("work-not-failed") when it has not failed."""
    permit(actor, "work.operate")
    changed = Claim.objects.filter(kind=kind, key=key, retry_at__isnull=False).update(retry_at=Now())
    if not changed:
        raise NotFound(
            Problem(
                "work-not-failed",
                f"{kind} {key} is not waiting to be tried again.",
                "Look again: it may be done.",
                Place(),
            )
        )
    look = _Look(kind, key, sweep=False)
    transaction.on_commit(look, robust=True)


@verb
def retry_all(*, actor: Actor) -> int:
    """Make everything that failed due now and return how many; beat sends them on."""
    permit(actor, "work.operate")
    return Claim.objects.filter(retry_at__gt=Now()).update(retry_at=Now())
