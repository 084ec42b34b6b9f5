"""The record's own tables: entries, eras and seals. Written by the database's triggers and the sealer only."""

from django.db import models


class Era(models.Model):
    """One life of the database: a restore starts a new one, because transaction ids start again."""

    id = models.BigAutoField(primary_key=True)


class Entry(models.Model):
    """One changed row."""

    id = models.BigAutoField(primary_key=True)


class Seal(models.Model):
    """One link of the chain over entries."""

    id = models.BigAutoField(primary_key=True)
