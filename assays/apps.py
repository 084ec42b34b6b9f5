"""The Django app from the laboratory's door to the decision."""

from django.apps import AppConfig


class AssaysConfig(AppConfig):
    """Catalogue, runs, certificates, quality, grading, reports: the floors above samples."""

    name = "assays"
    verbose_name = "Assays"

    def ready(self) -> None:
        """Register who may do what, by name, and what workers do."""
        from assays.catalogue import permissions as catalogue  # noqa: F401, PLC0415
        from assays.certificates import tasks as certificates  # noqa: F401, PLC0415
        from assays.grading import aims  # noqa: F401, PLC0415
        from assays.grading import tasks as grading  # noqa: F401, PLC0415
        from assays.reports import permissions as reports  # noqa: F401, PLC0415
        from assays.reports import tasks  # noqa: F401, PLC0415
