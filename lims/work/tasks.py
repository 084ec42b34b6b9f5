"""What Celery runs: the look at one key, beat's round over what is due, the heartbeat."""

from celery import shared_task
from django.db import transaction

from lims.work import claims, heartbeat, messages, runner
from lims.work.models import Request
from lims.work.rules import MOST_PER_ROUND, STALE_AFTER_S
from lims.work.services import request


@shared_task(name=messages.LOOK)
def look(kind: str, key: str) -> None:
    """Do one key of due work."""
    runner.look(kind, key)


@shared_task(name="lims.work.round")
def go_round() -> int:
    """Send what is due again; return how many. Messages of a slow hour expire, so the queue does not flood."""
    due = claims.due(most=MOST_PER_ROUND)
    return sum(messages.send(kind, key, sweep=sweep, expires_s=STALE_AFTER_S) for kind, key, sweep in due)


@shared_task(name="lims.work.ask")
def ask(kind: str, key: str) -> None:
    """Make periodic work due, unless it is already."""
    if not Request.objects.filter(kind=kind, key=key).exists():
        with transaction.atomic():
            request(kind, key=key)


@shared_task(name="lims.work.heartbeat")
def beat() -> None:
    """Write the heartbeat."""
    heartbeat.beat()
