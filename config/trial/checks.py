"""What is looked at before a trial starts, each with a clear answer when it is not in order."""

import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psycopg
import redis

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


def check_servers(environment: Mapping[str, str]) -> None:
    """Raise `TrialError` ("server-unreachable") naming the variable whose server does not answer within 5 s."""
    try:
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            psycopg.connect(environment[name], connect_timeout=5).close()
        name = "REDIS_URL"
        with redis.Redis.from_url(environment[name], socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (psycopg.Error, redis.RedisError, ValueError) as error:
        raise TrialError(
            "server-unreachable",
            f"The server that {name} names does not answer: {error}",
            f"Start it, or mend {name}.",
        ) from error


def check_disk(folder: Path, *, least: int = MIN_FREE_BYTES) -> None:
    """Raise `TrialError` ("disk-full") when less than `least` bytes are free where `folder` is."""
    free = shutil.disk_usage(folder).free
    if free < least:
        raise TrialError(
            "disk-full",
            f"Only {free // 1024**2} MB are free where {folder} is; a trial needs {least // 1024**2} MB.",
            "Make room, or keep the data elsewhere with DATA_DIR.",
        )


def make_folder(folder: Path) -> None:
    """Make the data folder, closed to others; raises `TrialError` ("data-not-writable") when that cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "it is not yours to write")
    except OSError as error:
        raise TrialError(
            "data-not-writable",
            f"{folder} cannot be used for the data: {error.strerror}.",
            "Keep the data elsewhere with DATA_DIR.",
        ) from error


def port_of(text: str) -> int:
    """Return the TCP port that PORT names; raises `TrialError` ("port-unknown") when it names none.

    >>> port_of("8000")
    8000
    """
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise TrialError("port-unknown", f"PORT is {text!r}, which is no port.", "Set PORT to 1 … 65535.")
    return int(text)


def check_port(host: str, port: int) -> None:
    """Raise `TrialError` ("port-in-use") when something listens on the port already, or it is not ours to use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise TrialError(
                "port-in-use",
                f"Port {port} on {host} cannot be used: {error.strerror}.",
                f"Set PORT to another one: PORT={port + 1 if port < 65535 else 8000} make run",
            ) from error
