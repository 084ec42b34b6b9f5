"""Which database alias does what: the application's role works, the owner's role migrates."""

from typing import Any


class OwnerMigrates:
    """Send every read and write to `default`, and every migration to `owner`.

    Both aliases are the same database under two roles: the application's role may not alter tables.
    """

    def db_for_read(self, _model: type, **_hints: Any) -> str:
        return "default"

    def db_for_write(self, _model: type, **_hints: Any) -> str:
        return "default"

    def allow_relation(self, *_objects: Any, **_hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, _app_label: str, **_hints: Any) -> bool:
        return db == "owner"
