"""What is looked at before a trial starts, each with a clear answer when it is not in order."""

import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from config.trial.errors import TrialError

SERVER_VARIABLES: Final = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
#: below this PostgreSQL and the logs of a day would soon stand still
MIN_FREE_BYTES: Final = 200 * 1024 * 1024


def own_servers(environment: Mapping[str, str]) -> bool:
    """Return whether the environment names servers to use; raises `TrialError` when it names only some.

    >>> own_servers({})
    False
    """
    given = [name for name in SERVER_VARIABLES if environment.get(name)]
    missing = [name for name in SERVER_VARIABLES if name not in given]
    if given and missing:
        raise TrialError(
            "servers-half-named",
            f"{', '.join(given)} is set, {', '.join(missing)} is not.",
            "Set all three to use servers of your own, or none of them.",
        )
    return bool(given)


def check_disk(folder: Path, *, least: int = MIN_FREE_BYTES) -> None:
    """Raise `TrialError` ("disk-full") when less than `least` bytes are free where `folder` is."""
    free = shutil.disk_usage(folder).free
    if free < least:
        raise TrialError(
            "disk-full",
            f"Only {free // 1024**2} MB are free where {folder} is; a trial needs {least // 1024**2} MB.",
            "Make room, or keep the data elsewhere with DATA_DIR.",
        )


def check_writable(folder: Path) -> None:
    """Raise `TrialError` ("data-not-writable") when files cannot be made in `folder`."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise TrialError(
            "data-not-writable", f"{folder} cannot be written.", "Keep the data elsewhere with DATA_DIR."
        )


def check_port(host: str, port: int) -> None:
    """Raise `TrialError` ("port-in-use") when something listens on the port already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise TrialError(
                "port-in-use",
                f"Port {port} on {host} cannot be used: {error.strerror}.",
                "Set PORT to another one.",
            ) from error
