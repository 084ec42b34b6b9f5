"""How often one caller may call; when Valkey is away, work goes on unthrottled."""

from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

if TYPE_CHECKING:
    # DRF's views import these settings' classes in turn.
    from rest_framework.views import APIView

log = structlog.get_logger(__name__)


class _OpenWithoutCache(SimpleRateThrottle):
    """Count in the cache, but let callers through when it cannot be reached: counting serves them, not us."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Return whether the caller may go on."""
        try:
            return super().allow_request(request, view)
        except RedisError as error:
            log.warning("throttle-without-cache", error=type(error).__name__)
            return True


class PerPerson(_OpenWithoutCache, UserRateThrottle):
    """Calls of one signed-in person."""

    scope = "person"


class Anonymous(_OpenWithoutCache, AnonRateThrottle):
    """Calls from one address without a sign-in."""

    scope = "anonymous"
