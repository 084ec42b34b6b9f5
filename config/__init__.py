"""How the house is put together: settings, urls, Celery, the servers of a trial."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
