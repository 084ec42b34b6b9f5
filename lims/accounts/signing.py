"""Electronic signatures: whoever signs gives the password again, and the signature is bound to what was signed."""

import hashlib
import json
from typing import Final

from django.contrib.auth.hashers import check_password
from django.core.cache import cache

from lims.accounts.models import User
from lims.errors import invalid

#: wrong passwords after which a person waits, and for how long
TRIES: Final = 5
LOCKED_S: Final = 15 * 60


def signature_of(user: User, said: tuple[str, ...], *, password: str) -> str:
    """Return the signature of a person under what they said, once the password shows that it is they.

    It is `digest_of` that person and those words: whoever has the row can prove to what it belongs. Raises `Invalid`
    ("password-none", "signing-locked", "password-wrong"), all of the field `password`.
    """
    if not user.has_usable_password():
        remedy = "Choose one under “Your account”, then sign."
        raise invalid("password-none", "You have no password to sign with.", remedy, field="password")
    key = f"signing-{user.pk}"
    if cache.get(key, 0) >= TRIES:
        remedy = "Wait a quarter of an hour."
        raise invalid("signing-locked", "Too many wrong passwords.", remedy, field="password")
    if not check_password(password, user.password):
        cache.add(key, 0, LOCKED_S)
        cache.incr(key)
        raise invalid("password-wrong", "This is not your password.", "Type it again.", field="password")
    cache.delete(key)
    return digest_of(str(user.pk), said)


def digest_of(person: str, said: tuple[str, ...]) -> str:
    """Return the SHA-256 over a person's id and what they signed, in hexadecimal.

    >>> digest_of("0197", ("review", "approved"))[:12]
    '96728de2dc5e'
    """
    text = json.dumps([person, *said], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
