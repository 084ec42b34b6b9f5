"""Handlers of work that only tests know; their effect is a row in a table that only tests have."""

import os
import signal
import time

from django.db import connection

from lims.verbs import acting
from lims.work.handlers import KINDS, Held, handler


def effect(kind: str, key: str) -> None:
    """Leave a trace of having done the work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO test_effect (kind, key, pid) VALUES (%s, %s, %s)", [kind, key, os.getpid()]
        )


def register() -> None:
    """Register the test kinds once per process."""
    if "test.mark" in KINDS:
        return

    @handler("test.mark")
    def mark(held: Held) -> None:
        with held.last_transaction():
            effect(held.kind, held.key)

    @handler("test.slow")
    def slow(held: Held) -> None:
        """Take as many seconds as the key's first part says."""
        time.sleep(float(held.key.split(":")[0]))
        with held.last_transaction():
            effect(held.kind, held.key)

    @handler("test.die")
    def die(held: Held) -> None:
        """Die as kill -9 would have it at the first attempt, and work at the second."""
        if held.attempts == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        with held.last_transaction():
            effect(held.kind, held.key)

    @handler("test.record")
    def record(held: Held) -> None:
        """Write to a recorded table, in the name of this kind of work."""
        from lims.accounts.models import Organisation  # noqa: PLC0415  # Celery reads this file before Django is set up

        with held.last_transaction(), acting(held.actor, verb_name="record"):
            Organisation.objects.create(
                name=f"Organisation {held.key}", code=held.key.upper(), kind="SPONSOR"
            )

    @handler("test.fail")
    def fail(held: Held) -> None:
        with held.last_transaction():
            effect(held.kind, held.key)
            raise ValueError("the balance is not level")


register()
