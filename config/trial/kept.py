"""What a trial keeps in its data folder besides the servers' files, and the settings that follow from it."""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

#: addresses that stand for every network of the machine
EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  # compared with, not bound to


def _secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the content of the secret file `path`, made once and readable by its owner only."""
    if not path.exists():
        fresh = path.with_name(f".{path.name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    return path.read_bytes()


def _signing_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def opening_key() -> bytes:
    """Return a key to open what phones seal for the server (ECDH on P-256: every browser has it)."""
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def address_of(host: str, port: int) -> str:
    """Return where a person on this machine finds the trial.

    >>> address_of("0.0.0.0", 8000), address_of("::1", 80)
    ('http://127.0.0.1:8000', 'http://[::1]:80')
    """
    reached = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def settings_of(data: Path, host: str, port: int, given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a trial with its data in `data`; secrets are made once and kept there.

    `given` is the environment that we were started with: it may name other hosts and another address.
    """
    for folder in ("files", "keys", "log", "run", "witness"):
        (data / folder).mkdir(mode=0o700, exist_ok=True)
    key = data / "keys" / "ledger_ed25519"
    _secret(key, _signing_key)
    field_key = data / "keys" / "field_p256"
    _secret(field_key, opening_key)
    secret = _secret(data / "keys" / "secret_key", lambda: secrets.token_urlsafe(60).encode()).decode()
    hosts = ["localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host]
    return {
        "TRIAL": "1",
        "SECRET_KEY": secret,
        "DATA_DIR": str(data),
        "LEDGER_KEY_FILE": str(key),
        "FIELD_KEY_FILE": str(field_key),
        "LEDGER_WITNESS_FILE": str(data / "witness" / "seals.jsonl"),
        "FILES_ROOT": str(data / "files"),
        "RUN_DIR": str(data / "run"),
        "ALLOWED_HOSTS": given.get("ALLOWED_HOSTS") or ",".join(dict.fromkeys(hosts)),
        "SITE_ADDRESS": given.get("SITE_ADDRESS") or address_of(host, port),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "HOST": host,
        "PORT": str(port),
    }
