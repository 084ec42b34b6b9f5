"""The Django app of what every floor stands on."""

from django.apps import AppConfig


class LimsConfig(AppConfig):
    """People, the record, due work, the API's and the pages' common parts."""

    name = "lims"
    verbose_name = "Foundation"

    def ready(self) -> None:
        """Connect the parts that Django does not look for by itself."""
        from lims.accounts import permissions, schema  # noqa: F401, PLC0415  # register themselves by name
        from lims.ledger import attach, tasks  # noqa: F401, PLC0415  # tasks register what they do

        attach.connect()
