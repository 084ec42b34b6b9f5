"""Columns that many tables of custody have."""

from typing import Any

from django.conf import settings
from django.db import models

from samples.registry.batch_models import known

__all__ = ["by", "known"]


def by() -> Any:
    """Return a column for the person who did something; empty for a part of the system."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
