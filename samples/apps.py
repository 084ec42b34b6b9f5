"""The Django app from the mine to the laboratory's door."""

from django.apps import AppConfig


class SamplesConfig(AppConfig):
    """Mines, batches, samples, and their custody on the road; the field application later."""

    name = "samples"
    verbose_name = "Samples"

    def ready(self) -> None:
        """Register who may do what, by name, and what workers do."""
        from samples.custody import permissions as custody  # noqa: F401, PLC0415
        from samples.registry import permissions, tasks  # noqa: F401, PLC0415
