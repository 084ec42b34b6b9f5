"""The Django app from the laboratory's door to the decision."""

from django.apps import AppConfig


class AssaysConfig(AppConfig):
    """Catalogue, runs, certificates, quality, grading, reports: the floors above samples."""

    name = "assays"
    verbose_name = "Assays"
