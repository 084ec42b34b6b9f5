"""Identifiers that sort by the time they were made (UUIDv7, RFC 9562)."""

import uuid

import uuid_utils


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7 as a standard `uuid.UUID`.

    Made by a library: neither Python 3.11 nor PostgreSQL before 18 makes them.

    >>> uuid7().version
    7
    """
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)
