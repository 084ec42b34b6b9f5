"""How often one caller may call; while Valkey is away, work goes on uncounted (config/cache.py)."""

from rest_framework.throttling import AnonRateThrottle, UserRateThrottle


class PerPerson(UserRateThrottle):
    """Calls of one signed-in person."""

    scope = "person"


class Anonymous(AnonRateThrottle):
    """Calls from one address without a sign-in."""

    scope = "anonymous"
