"""What a person confirms a hand-over with on somebody else's phone: a short PIN, or a personal code shown as QR."""

import base64
import hmac
import secrets
from datetime import timedelta
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone

from lims.accounts.models import HandOverCode, User
from lims.accounts.queries import digest
from lims.errors import Invalid, invalid
from lims.verbs import Actor, verb

#: how many digits a PIN has
SHORTEST_PIN: Final = 4
LONGEST_PIN: Final = 8
#: after so many wrong ones nothing is accepted for a while (D)
TRIES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
#: how the text of a personal code begins, so that a scanner's user sees what it is
PREFIX: Final = "LIMS-HO-"
_RUNS: Final = ("01234567890123456789", "98765432109876543210")


@verb
def set_pin(*, actor: User, pin: str) -> HandOverCode:
    """Set one's own PIN of 4 to 8 digits; an older one ends. Raises `Invalid` ("pin-malformed", "pin-weak")."""
    wanted = _fitting(pin)
    held = _held(actor)
    held.pin_hash, held.set_at = make_password(wanted), timezone.now()
    held.failures, held.locked_until = 0, None
    held.save(update_fields=["pin_hash", "set_at", "failures", "locked_until"])
    return held


def _fitting(pin: str) -> str:
    digits = pin.strip()
    if not (SHORTEST_PIN <= len(digits) <= LONGEST_PIN and digits.isascii() and digits.isdigit()):
        raise _unfit("pin-malformed", f"A PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits, and nothing else.")
    if len(set(digits)) == 1 or any(digits in run for run in _RUNS):
        raise _unfit("pin-weak", "Everybody tries this one first.")
    return digits


def _unfit(code: str, message: str) -> Invalid:
    return invalid(code, message, "Choose another one.", field="pin")


@verb
def renew_code(*, actor: User) -> str:
    """Make oneself a new personal code and return its text, which is not kept; an older one ends."""
    secret = PREFIX + base64.b32encode(secrets.token_bytes(20)).decode()
    held = _held(actor)
    held.qr_sha256, held.set_at = digest(secret), timezone.now()
    held.save(update_fields=["qr_sha256", "set_at"])
    return secret


@verb
def forget_codes(*, actor: User) -> HandOverCode:
    """End one's own PIN and personal code: one confirms by a drawn signature then."""
    held = _held(actor)
    held.pin_hash = held.qr_sha256 = ""
    held.failures, held.locked_until = 0, None
    held.save(update_fields=["pin_hash", "qr_sha256", "failures", "locked_until"])
    return held


def _held(person: User) -> HandOverCode:
    rows = HandOverCode.objects.select_for_update(of=("self",))
    return rows.get_or_create(person=person)[0]


def code_of(person: User) -> HandOverCode | None:
    """Return what the person confirms with, if anything."""
    return HandOverCode.objects.filter(person=person).first()


def whose_code(secret: str) -> User | None:
    """Return the active person whose personal code this is; None for a code of nobody."""
    if not secret.startswith(PREFIX):
        return None
    rows = HandOverCode.objects.filter(qr_sha256=digest(secret), person__is_active=True)
    found = rows.select_related("person").first()
    return found.person if found else None


def against_code(person: User, *, how: str, secret: str) -> Invalid | None:
    """Return what speaks against a PIN (`how` is "PIN") or personal code ("QR"); None when it is the person's.

    Belongs into a verb: it counts wrong ones and locks after five. Codes: "confirmation-none", "confirmation-locked",
    "confirmation-wrong".
    """
    now = timezone.now()
    held = HandOverCode.objects.select_for_update(of=("self",)).filter(person=person).first()
    kept = (held.pin_hash if how == "PIN" else held.qr_sha256) if held else ""
    if held is None or not kept:
        what = "no PIN" if how == "PIN" else "no personal code"
        return _refused("confirmation-none", f"{person.name} has set {what}.", "Sign on the screen instead.")
    if held.locked_until is not None and held.locked_until > now:
        wait = "Wait a quarter of an hour, or sign on the screen."
        return _refused("confirmation-locked", f"Too many wrong ones for {person.name}.", wait)
    secret = secret.strip()
    right = check_password(secret, kept) if how == "PIN" else hmac.compare_digest(digest(secret), kept)
    if not right:
        _count(held)
        return _refused("confirmation-wrong", f"This is not {person.name}'s.", "Try it again.")
    if held.failures or held.locked_until:
        held.failures, held.locked_until = 0, None
        held.save(update_fields=["failures", "locked_until"])
    return None


def _refused(code: str, message: str, remedy: str) -> Invalid:
    return invalid(code, message, remedy, field="secret")


def _count(held: HandOverCode) -> None:
    held.failures += 1
    if held.failures >= TRIES:
        held.failures, held.locked_until = 0, timezone.now() + LOCKED_FOR
    held.save(update_fields=["failures", "locked_until"])


@verb
def count_failure(*, actor: Actor, person: User) -> None:
    """Count a wrong PIN or code whose act was refused, and with it undone: guessing must not stay free."""
    del actor
    held = HandOverCode.objects.select_for_update(of=("self",)).filter(person=person).first()
    if held is not None:
        _count(held)
