"""Triggers and grants, attached after every migration."""


def connect() -> None:
    """Attach after migrations."""
