"""Who calls: a device with its token, or a person with a browser's session."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from lims.accounts.authentication import SessionAuthentication, TokenAuthentication
from lims.accounts.models import User
from lims.errors import invalid
from samples.field.models import Device
from samples.field.queries import device_of_token

SCHEME = "Device"


class DeviceAuthentication(BaseAuthentication):
    """`Authorization: Device <token>`: the device, and in whose name it speaks."""

    def authenticate(self, request: Request) -> tuple[User, Device] | None:
        """Return person and device; None without such a header.

        Raises `AuthenticationFailed` ("device-unknown", "device-login-expired"). A device that was revoked comes
        in for as long as it has something to send: that goes into quarantine.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != SCHEME:
            return None
        device = device_of_token(token.strip())
        if device is None:
            raise AuthenticationFailed("Sign in on this device again.", "device-unknown")
        seen = device.last_seen_at or device.enrolled_at
        kept = timedelta(days=settings.FIELD_OFFLINE_DAYS)
        if device.revoked_at is None and timezone.now() - seen > kept:
            raise AuthenticationFailed(
                "The device was away for too long: sign in again. Nothing on it is lost.",
                "device-login-expired",
            )
        return device.person, device

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme that a device should use."""
        return SCHEME


#: a device first; people come with their session or a token of their own
DEVICES: tuple[type[Any], ...] = (DeviceAuthentication, TokenAuthentication, SessionAuthentication)
PEOPLE: tuple[type[Any], ...] = (SessionAuthentication, TokenAuthentication)


def device_in(request: Request) -> Device:
    """Return the device that calls. Raises `Invalid` ("device-missing") when a person calls without one."""
    device = request.auth
    if not isinstance(device, Device):
        raise invalid(
            "device-missing",
            "Only an enrolled device sends this.",
            "Enrol the device, then send its token: “Authorization: Device …”.",
            field="Authorization",
        )
    return device
