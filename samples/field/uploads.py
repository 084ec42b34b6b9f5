"""Photographs that come in parts: resumed where they stopped, checked by their SHA-256 at the end.

What has come lies under FILES_ROOT/partial, apart from the store: only a picture without a place inside goes there
(`keep_photograph`), and what nobody took up is removed after a month.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from lims.errors import Conflict, Place, Problem, conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, SystemActor, verb
from samples.field import permissions  # noqa: F401  # permissions register by name
from samples.field.models import Device, PartialPhotograph

#: phones make them at most 400 kB; a signature or an older phone's picture may be larger
LARGEST_PHOTOGRAPH: Final = 4_000_000
KEPT_FOR: Final = timedelta(days=30)
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_RANGE: Final = re.compile(r"bytes (\d{1,10})-(\d{1,10})/(\d{1,10})")


@dataclass(frozen=True, slots=True)
class Part:
    """Which bytes of a photograph these are, from `first` to `last` of `size`."""

    first: int
    last: int
    size: int


def part_of(content_range: str, content: bytes) -> Part:
    """Return what a Content-Range header says. Raises `Invalid` ("range-malformed", "photograph-too-large").

    >>> part_of("bytes 0-3/10", b"abcd")
    Part(first=0, last=3, size=10)
    """
    found = _RANGE.fullmatch(content_range.strip())
    part = Part(*(int(number) for number in found.groups())) if found else Part(0, 0, 0)
    if not 0 <= part.first <= part.last < part.size or part.last - part.first + 1 != len(content):
        raise invalid(
            "range-malformed",
            "Content-Range does not fit what was sent.",
            "Send “bytes first-last/size” and these bytes.",
            field="Content-Range",
        )
    if part.size > LARGEST_PHOTOGRAPH:
        raise invalid(
            "photograph-too-large",
            f"{part.size} bytes.",
            f"At most {LARGEST_PHOTOGRAPH}.",
            field="Content-Range",
        )
    return part


def check_hash(sha256: str) -> str:
    """Return a SHA-256 in lower-case hexadecimal. Raises `Invalid` ("hash-malformed")."""
    if not _HASH.fullmatch(sha256):
        raise invalid("hash-malformed", "This is no SHA-256.", "Send 64 hexadecimal digits.", field="sha256")
    return sha256


def _path(device: Device, sha256: str) -> Path:
    return Path(settings.FILES_ROOT) / "partial" / str(device.pk) / check_hash(sha256)


def status_of(device: Device, sha256: str) -> PartialPhotograph | None:
    """Return how much of a photograph is here, None when nothing is."""
    return PartialPhotograph.objects.filter(device=device, sha256=check_hash(sha256)).first()


def _held(device: Device, sha256: str, size: int) -> PartialPhotograph:
    """Return the row of this photograph, locked; whoever sends the same at once waits here."""
    rows = PartialPhotograph.objects.select_for_update(no_key=True)
    PartialPhotograph.objects.bulk_create(
        [PartialPhotograph(device=device, sha256=sha256, size=size)], ignore_conflicts=True
    )
    return rows.get(device=device, sha256=sha256)


@verb
def keep_part(*, actor: Actor, device: Device, sha256: str, part: Part, content: bytes) -> PartialPhotograph:
    """Keep the next part of a photograph; a part that is here already changes nothing.

    Raises `Conflict` ("part-not-next", with `received`) or `Invalid` ("photograph-altered": it begins anew).
    """
    permit(actor, "field.use", device)
    check_hash(sha256)
    held = _held(device, sha256, part.size)
    if held.finished_at is not None or (part.size == held.size and part.last < held.received):
        return held
    if part.first != held.received or part.size != held.size:
        if part.first != 0:
            raise _not_next(held)
        held.size, held.received = part.size, 0
    path = _path(device, sha256)
    _write(path, part.first, content)
    held.received = part.last + 1
    if held.received == held.size:
        if hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            held.finished_at = timezone.now()
        else:
            held.received = 0
    held.save(update_fields=["size", "received", "finished_at"])
    return held


def _not_next(held: PartialPhotograph) -> Conflict:
    place, extra = Place(field="Content-Range"), {"received": held.received}
    message = f"{held.received} of {held.size} bytes are here."
    return Conflict(Problem("part-not-next", message, "Go on from there.", place, extra))


def _write(path: Path, offset: int, content: bytes) -> None:
    """Write a part where it belongs; it is on the disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        file.seek(offset)
        file.write(content)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


@verb
def keep_whole(*, actor: Actor, device: Device, content: bytes) -> PartialPhotograph | None:
    """Keep a photograph that came whole, in a file that was carried; None for what is none of ours."""
    permit(actor, "field.use")
    if not 0 < len(content) <= LARGEST_PHOTOGRAPH:
        return None
    sha256 = hashlib.sha256(content).hexdigest()
    held = _held(device, sha256, len(content))
    if held.finished_at is None:
        _write(_path(device, sha256), 0, content)
        held.size = held.received = len(content)
        held.finished_at = timezone.now()
        held.save(update_fields=["size", "received", "finished_at"])
    return held


def content_of(device: Device, sha256: str) -> bytes:
    """Return the bytes of a photograph that has come whole. Raises `Conflict` ("photograph-awaited")."""
    held = status_of(device, sha256)
    content = b""
    if held is not None and held.finished_at is not None:
        try:
            content = _path(device, sha256).read_bytes()
        except FileNotFoundError:
            content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise conflict(
            "photograph-awaited",
            "The photograph has not come yet.",
            "Send the photograph, then this again.",
            field="sha256",
        )
    return content


@verb
def purge_parts(*, actor: SystemActor) -> int:  # noqa: ARG001  # the verb records who
    """Remove photographs that came more than a month ago: what was taken up lies in the store. Return how many."""
    old = list(
        PartialPhotograph.objects.select_for_update(of=("self",))
        .select_related("device")
        .filter(started_at__lt=timezone.now() - KEPT_FOR)
        .order_by("pk")[:1000]
    )
    for held in old:
        _path(held.device, held.sha256).unlink(missing_ok=True)
    PartialPhotograph.objects.filter(pk__in=[held.pk for held in old]).delete()
    return len(old)
