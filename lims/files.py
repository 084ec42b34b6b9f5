"""Files as they came, kept by their content: the same bytes are the same file, and its name is their SHA-256."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

from lims.errors import NotFound, Problem


def _path(sha256: str) -> Path:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    return Path(settings.FILES_ROOT) / sha256[:2] / sha256


def put(content: bytes) -> str:
    """Keep `content` and return its SHA-256 in hexadecimal; keeping it again changes nothing.

    It is on the disk, under its final name and whole, before this returns.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    target = _path(sha256)
    if target.exists():
        return sha256
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(target)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return sha256


def get(sha256: str) -> bytes:
    """Return the file with this SHA-256. Raises `NotFound` ("file-missing", "file-altered")."""
    try:
        content = _path(sha256).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(
            Problem(
                "file-missing", f"The file {sha256[:12]}… is not in the store.", "Restore it from a backup."
            )
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise NotFound(
            Problem(
                "file-altered",
                f"The file {sha256[:12]}… is not what was stored.",
                "Restore it from a backup.",
            )
        )
    return content
