"""How a device's token is described in the API's description (OpenAPI)."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from samples.field.authentication import SCHEME


class DeviceScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library registers it
    """`Authorization: Device <token>`."""

    target_class = "samples.field.authentication.DeviceAuthentication"
    name = "deviceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the header that carries the token."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"“{SCHEME} <token>”, as `POST /api/v1/field/devices/` gave it.",
        }
