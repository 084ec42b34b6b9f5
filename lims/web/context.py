"""What every page shows around itself."""

from typing import Any

from django.http import HttpRequest


def shell(_request: HttpRequest) -> dict[str, Any]:
    """Return nothing yet."""
    return {}
