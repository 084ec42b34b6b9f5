"""The Celery application: what executes due work. See lims/work for what is due and why."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("lims")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery looks for `tasks` only beside an app; ours live in feature packages, so they are named.
app.autodiscover_tasks(["lims.work", "lims.ledger", "lims.api", "samples.registry"])
