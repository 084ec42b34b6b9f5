"""How often one device may call: counted by the minute, with the same effort whatever the rate."""

import time
from typing import Any, Final

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

_WINDOW_S: Final = 60
_USUAL: Final = "60000/min"


class PerDevice(BaseThrottle):
    """Calls of one person's devices; while Valkey is away, work goes on uncounted (config/cache.py)."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return whether the caller may call once more in this minute."""
        most = int(str(api_settings.DEFAULT_THROTTLE_RATES.get("device") or _USUAL).partition("/")[0])
        caller = request.user.pk or request.META.get("REMOTE_ADDR", "")
        key = f"field:{caller}:{int(time.time()) // _WINDOW_S}"
        try:
            return cache.incr(key) <= most
        except ValueError:  # the first call of this minute
            cache.add(key, 1, 2 * _WINDOW_S)
            return True

    def wait(self) -> float:
        """Return in how many seconds the next minute begins."""
        return _WINDOW_S - time.time() % _WINDOW_S
