"""What is known of a device from its contacts: by how much its clock is off, and whether a contact tells anything new."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from samples.field.models import Device
from samples.field.rules import CONTACT_EVERY, corrected_by

#: the way through the network takes seconds; a clock that was set jumps further
_JUMP: Final = timedelta(seconds=30)


def _offset_of(device: Device) -> timedelta:
    return timedelta(seconds=float(device.clock_offset_s or 0))


def known_offset(device: Device) -> timedelta:
    """Return by how much the times of a device are corrected when it does not say itself what time it has."""
    return corrected_by(_offset_of(device))


def is_news(device: Device, *, offset: timedelta, unsent: int | None, app_version: str) -> bool:
    """Return whether a contact is worth writing down: once a minute, or when something else is to be told of it."""
    recent = device.last_seen_at is not None and timezone.now() - device.last_seen_at < CONTACT_EVERY
    changed = app_version != device.app_version or (unsent == 0) != (device.unsent == 0)
    return not recent or changed or abs(offset - _offset_of(device)) > _JUMP
