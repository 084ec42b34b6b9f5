"""The Django app from the mine to the laboratory's door."""

from django.apps import AppConfig


class SamplesConfig(AppConfig):
    """Mines, batches, samples, their custody on the road, and the field application."""

    name = "samples"
    verbose_name = "Samples"

    def ready(self) -> None:
        """Register who may do what, by name, and what workers do."""
        from samples.custody import permissions as custody  # noqa: F401, PLC0415
        from samples.custody import tasks as custody_tasks  # noqa: F401, PLC0415
        from samples.custody.papers import permissions as papers  # noqa: F401, PLC0415
        from samples.custody.scales import permissions as scales  # noqa: F401, PLC0415
        from samples.field import permissions as field  # noqa: F401, PLC0415
        from samples.field import tasks as field_tasks  # noqa: F401, PLC0415
        from samples.registry import permissions, tasks  # noqa: F401, PLC0415
