"""What phones sign and seal: Ed25519 signatures, and envelopes that only the server opens. No database.

An envelope is ECDH on P-256 between a key made for it alone and the server's key, HKDF-SHA-256 with an empty salt, and
AES-256-GCM without further data (NIST SP 800-56A, RFC 5869, NIST SP 800-38D): what WebCrypto has in every browser.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lims.errors import Invalid, invalid

#: what an envelope is for goes into its key, so that one cannot stand for the other
OUTBOX: Final = "lims-outbox-1"
SECRET: Final = "lims-secret-1"  # noqa: S105  # the name of a use, not a secret
_ALPHABET: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_NONCE_BYTES: Final = 12


def encoded(content: bytes) -> str:
    """Return bytes in base64url without padding.

    >>> encoded(b"Dy?>")
    'RHk_Pg'
    """
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: Any, *, field: str) -> bytes:
    """Return the bytes of base64url without padding. Raises `Invalid` ("base64-unreadable").

    >>> decoded("RHk_Pg", field="nonce")
    b'Dy?>'
    """
    try:
        if not isinstance(text, str) or not _ALPHABET.issuperset(text):
            raise ValueError
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise invalid(
            "base64-unreadable", f"{field} is no base64url.", "Send it again.", field=field
        ) from error


def signed_by(public_key: str, signature: Any, content: bytes) -> bool:
    """Return whether `signature` (base64url) of `content` was made with the key whose public half this is."""
    try:
        key = Ed25519PublicKey.from_public_bytes(decoded(public_key, field="public_key"))
        key.verify(decoded(signature, field="signature"), content)
    except (Invalid, ValueError, InvalidSignature):
        return False
    return True


def is_signing_key(public_key: str) -> bool:
    """Return whether this is the public half of an Ed25519 key: 32 bytes in base64url."""
    try:
        return len(decoded(public_key, field="public_key")) == 32
    except Invalid:
        return False


def _key(mine: EllipticCurvePrivateKey, theirs: EllipticCurvePublicKey, use: str) -> AESGCM:
    shared = mine.exchange(ECDH(), theirs)
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=use.encode()).derive(shared))


def seal(server_key: str, use: str, content: bytes) -> dict[str, str]:
    """Return `content` sealed to the server, as a phone does it: `ephemeral`, `nonce`, `ciphertext`."""
    theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decoded(server_key, field="server_key"))
    mine, nonce = generate_private_key(SECP256R1()), os.urandom(_NONCE_BYTES)
    point = mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    ciphertext = _key(mine, theirs, use).encrypt(nonce, content, None)
    return {"ephemeral": encoded(point), "nonce": encoded(nonce), "ciphertext": encoded(ciphertext)}


def opened(key: EllipticCurvePrivateKey, use: str, envelope: Any) -> bytes:
    """Return what an envelope holds. Raises `Invalid` ("envelope-unreadable") for anything that is none of ours.

    >>> from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key
    >>> mine = generate_private_key(SECP256R1())
    >>> point = mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    >>> opened(mine, SECRET, seal(encoded(point), SECRET, b"4711"))
    b'4711'
    """
    try:
        given = envelope if isinstance(envelope, Mapping) else {}
        parts = {name: decoded(given.get(name), field=name) for name in ("ephemeral", "nonce", "ciphertext")}
        if len(parts["nonce"]) != _NONCE_BYTES:
            raise ValueError("a nonce has 12 bytes")
        theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), parts["ephemeral"])
        return _key(key, theirs, use).decrypt(parts["nonce"], parts["ciphertext"], None)
    except (Invalid, ValueError, InvalidTag) as error:
        raise invalid(
            "envelope-unreadable",
            "It was not sealed for this server, or it was altered.",
            "Export it again on the phone; check that the phone belongs to this server.",
            field="ciphertext",
        ) from error
