"""Due work: requests, and claims on them."""

from django.db import models


class Request(models.Model):
    """Somebody wants (kind, key) looked at."""

    id = models.BigAutoField(primary_key=True)


class Claim(models.Model):
    """A worker is on (kind, key)."""

    id = models.BigAutoField(primary_key=True)
