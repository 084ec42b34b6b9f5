"""The Celery application: what executes due work. See lims/work for what is due and why."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("lims")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery looks for `tasks` only beside an app; ours live in feature packages, so they are named.
app.autodiscover_tasks(
    [
        "lims.work",
        "lims.ledger",
        "lims.api",
        "samples.custody",
        "samples.field",
        "samples.registry",
        "assays.certificates",
        "assays.grading",
        "assays.reports",
    ]
)


@setup_logging.connect
def keep_logging(**_: Any) -> None:
    """Leave the logs as the settings have them: Celery sets up its own only when nobody listens here."""


@app.on_after_finalize.connect
def schedule(sender: Celery, **_: Any) -> None:
    """Tell beat what to send. Each message expires before the next one comes, so a pause does not pile them up."""
    from lims.work import heartbeat, rules, tasks  # noqa: PLC0415  # needs Django's apps, which Celery loads first
    from lims.work.handlers import PERIODIC  # noqa: PLC0415

    sender.add_periodic_task(rules.ROUND_S, tasks.go_round.s(), name="round", expires=rules.ROUND_S)
    sender.add_periodic_task(heartbeat.EVERY_S, tasks.beat.s(), name="heartbeat", expires=heartbeat.EVERY_S)
    for work in PERIODIC:
        asked = tasks.ask.s(work.kind, work.key)
        sender.add_periodic_task(work.every_s, asked, name=f"{work.kind} {work.key}", expires=work.every_s)
    keys = sender.signature("lims.api.purge_idempotency_keys")
    sender.add_periodic_task(
        crontab(hour="2", minute="17"), keys, name="purge idempotency keys", expires=3600
    )
