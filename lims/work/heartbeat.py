"""Heartbeat."""

LATE_AFTER_S = 30


def age_s() -> float | None:
    """Return nothing yet."""
    return None
