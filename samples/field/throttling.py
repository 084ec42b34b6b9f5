"""How often one person's devices may call: counted by the minute, in each web process by itself."""

import time
from typing import Any, ClassVar, Final

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

_WINDOW_S: Final = 60
_USUAL: Final = "60000/min"


class PerDevice(BaseThrottle):
    """Calls of one person's devices. A phone that empties its outbox may be quick, so counting costs no round trip."""

    minute: ClassVar[int] = 0
    counted: ClassVar[dict[Any, int]] = {}

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return whether the caller may call once more in this minute."""
        most = int(str(api_settings.DEFAULT_THROTTLE_RATES.get("device") or _USUAL).partition("/")[0])
        minute = int(time.time()) // _WINDOW_S
        if minute != PerDevice.minute:
            PerDevice.minute, PerDevice.counted = minute, {}
        caller = request.user.pk or request.META.get("REMOTE_ADDR", "")
        PerDevice.counted[caller] = PerDevice.counted.get(caller, 0) + 1
        return PerDevice.counted[caller] <= most

    def wait(self) -> float:
        """Return in how many seconds the next minute begins."""
        return _WINDOW_S - time.time() % _WINDOW_S
