"""The signing key: an Ed25519 key in a file, never in the database, so that the database's owner cannot sign."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings

from lims.errors import DomainError, Invalid, Problem


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private key and the id under which seals name it."""

    private: Ed25519PrivateKey
    id: str

    def sign(self, chain: bytes) -> bytes:
        """Return the signature of a chain value."""
        return self.private.sign(chain)


def key_id(public: Ed25519PublicKey) -> str:
    """Return the id of a key: the first 16 hexadecimal digits of the SHA-256 of its public half."""
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _unusable(path: Path, why: str) -> DomainError:
    remedy = f"Set LEDGER_KEY_FILE to a PEM file with an Ed25519 key: openssl genpkey -algorithm ed25519 -out {path}"
    return Invalid(Problem("ledger-key-unusable", f"The key that seals the record ({path}) {why}.", remedy))


def signing_key() -> SigningKey:
    """Return the key of LEDGER_KEY_FILE; raises `Invalid` ("ledger-key-unusable") that says how to make one."""
    path = Path(settings.LEDGER_KEY_FILE)
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise _unusable(path, "is no PEM file of an unencrypted private key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _unusable(path, "is no Ed25519 key")
    return SigningKey(private, key_id(private.public_key()))


def public_keys(files: Iterable[Path] = ()) -> Mapping[str, Ed25519PublicKey]:
    """Return the keys that seals may be signed with, by id.

    With `files` (PEM public keys) only those; else that of LEDGER_KEY_FILE and of earlier keys, whose public
    halves lie beside it as `*.pub`.
    """
    paths = list(files)
    keys = []
    if not paths:
        keys.append(signing_key().private.public_key())
        paths = sorted(Path(settings.LEDGER_KEY_FILE).parent.glob("*.pub"))
    for path in paths:
        try:
            key = load_pem_public_key(path.read_bytes())
        except (OSError, ValueError) as error:
            raise _unusable(path, "is no readable PEM public key") from error
        if not isinstance(key, Ed25519PublicKey):
            raise _unusable(path, "is no Ed25519 key")
        keys.append(key)
    return {key_id(key): key for key in keys}


def signed_by(keys: Mapping[str, Ed25519PublicKey], name: str, signature: bytes, chain: bytes) -> bool:
    """Return whether `signature` of `chain` is that of the known key `name`."""
    if name not in keys:
        return False
    try:
        keys[name].verify(signature, chain)
    except InvalidSignature:
        return False
    return True
