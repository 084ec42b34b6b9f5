"""The key that opens what phones seal for the server: P-256, in a file, because every browser can seal to it."""

from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings

from lims.errors import DomainError, Invalid, Problem
from samples.field.envelopes import encoded


def _unusable(path: Path, why: str) -> DomainError:
    remedy = (
        "Set FIELD_KEY_FILE to a PEM file with a P-256 key: "
        f"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {path}"
    )
    return Invalid(Problem("field-key-unusable", f"The key that opens outboxes ({path}) {why}.", remedy))


def opening_key() -> EllipticCurvePrivateKey:
    """Return the key of FIELD_KEY_FILE; raises `Invalid` ("field-key-unusable") that says how to make one."""
    return _read(Path(settings.FIELD_KEY_FILE))


@lru_cache(maxsize=4)
def _read(path: Path) -> EllipticCurvePrivateKey:
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise _unusable(path, "is no PEM file of an unencrypted private key") from error
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise _unusable(path, "is no P-256 key")
    return private


def server_key() -> str:
    """Return the public half as phones take it: the uncompressed point (65 bytes) in base64url."""
    public = opening_key().public_key()
    return encoded(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
